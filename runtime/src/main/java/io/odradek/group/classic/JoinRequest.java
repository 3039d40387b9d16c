package io.odradek.group.classic;

import io.odradek.group.ClassicCaller;
import java.util.Optional;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.requests.JoinGroupRequest;

/**
 * A JoinGroup as the state machine sees it.
 *
 * @param memberId empty for a client that is not a member yet, or has forgotten that it is
 * @param reason as the client gives it (KIP-800)
 */
record JoinRequest(
        String memberId,
        Optional<String> groupInstanceId,
        String protocolType,
        ClassicMember.Terms terms,
        String clientId,
        String clientHost,
        short apiVersion,
        String reason) {

    static JoinRequest of(ClassicCaller caller, JoinGroupRequestData data) {
        return new JoinRequest(
                data.memberId(),
                Optional.ofNullable(data.groupInstanceId()),
                data.protocolType(),
                new ClassicMember.Terms(
                        data.rebalanceTimeoutMs(), data.sessionTimeoutMs(), MemberProtocols.of(data.protocols())),
                caller.clientId(),
                caller.clientHost(),
                caller.apiVersion(),
                JoinGroupRequest.joinReason(data));
    }
}
