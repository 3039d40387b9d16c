package io.odradek.group.consumer;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.FencedMemberEpochException;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;

/**
 * One step of a member towards its target assignment: first it gives up what it is not to have any more, then it gets what
 * nobody else owns any more, and it waits for the rest.
 */
final class MemberReconciliation {
    private final CurrentAssignment current;
    private final int targetEpoch;
    private final Assignment target;
    private final Set<Uuid> subscribed;
    private final BiPredicate<Uuid, Integer> ownedByAnother;
    private final Optional<List<TopicPartitions>> claimed;

    /**
     * @param subscribed topics that the member is subscribed to, as far as they exist: a target assignment that was
     *     computed earlier may have others
     * @param claimed what the member says that it owns; empty if it does not say, so that nothing has been given up yet
     */
    MemberReconciliation(
            ConsumerGroup group,
            ConsumerGroupMember member,
            Set<Uuid> subscribed,
            Optional<List<TopicPartitions>> claimed) {
        this.current = member.current();
        this.targetEpoch = group.target().epoch();
        this.target = group.target().of(member.memberId());
        this.subscribed = subscribed;
        this.ownedByAnother = (topic, partition) -> group.owners()
                .of(topic, partition)
                .filter(owner -> !owner.equals(member.memberId()))
                .isPresent();
        this.claimed = claimed;
    }

    /**
     * @param subscriptionChanged whether the member must let go of topics that it is not subscribed to any more, even if
     *     there is no new target assignment yet
     * @throws FencedMemberEpochException the member's state is unknown, it must start anew without partitions
     */
    CurrentAssignment next(boolean subscriptionChanged) {
        return switch (current.state()) {
            case STABLE -> current.epoch() != targetEpoch ? towardsTarget() : unchangedBut(subscriptionChanged);
            case UNREVOKED_PARTITIONS ->
                stillOwns(current.pendingRevocation()) ? unchangedBut(subscriptionChanged) : towardsTarget();
            case UNRELEASED_PARTITIONS -> towardsTarget();
            case UNKNOWN -> fromUnknown();
        };
    }

    private CurrentAssignment fromUnknown() {
        if (claimed.isEmpty() || !claimed.get().isEmpty()) {
            throw new FencedMemberEpochException("The consumer group member is in a unknown state. "
                    + "The member must abandon all its partitions and rejoin.");
        }
        return towardsTarget();
    }

    private boolean stillOwns(OwnedPartitions revoked) {
        return claimed.isEmpty() || revoked.containsAny(claimed.get());
    }

    private CurrentAssignment unchangedBut(boolean subscriptionChanged) {
        if (!subscriptionChanged || subscribed.containsAll(current.assigned().topics())) {
            return current;
        }
        var kept = new TreeMap<Uuid, Map<Integer, Integer>>();
        var revoked = copy(current.pendingRevocation());
        current.assigned().epochs().forEach((topic, partitions) -> {
            if (subscribed.contains(topic)) {
                kept.put(topic, partitions);
            } else {
                revoked.computeIfAbsent(topic, t -> new TreeMap<>()).putAll(partitions);
            }
        });
        var assigned = new OwnedPartitions(kept);
        var pending = new OwnedPartitions(revoked);
        // Where the member owns nothing of it any more, the assignment shrinks and the state stays.
        return stillOwns(pending)
                ? current.next(current.epoch(), MemberState.UNREVOKED_PARTITIONS, assigned, pending)
                : current.next(current.epoch(), current.state(), assigned, current.pendingRevocation());
    }

    private static TreeMap<Uuid, Map<Integer, Integer>> copy(OwnedPartitions partitions) {
        var copy = new TreeMap<Uuid, Map<Integer, Integer>>();
        partitions.epochs().forEach((topic, of) -> copy.put(topic, new TreeMap<>(of)));
        return copy;
    }

    private CurrentAssignment towardsTarget() {
        var kept = new TreeMap<Uuid, Map<Integer, Integer>>();
        var revoked = new TreeMap<Uuid, Map<Integer, Integer>>();
        var wanted = new TreeMap<Uuid, Map<Integer, Integer>>();
        boolean unreleased = false;
        var topics = new TreeSet<>(target.partitions().keySet());
        topics.addAll(current.assigned().topics());
        for (var topic : topics) {
            var to = subscribed.contains(topic) ? target.of(topic) : Set.<Integer>of();
            var owned = current.assigned().of(topic);
            owned.forEach((partition, epoch) -> (to.contains(partition) ? kept : revoked)
                    .computeIfAbsent(topic, t -> new TreeMap<>())
                    .put(partition, epoch));
            for (var partition : to) {
                if (owned.containsKey(partition)) {
                    continue;
                }
                if (ownedByAnother.test(topic, partition)) {
                    unreleased = true;
                } else {
                    wanted.computeIfAbsent(topic, t -> new TreeMap<>()).put(partition, targetEpoch);
                }
            }
        }
        var pending = new OwnedPartitions(revoked);
        if (!pending.isEmpty() && stillOwns(pending)) {
            int epoch = current.state() == MemberState.UNKNOWN ? targetEpoch : current.epoch();
            return current.next(epoch, MemberState.UNREVOKED_PARTITIONS, new OwnedPartitions(kept), pending);
        }
        wanted.forEach((topic, partitions) ->
                kept.computeIfAbsent(topic, t -> new TreeMap<>()).putAll(partitions));
        return current.next(
                targetEpoch,
                unreleased ? MemberState.UNRELEASED_PARTITIONS : MemberState.STABLE,
                new OwnedPartitions(kept),
                OwnedPartitions.NONE);
    }
}
