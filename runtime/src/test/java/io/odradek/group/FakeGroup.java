package io.odradek.group;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.group.message.GroupMetadataKey;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;

/** A group that says what the test tells it to. */
final class FakeGroup implements Group {
    final Set<String> subscribed = new HashSet<>();
    GroupState state = GroupState.EMPTY;
    Errors refusal = Errors.NONE;
    Errors refusalOfPartition1 = Errors.NONE;
    Optional<OffsetExpiration> expiration = Optional.of(new OffsetExpiration.SinceCommit());
    Optional<OffsetCommitter> asked = Optional.empty();
    Uuid askedTopicId = Uuid.ZERO_UUID;

    @Override
    public String groupId() {
        return OffsetsUnderTest.GROUP;
    }

    @Override
    public GroupType type() {
        return GroupType.CLASSIC;
    }

    @Override
    public GroupState state() {
        return state;
    }

    @Override
    public Optional<String> protocolType() {
        return Optional.of("consumer");
    }

    @Override
    public void validateOffsetCommit(OffsetCommitter committer) {
        asked = Optional.of(committer);
        refuse();
    }

    @Override
    public void validateOffsetCommit(OffsetCommitter committer, Uuid topicId, int partition) {
        askedTopicId = topicId;
        if (partition == 1 && refusalOfPartition1 != Errors.NONE) {
            throw refusalOfPartition1.exception();
        }
    }

    @Override
    public void validateOffsetFetch(Optional<String> memberId, int memberEpoch) {
        refuse();
    }

    @Override
    public void validateOffsetDelete() {
        refuse();
    }

    @Override
    public void validateDelete() {
        refuse();
    }

    private void refuse() {
        if (refusal != Errors.NONE) {
            throw refusal.exception();
        }
    }

    @Override
    public boolean isSubscribedTo(String topic) {
        return subscribed.contains(topic);
    }

    @Override
    public Optional<OffsetExpiration> offsetExpiration() {
        return expiration;
    }

    @Override
    public List<CoordinatorRecord> tombstones() {
        return List.of(CoordinatorRecord.tombstone(new GroupMetadataKey().setGroup(groupId())));
    }
}
