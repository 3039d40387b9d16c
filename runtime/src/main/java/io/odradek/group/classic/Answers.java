package io.odradek.group.classic;

import java.util.List;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/** What members are told, and the telling of those who wait. */
final class Answers {
    private Answers() {}

    /** @param memberId empty where the client is to begin anew */
    static JoinGroupResponseData joinError(String memberId, Errors error) {
        return new JoinGroupResponseData().setMemberId(memberId).setErrorCode(error.code());
    }

    /** The group's current generation; the leader also learns who is in it. */
    static JoinGroupResponseData joined(ClassicGroup group, String memberId) {
        return joined(group, memberId, group.leaderId().orElse(""))
                .setMembers(group.isLeader(memberId) ? members(group) : List.of());
    }

    /** The group's current generation without its members, as if {@code leaderId} led it. */
    static JoinGroupResponseData joined(ClassicGroup group, String memberId, String leaderId) {
        return new JoinGroupResponseData()
                .setMemberId(memberId)
                .setGenerationId(group.generationId())
                .setProtocolType(group.protocolType().orElse(null))
                .setProtocolName(group.protocolName().orElse(null))
                .setLeader(leaderId);
    }

    private static List<JoinGroupResponseMember> members(ClassicGroup group) {
        var protocol = group.protocolName().orElseThrow();
        return group.members().stream()
                .map(member -> new JoinGroupResponseMember()
                        .setMemberId(member.memberId())
                        .setGroupInstanceId(member.groupInstanceId().orElse(null))
                        .setMetadata(member.protocols().metadata(protocol)))
                .toList();
    }

    static SyncGroupResponseData syncError(Errors error) {
        return new SyncGroupResponseData().setErrorCode(error.code());
    }

    static SyncGroupResponseData synced(ClassicGroup group, ClassicMember member) {
        return new SyncGroupResponseData()
                .setProtocolType(group.protocolType().orElse(null))
                .setProtocolName(group.protocolName().orElse(null))
                .setAssignment(member.assignment());
    }

    static HeartbeatResponseData heartbeat(Errors error) {
        return new HeartbeatResponseData().setErrorCode(error.code());
    }

    /** Answers the member's waiting JoinGroup, if there is one. */
    static void answerJoin(ClassicGroup group, ClassicMember member, JoinGroupResponseData response) {
        group.membership().takeWaitingJoin(member).ifPresent(stage -> stage.complete(response));
    }

    /** Answers the member's waiting SyncGroup. Returns whether there was one. */
    static boolean answerSync(ClassicMember member, SyncGroupResponseData response) {
        var waiting = member.takeWaitingSync();
        waiting.ifPresent(stage -> stage.complete(response));
        return waiting.isPresent();
    }

    /** Tells a member that is leaving, or is thrown out, that it is none any more, if it waits. */
    static void answerGone(ClassicGroup group, ClassicMember member) {
        answerJoin(group, member, joinError("", Errors.UNKNOWN_MEMBER_ID));
        answerSync(member, syncError(Errors.UNKNOWN_MEMBER_ID));
    }

    static void answerAllWaiting(ClassicGroup group, Errors error) {
        for (var member : group.members()) {
            answerJoin(group, member, joinError(member.memberId(), error));
            answerSync(member, syncError(error));
        }
    }
}
