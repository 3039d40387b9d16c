package io.odradek.group.classic;

import io.odradek.coordinator.Decision;
import java.util.Optional;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.protocol.Errors;

/** LeaveGroup: members go, or an administrator removes them, several at once. */
final class Leaving {
    private final Rebalances rebalances;
    private final Sessions sessions;

    Leaving(Rebalances rebalances, Sessions sessions) {
        this.rebalances = rebalances;
        this.sessions = sessions;
    }

    Decision<LeaveGroupResponseData> leave(ClassicGroup group, LeaveGroupRequestData request) {
        var response = new LeaveGroupResponseData();
        int left = 0;
        for (var identity : request.members()) {
            var error = leave(group, identity);
            response.members().add(answer(identity, error));
            left += error == Errors.NONE ? 1 : 0;
        }
        return left == 0 || group.isIn(GroupState.EMPTY)
                ? Decision.of(response)
                : Decision.of(rebalances.prepareOrGoOn(group, left + " members left" + reason(request)), response);
    }

    private static String reason(LeaveGroupRequestData request) {
        var reason = request.members().get(0).reason();
        return reason == null ? "" : "; client reason: " + reason;
    }

    static MemberResponse answer(MemberIdentity identity, Errors error) {
        return new MemberResponse()
                .setMemberId(identity.memberId())
                .setGroupInstanceId(identity.groupInstanceId())
                .setErrorCode(error.code());
    }

    private Errors leave(ClassicGroup group, MemberIdentity identity) {
        var instance = Optional.ofNullable(identity.groupInstanceId());
        if (identity.memberId().isEmpty()) {
            // An administrator knows static members by what their configuration says.
            return instance.flatMap(group.membership()::idOfInstance)
                    .map(memberId -> remove(group, memberId))
                    .orElse(Errors.UNKNOWN_MEMBER_ID);
        }
        if (group.pendingJoins().contains(identity.memberId())) {
            return remove(group, identity.memberId());
        }
        try {
            group.requireMember(identity.memberId(), instance);
        } catch (ApiException e) {
            return Errors.forException(e);
        }
        return remove(group, identity.memberId());
    }

    private Errors remove(ClassicGroup group, String memberId) {
        sessions.end(group, memberId);
        group.member(memberId).ifPresent(member -> Answers.answerGone(group, member));
        group.remove(memberId);
        return Errors.NONE;
    }
}
