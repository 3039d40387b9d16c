package io.odradek.group.consumer;

import io.odradek.coordinator.Decision;
import io.odradek.group.Groups;
import io.odradek.group.consumer.GroupTimers.Expulsion;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;

/** Leads members on, and gives those that must give up partitions a time limit for it. */
final class Reconciler {
    private final Groups groups;
    private final GroupTimers timers;
    private final Expulsion expulsion;

    Reconciler(Groups groups, GroupTimers timers, Expulsion expulsion) {
        this.groups = groups;
        this.timers = timers;
        this.expulsion = expulsion;
    }

    /**
     * As {@link MemberUpdate#reconcile}. A member of the classic protocol has no time limit from here: it is told to join
     * again and has one for that.
     */
    void reconcile(
            MemberUpdate update, String groupId, boolean subscriptionChanged, Optional<List<TopicPartitions>> claimed) {
        if (update.reconcile(subscriptionChanged, claimed)) {
            var member = update.member();
            if (member.usesClassicProtocol()) {
                return;
            }
            if (member.current().state() == MemberState.UNREVOKED_PARTITIONS) {
                limit(groupId, member);
            } else {
                timers.cancelRebalance(groupId, member.memberId());
            }
        }
    }

    /** The member must have left its epoch before its rebalance timeout ends. */
    void limit(String groupId, ConsumerGroupMember member) {
        var memberId = member.memberId();
        int timeoutMs = member.metadata().rebalanceTimeoutMs();
        timers.rebalance(groupId, memberId, timeoutMs, () -> groups.get(groupId, ConsumerGroup.class)
                .flatMap(group -> group.member(memberId))
                .filter(now -> now.epoch() == member.epoch())
                .map(now -> expulsion.expel(
                        groupId, memberId, "it did not leave epoch " + member.epoch() + " within " + timeoutMs + " ms"))
                .orElseGet(Decision::nothing));
    }
}
