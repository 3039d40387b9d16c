package io.odradek.group;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.coordinator.Decision;
import java.util.ArrayList;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.StaleMemberEpochException;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData.TxnOffsetCommitResponsePartition;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData.TxnOffsetCommitResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.Time;

/** Decides what members, and consumers outside of any group, may commit. */
final class OffsetCommits {
    /** Before it, clients do not know GROUP_ID_NOT_FOUND (KIP-848). */
    private static final short FIRST_WITH_GROUP_ID_NOT_FOUND = 9;

    private static final long NO_RETENTION_TIME = -1;

    private final Groups groups;
    private final Time time;
    private final IntSupplier maxMetadataLength;

    /** @param maxMetadataLength in characters, though Kafka's setting says bytes */
    OffsetCommits(Groups groups, Time time, IntSupplier maxMetadataLength) {
        this.groups = groups;
        this.time = time;
        this.maxMetadataLength = maxMetadataLength;
    }

    Decision<OffsetCommitResponseData> commit(OffsetCommitRequestData request, short version) {
        var committer = new OffsetCommitter(
                request.memberId(),
                Optional.ofNullable(request.groupInstanceId()),
                request.generationIdOrMemberEpoch(),
                false,
                version);
        var group = groupOf(request.groupId(), committer);
        group.ifPresent(g -> g.validateOffsetCommit(committer));

        long nowMs = time.milliseconds();
        long expireTimestampMs = request.retentionTimeMs() == NO_RETENTION_TIME
                ? CommittedOffset.NO_EXPIRE_TIMESTAMP
                : nowMs + request.retentionTimeMs();
        var records = new ArrayList<CoordinatorRecord>();
        var response = new OffsetCommitResponseData();
        for (var topic : request.topics()) {
            var answer =
                    new OffsetCommitResponseTopic().setTopicId(topic.topicId()).setName(topic.name());
            response.topics().add(answer);
            for (var partition : topic.partitions()) {
                var error = metadataError(partition.committedMetadata());
                if (error == Errors.NONE) {
                    group.ifPresent(
                            g -> g.validateOffsetCommit(committer, topic.topicId(), partition.partitionIndex()));
                    records.add(OffsetRecords.commit(
                            OffsetRecords.key(request.groupId(), topic.name(), partition.partitionIndex()),
                            topic.topicId(),
                            partition.committedOffset(),
                            partition.committedLeaderEpoch(),
                            partition.committedMetadata(),
                            nowMs,
                            expireTimestampMs));
                }
                answer.partitions()
                        .add(new OffsetCommitResponsePartition()
                                .setPartitionIndex(partition.partitionIndex())
                                .setErrorCode(error.code()));
            }
        }
        return Decision.of(records, response);
    }

    /** @param topicIds of the topics as they are now: the request has none */
    Decision<TxnOffsetCommitResponseData> commitInTransaction(
            TxnOffsetCommitRequestData request, short version, TopicIds topicIds) {
        var committer = new OffsetCommitter(
                request.memberId(),
                Optional.ofNullable(request.groupInstanceId()),
                request.generationId(),
                true,
                version);
        try {
            var group = groupOf(request.groupId(), committer);
            group.ifPresent(g -> g.validateOffsetCommit(committer));
            return commitInTransaction(request, committer, group, topicIds);
        } catch (StaleMemberEpochException unknownToProducers) {
            throw Errors.ILLEGAL_GENERATION.exception();
        }
    }

    @FunctionalInterface
    interface TopicIds {
        /** Zero if there is no such topic. */
        Uuid of(String topic);
    }

    private Decision<TxnOffsetCommitResponseData> commitInTransaction(
            TxnOffsetCommitRequestData request, OffsetCommitter committer, Optional<Group> group, TopicIds topicIds) {
        long nowMs = time.milliseconds();
        var records = new ArrayList<CoordinatorRecord>();
        var response = new TxnOffsetCommitResponseData();
        for (var topic : request.topics()) {
            var answer = new TxnOffsetCommitResponseTopic().setName(topic.name());
            response.topics().add(answer);
            var topicId = topicIds.of(topic.name());
            for (var partition : topic.partitions()) {
                var error = metadataError(partition.committedMetadata());
                if (error == Errors.NONE) {
                    group.ifPresent(g -> g.validateOffsetCommit(committer, topicId, partition.partitionIndex()));
                    records.add(OffsetRecords.commit(
                            OffsetRecords.key(request.groupId(), topic.name(), partition.partitionIndex()),
                            // As Kafka, whose request does not have it either.
                            Uuid.ZERO_UUID,
                            partition.committedOffset(),
                            partition.committedLeaderEpoch(),
                            partition.committedMetadata(),
                            nowMs,
                            CommittedOffset.NO_EXPIRE_TIMESTAMP));
                }
                answer.partitions()
                        .add(new TxnOffsetCommitResponsePartition()
                                .setPartitionIndex(partition.partitionIndex())
                                .setErrorCode(error.code()));
            }
        }
        return Decision.of(records, response);
    }

    /** Empty for one that begins with this commit, from a consumer that needs no group. */
    private Optional<Group> groupOf(String groupId, OffsetCommitter committer) {
        var group = groups.get(groupId);
        if (group.isEmpty() && committer.generationIdOrMemberEpoch() >= 0) {
            throw committer.transactional() || committer.apiVersion() < FIRST_WITH_GROUP_ID_NOT_FOUND
                    ? Errors.ILLEGAL_GENERATION.exception()
                    : new GroupIdNotFoundException("Group " + groupId + " not found.");
        }
        return group;
    }

    private Errors metadataError(String metadata) {
        return metadata != null && metadata.length() > maxMetadataLength.getAsInt()
                ? Errors.OFFSET_METADATA_TOO_LARGE
                : Errors.NONE;
    }
}
