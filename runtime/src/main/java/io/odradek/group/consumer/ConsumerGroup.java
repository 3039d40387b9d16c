package io.odradek.group.consumer;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.group.Group;
import io.odradek.group.OffsetCommitter;
import io.odradek.group.OffsetExpiration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.IllegalGenerationException;
import org.apache.kafka.common.errors.StaleMemberEpochException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * A consumer group. Immutable: each record of the log makes another one ({@link GroupReplay}).
 *
 * @param epoch grows whenever members, subscriptions or subscribed topics change; a target assignment of an older epoch
 *     is out of date
 * @param metadataHash of the subscribed topics as they were in that epoch
 * @param members by member id
 * @param staticMembers member ids by instance id
 * @param hasSubscriptionMetadata whether Kafka 4.0 or older left a record that is of no use any more
 */
record ConsumerGroup(
        String groupId,
        int epoch,
        long metadataHash,
        PMap<String, ConsumerGroupMember> members,
        PMap<String, String> staticMembers,
        Subscriptions subscriptions,
        PartitionOwners owners,
        TargetAssignment target,
        boolean hasSubscriptionMetadata)
        implements Group {

    /** The first version of OffsetCommit that knows member epochs. */
    private static final short COMMIT_WITH_MEMBER_EPOCH = 9;

    static ConsumerGroup empty(String groupId) {
        return new ConsumerGroup(
                groupId,
                1,
                0,
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                Subscriptions.NONE,
                PartitionOwners.NONE,
                TargetAssignment.INITIAL,
                false);
    }

    ConsumerGroup at(int epoch, long metadataHash) {
        return new ConsumerGroup(
                groupId,
                epoch,
                metadataHash,
                members,
                staticMembers,
                subscriptions,
                owners,
                target,
                hasSubscriptionMetadata);
    }

    ConsumerGroup with(TargetAssignment target) {
        return new ConsumerGroup(
                groupId,
                epoch,
                metadataHash,
                members,
                staticMembers,
                subscriptions,
                owners,
                target,
                hasSubscriptionMetadata);
    }

    ConsumerGroup with(Subscriptions subscriptions) {
        return new ConsumerGroup(
                groupId,
                epoch,
                metadataHash,
                members,
                staticMembers,
                subscriptions,
                owners,
                target,
                hasSubscriptionMetadata);
    }

    ConsumerGroup withSubscriptionMetadata(boolean present) {
        return new ConsumerGroup(
                groupId, epoch, metadataHash, members, staticMembers, subscriptions, owners, target, present);
    }

    /** With a member that is new, or replaces an older state of itself. */
    ConsumerGroup with(ConsumerGroupMember member) {
        var before = Optional.ofNullable(members.get(member.memberId()));
        return new ConsumerGroup(
                groupId,
                epoch,
                metadataHash,
                members.plus(member.memberId(), member),
                member.instanceId()
                        .map(instance -> staticMembers.plus(instance, member.memberId()))
                        .orElse(staticMembers),
                subscriptions.changed(before.map(ConsumerGroupMember::metadata), Optional.of(member.metadata())),
                owners.changed(
                        member.memberId(),
                        before.map(ConsumerGroupMember::current).orElse(CurrentAssignment.JOINING),
                        member.current()),
                target,
                hasSubscriptionMetadata);
    }

    ConsumerGroup without(ConsumerGroupMember member) {
        return new ConsumerGroup(
                groupId,
                epoch,
                metadataHash,
                members.minus(member.memberId()),
                member.instanceId()
                        .filter(instance -> member.memberId().equals(staticMembers.get(instance)))
                        .map(staticMembers::minus)
                        .orElse(staticMembers),
                subscriptions.changed(Optional.of(member.metadata()), Optional.empty()),
                owners.changed(member.memberId(), member.current(), CurrentAssignment.JOINING),
                target,
                hasSubscriptionMetadata);
    }

    Optional<ConsumerGroupMember> member(String memberId) {
        return Optional.ofNullable(members.get(memberId));
    }

    /** @throws UnknownMemberIdException there is no such member */
    ConsumerGroupMember requireMember(String memberId) {
        return member(memberId)
                .orElseThrow(() -> new UnknownMemberIdException(
                        String.format("Member %s is not a member of group %s.", memberId, groupId)));
    }

    Optional<ConsumerGroupMember> staticMember(String instanceId) {
        return Optional.ofNullable(staticMembers.get(instanceId)).map(members::get);
    }

    /** Whether the member waits for a partition that another member still owns. */
    boolean waitsForPartitions(ConsumerGroupMember member) {
        return member.current().state() == MemberState.UNRELEASED_PARTITIONS
                && target.of(member.memberId()).partitions().entrySet().stream()
                        .anyMatch(topic -> topic.getValue().stream()
                                .anyMatch(partition ->
                                        !member.current().assigned().contains(topic.getKey(), partition)
                                                && owners.of(topic.getKey(), partition)
                                                        .isPresent()));
    }

    @Override
    public GroupType type() {
        return GroupType.CONSUMER;
    }

    @Override
    public GroupState state() {
        if (members.isEmpty()) {
            return GroupState.EMPTY;
        }
        if (epoch > target.epoch()) {
            return GroupState.ASSIGNING;
        }
        return members.values().stream().allMatch(m -> m.current().isReconciledTo(target.epoch()))
                ? GroupState.STABLE
                : GroupState.RECONCILING;
    }

    @Override
    public Optional<String> protocolType() {
        return Optional.of(ConsumerProtocol.PROTOCOL_TYPE);
    }

    @Override
    public void validateOffsetCommit(OffsetCommitter committer) {
        if (isAnonymous(committer)) {
            return;
        }
        var member = requireMember(committer.memberId());
        if (!committer.transactional()
                && !member.usesClassicProtocol()
                && committer.apiVersion() < COMMIT_WITH_MEMBER_EPOCH) {
            throw new UnsupportedVersionException(
                    "OffsetCommit version 9 or above must be used " + "by members using the consumer group protocol");
        }
        int received = committer.generationIdOrMemberEpoch();
        if (received > member.epoch()) {
            throw outdated(
                    member,
                    String.format(
                            "Received %s %d is newer than current member epoch %d.",
                            epochName(member), received, member.epoch()));
        }
    }

    @Override
    public void validateOffsetCommit(OffsetCommitter committer, Uuid topicId, int partition) {
        if (isAnonymous(committer)) {
            return;
        }
        var member = requireMember(committer.memberId());
        int received = committer.generationIdOrMemberEpoch();
        if (received == member.epoch()) {
            return;
        }
        var assigned = member.current().assigned().epochOf(topicId, partition);
        var epoch = assigned.isPresent()
                ? assigned
                : member.current().pendingRevocation().epochOf(topicId, partition);
        if (epoch.isEmpty()) {
            throw outdated(
                    member,
                    String.format(
                            "Partition %s-%d is not assigned or pending revocation for member.", topicId, partition));
        }
        if (received < epoch.getAsInt()) {
            throw outdated(
                    member,
                    String.format(
                            "Received %s %d is older than assignment epoch %d for partition %s-%d.",
                            epochName(member), received, epoch.getAsInt(), topicId, partition));
        }
    }

    /** An Admin client or a consumer without group management while nobody is here; a producer that names no member. */
    private boolean isAnonymous(OffsetCommitter committer) {
        return committer.generationIdOrMemberEpoch() < 0 && members.isEmpty()
                || committer.transactional()
                        && committer.generationIdOrMemberEpoch() == -1
                        && committer.memberId().isEmpty()
                        && committer.groupInstanceId().isEmpty();
    }

    private static String epochName(ConsumerGroupMember member) {
        return member.usesClassicProtocol() ? "generation id" : "member epoch";
    }

    private static ApiException outdated(ConsumerGroupMember member, String message) {
        return member.usesClassicProtocol()
                ? new IllegalGenerationException(message)
                : new StaleMemberEpochException(message);
    }

    @Override
    public void validateOffsetFetch(Optional<String> memberId, int memberEpoch) {
        if (memberId.isEmpty() && memberEpoch < 0) {
            return;
        }
        var member = requireMember(memberId.orElse(""));
        if (memberEpoch != member.epoch()) {
            throw outdated(
                    member,
                    String.format(
                            "The received %s %d does not match the expected member epoch %d.",
                            epochName(member), memberEpoch, member.epoch()));
        }
    }

    /** Offsets of topics that members are subscribed to are kept by {@link #isSubscribedTo}. */
    @Override
    public void validateOffsetDelete() {}

    @Override
    public void validateDelete() {
        if (!members.isEmpty()) {
            throw new GroupNotEmptyException("The group is not empty.");
        }
    }

    @Override
    public boolean isSubscribedTo(String topic) {
        return subscriptions.contains(topic);
    }

    @Override
    public Optional<OffsetExpiration> offsetExpiration() {
        return Optional.of(new OffsetExpiration.SinceCommit());
    }

    @Override
    public List<CoordinatorRecord> tombstones() {
        return GroupRecords.tombstones(this);
    }
}
