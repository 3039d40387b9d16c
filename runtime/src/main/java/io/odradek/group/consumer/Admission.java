package io.odradek.group.consumer;

import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.FencedMemberEpochException;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;

/** Who may act as which member of a group, and who takes the place of whom. */
final class Admission {
    /**
     * A member that may go on.
     *
     * @param known whether the log knows what it said
     * @param replaced the member whose place it took under the same instance id
     */
    record Admitted(ConsumerGroupMember member, boolean known, Optional<String> replaced) {}

    private Admission() {}

    /** @throws GroupMaxSizeReachedException there is no room for one more */
    static void requireRoom(ConsumerGroup group, String memberId, int maxSize) {
        if (group.members().size() >= maxSize && !group.members().containsKey(memberId)) {
            throw new GroupMaxSizeReachedException(
                    "The consumer group has reached its maximum capacity of " + maxSize + " members.");
        }
    }

    /** @throws UnknownMemberIdException it is not there and is not about to join */
    static Admitted dynamic(ConsumerGroup group, String memberId, boolean joins) {
        return group.member(memberId)
                .map(member -> new Admitted(member, true, Optional.empty()))
                .orElseGet(() -> {
                    if (!joins) {
                        group.requireMember(memberId);
                    }
                    return new Admitted(ConsumerGroupMember.joining(memberId), false, Optional.empty());
                });
    }

    /**
     * A static member that joins, maybe in the place of one that was there before under its instance id.
     *
     * @throws UnreleasedInstanceIdException both speak the consumer protocol and that one has not left
     */
    static Admitted joiningStatic(GroupDraft draft, String memberId, String instanceId, boolean classic) {
        var existing = draft.group().staticMember(instanceId);
        if (existing.isEmpty()) {
            return dynamic(draft.group(), memberId, true);
        }
        var old = existing.get();
        if (!classic && !old.usesClassicProtocol() && old.epoch() != CurrentAssignment.AWAY) {
            throw new UnreleasedInstanceIdException("Static member " + memberId + " with instance id " + instanceId
                    + " cannot join the group because the instance id is owned by " + old.memberId() + " member.");
        }
        var joining =
                new ConsumerGroupMember(memberId, old.metadata(), old.current().rejoining());
        var target = draft.group().target().of(old.memberId());
        var groupId = draft.groupId();
        draft.addAll(GroupRecords.memberTombstones(groupId, old.memberId()));
        draft.add(GroupRecords.member(groupId, joining));
        draft.add(GroupRecords.target(groupId, memberId, target));
        draft.add(GroupRecords.current(groupId, joining));
        return new Admitted(joining, true, Optional.of(old.memberId()).filter(id -> !id.equals(memberId)));
    }

    /**
     * A static member that is there.
     *
     * @throws UnknownMemberIdException nobody has the instance id
     * @throws FencedInstanceIdException another member has it
     */
    static ConsumerGroupMember requireStatic(ConsumerGroup group, String memberId, String instanceId) {
        var member = requireInstance(group, instanceId);
        if (!member.memberId().equals(memberId)) {
            throw new FencedInstanceIdException("Static member " + memberId + " with instance id " + instanceId
                    + " was fenced by member " + member.memberId() + ".");
        }
        return member;
    }

    /** @throws UnknownMemberIdException nobody has the instance id */
    static ConsumerGroupMember requireInstance(ConsumerGroup group, String instanceId) {
        return group.staticMember(instanceId)
                .orElseThrow(() -> new UnknownMemberIdException("Instance id " + instanceId + " is unknown."));
    }

    /**
     * A member that joins anew (epoch 0) may do so at any time; else it must be in the epoch that it was told last, or in
     * the one before if the response was lost: it then owns nothing that it was not given already.
     *
     * @param claimed what it says that it owns; empty if it does not say
     * @throws FencedMemberEpochException it must give up everything and join anew
     */
    static void requireEpoch(ConsumerGroupMember member, int received, Optional<List<TopicPartitions>> claimed) {
        if (received == 0 || received == member.epoch()) {
            return;
        }
        if (received > member.epoch()) {
            throw new FencedMemberEpochException("The consumer group member has a greater member epoch (" + received
                    + ") than the one known by the group coordinator (" + member.epoch()
                    + "). The member must abandon all its partitions and rejoin.");
        }
        boolean lostResponse = received == member.current().previousEpoch()
                && claimed.map(member.current().assigned()::containsAll).orElse(false);
        if (!lostResponse) {
            throw new FencedMemberEpochException("The consumer group member has a smaller member epoch (" + received
                    + ") than the one known by the group coordinator (" + member.epoch()
                    + "). The member must abandon all its partitions and rejoin.");
        }
    }
}
