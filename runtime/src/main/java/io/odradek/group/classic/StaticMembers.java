package io.odradek.group.classic;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.coordinator.Decision;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.JoinGroupRequest;

/**
 * A static member that was restarted and does not know its id any more (KIP-345). It takes the place of its former self,
 * whose requests are fenced from now on, and in a stable group gets its assignment back without a rebalance.
 */
final class StaticMembers {
    private final Rebalances rebalances;
    private final Sessions sessions;
    private final SizeLimits limits;

    StaticMembers(Rebalances rebalances, Sessions sessions, SizeLimits limits) {
        this.rebalances = rebalances;
        this.sessions = sessions;
        this.limits = limits;
    }

    Decision<CompletionStage<JoinGroupResponseData>> rejoin(
            ClassicGroup group, ClassicMember old, String newMemberId, JoinRequest request) {
        var leaderBefore = group.leaderId().orElse("");
        var member = replace(group, old, newMemberId, request);
        if (group.isIn(GroupState.STABLE)) {
            boolean sameProtocol = group.protocolName()
                    .filter(group.membership().selectProtocol()::equals)
                    .isPresent();
            var record = sameProtocol ? List.of(GroupRecords.of(group)) : List.<CoordinatorRecord>of();
            if (sameProtocol && limits.fits(record.get(0))) {
                return Decision.of(
                        record, CompletableFuture.completedStage(welcomeBack(group, member, leaderBefore, request)));
            }
        }
        // While the assignment is being made, it is made for the old id. So the group begins anew.
        var waiting = Joining.waitForOthers(group, member);
        return Decision.of(
                rebalances.prepareOrGoOn(
                        group, "static member " + member + " is back; client reason: " + request.reason()),
                waiting);
    }

    private ClassicMember replace(ClassicGroup group, ClassicMember old, String newMemberId, JoinRequest request) {
        Answers.answerJoin(group, old, Answers.joinError(old.memberId(), Errors.FENCED_INSTANCE_ID));
        Answers.answerSync(old, Answers.syncError(Errors.FENCED_INSTANCE_ID));
        var member = old.withId(newMemberId);
        group.replace(old, member);
        group.membership().update(member, request.terms());
        sessions.end(group, old.memberId());
        sessions.renew(group, member);
        return member;
    }

    /**
     * If the leader is back, it does not make an assignment, which a stable group would not take. Since version 9 it can
     * be told so (KIP-814); before, it is made to believe that its former self leads.
     */
    private static JoinGroupResponseData welcomeBack(
            ClassicGroup group, ClassicMember member, String leaderBefore, JoinRequest request) {
        return JoinGroupRequest.supportsSkippingAssignment(request.apiVersion())
                ? Answers.joined(group, member.memberId()).setSkipAssignment(group.isLeader(member.memberId()))
                : Answers.joined(group, member.memberId(), leaderBefore);
    }
}
