package io.odradek.group.classic;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.coordinator.Decision;
import io.odradek.group.Groups;
import java.util.List;
import org.apache.kafka.common.GroupState;

/** Takes members out of their group whose sessions ended. */
final class Expiry {
    private final Groups groups;
    private final Rebalances rebalances;

    Expiry(Groups groups, Rebalances rebalances) {
        this.groups = groups;
        this.rebalances = rebalances;
    }

    Decision<Void> sessionEnded(String groupId, String memberId) {
        return groups.get(groupId, ClassicGroup.class)
                .map(group -> Decision.of(sessionEnded(group, memberId)))
                .orElse(Decision.nothing());
    }

    private List<CoordinatorRecord> sessionEnded(ClassicGroup group, String memberId) {
        if (group.pendingJoins().contains(memberId)) {
            group.remove(memberId);
            return rebalances.completeIfAllJoined(group);
        }
        var member = group.member(memberId);
        if (member.isEmpty() || member.get().isKnownToBeAlive()) {
            return List.of();
        }
        Answers.answerGone(group, member.get());
        group.remove(memberId);
        return group.isIn(GroupState.PREPARING_REBALANCE)
                ? rebalances.completeIfAllJoined(group)
                : rebalances.prepare(group, "the session of member " + memberId + " ended");
    }
}
