package io.odradek.group;

import io.odradek.coordinator.CoordinatorRecord;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.Uuid;

/** A group of any kind, as far as those need to know it who deal with groups in general. Belongs to one shard. */
public interface Group {
    String groupId();

    GroupType type();

    /** As ListGroups and DescribeGroups tell it. */
    GroupState state();

    /** "consumer" for groups of consumers, "connect" for those of Connect workers, empty where nobody has said. */
    Optional<String> protocolType();

    /**
     * Whether this member may commit offsets.
     *
     * @throws org.apache.kafka.common.errors.ApiException as Kafka: UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION,
     *     STALE_MEMBER_EPOCH, FENCED_INSTANCE_ID, REBALANCE_IN_PROGRESS
     */
    void validateOffsetCommit(OffsetCommitter committer);

    /**
     * Whether this member may commit offsets of this partition. Asked for each partition after {@link
     * #validateOffsetCommit(OffsetCommitter)} has passed: a member that is behind may still commit what it owned already
     * in its epoch.
     *
     * @param topicId zero if the topic is unknown
     * @throws org.apache.kafka.common.errors.ApiException as Kafka: STALE_MEMBER_EPOCH, ILLEGAL_GENERATION; the error of
     *     this partition alone. In TxnOffsetCommit, which does not know the former, both are ILLEGAL_GENERATION
     */
    default void validateOffsetCommit(OffsetCommitter committer, Uuid topicId, int partition) {}

    /**
     * Whether this member may read the group's offsets.
     *
     * @param memberId empty if the client did not say (an Admin client)
     * @param memberEpoch -1 if it did not say
     * @throws org.apache.kafka.common.errors.ApiException UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH
     */
    void validateOffsetFetch(Optional<String> memberId, int memberEpoch);

    /**
     * Whether offsets of the group may be deleted one by one.
     *
     * @throws org.apache.kafka.common.errors.ApiException NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND
     */
    void validateOffsetDelete();

    /**
     * Whether the group may be deleted.
     *
     * @throws org.apache.kafka.common.errors.ApiException NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND
     */
    void validateDelete();

    /** Whether members are subscribed to the topic, or may be: then its offsets neither expire nor are deleted. */
    boolean isSubscribedTo(String topic);

    /** When the group's offsets expire, counted from which moment; empty as long as they do not. */
    Optional<OffsetExpiration> offsetExpiration();

    /** Records that delete all that is written of the group, but for its offsets. */
    List<CoordinatorRecord> tombstones();
}
