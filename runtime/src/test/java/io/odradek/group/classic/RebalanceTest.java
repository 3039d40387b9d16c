package io.odradek.group.classic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Joining, syncing, and members that do neither in time. */
class RebalanceTest {
    private final TestGroup group = new TestGroup();

    private static Errors error(CompletableFuture<SyncGroupResponseData> stage) {
        assertTrue(stage.isDone(), "not answered");
        return Errors.forCode(stage.join().errorCode());
    }

    private static TestMember leader(List<TestMember> members) {
        return members.stream().filter(TestMember::leads).findFirst().orElseThrow();
    }

    private static TestMember follower(List<TestMember> members) {
        return members.stream().filter(m -> !m.leads()).findFirst().orElseThrow();
    }

    @Test
    void theLeadersAssignmentIsWrittenOnceAndHandedOut() {
        var members = List.of(group.member(), group.member());
        members.forEach(TestMember::act);
        members.forEach(TestMember::act);
        members.forEach(TestMember::act);
        group.written();
        group.advance(2 * TestGroup.INITIAL_DELAY_MS);
        assertEquals(GroupState.COMPLETING_REBALANCE, group.state());
        assertEquals(List.of(), group.written());

        members.forEach(TestMember::act);

        assertEquals(GroupState.STABLE, group.state());
        var written = group.written();
        assertEquals(1, written.size());
        var value = written.get(0);
        assertEquals("test", value.protocolType());
        assertEquals("range", value.protocol());
        assertEquals(1, value.generation());
        assertEquals(leader(members).id(), value.leader());
        var member = value.members().get(0);
        assertEquals("client", member.clientId());
        assertEquals("/127.0.0.1", member.clientHost());
        assertEquals(TestGroup.SESSION_MS, member.sessionTimeout());
        assertEquals(TestGroup.REBALANCE_MS, member.rebalanceTimeout());
        assertArrayEquals(new byte[] {1}, member.subscription());
        assertTrue(member.assignment().length > 0);
    }

    @Test
    void followersWaitForTheLeader() {
        var members = group.stable(2);
        members.forEach(TestMember::join);
        var followerSync =
                group.sync(follower(members).syncRequest().setGenerationId(2)).toCompletableFuture();
        assertFalse(followerSync.isDone());

        var leaderSync = group.sync(leader(members)
                        .syncRequest()
                        .setGenerationId(2)
                        .setAssignments(List.of(new SyncGroupRequestAssignment()
                                .setMemberId(follower(members).id())
                                .setAssignment(new byte[] {7}))))
                .toCompletableFuture();

        assertArrayEquals(new byte[] {7}, followerSync.join().assignment());
        assertEquals("range", followerSync.join().protocolName());
        assertEquals("test", followerSync.join().protocolType());
        // Whom the leader forgot gets an empty assignment.
        assertArrayEquals(new byte[0], leaderSync.join().assignment());
        assertEquals(Errors.NONE, error(leaderSync));
    }

    @Test
    void syncsThatDoNotFitAreRefused() {
        var members = group.stable(2);
        var request = follower(members).syncRequest();

        assertEquals(
                Errors.UNKNOWN_MEMBER_ID,
                error(group.sync(request.duplicate().setGroupId("none")).toCompletableFuture()));
        assertEquals(
                Errors.UNKNOWN_MEMBER_ID,
                error(group.sync(request.duplicate().setMemberId("stranger")).toCompletableFuture()));
        assertEquals(
                Errors.UNKNOWN_MEMBER_ID,
                error(group.sync(request.duplicate().setGroupInstanceId("nobody"))
                        .toCompletableFuture()));
        assertEquals(
                Errors.ILLEGAL_GENERATION,
                error(group.sync(request.duplicate().setGenerationId(7)).toCompletableFuture()));
        assertEquals(
                Errors.INCONSISTENT_GROUP_PROTOCOL,
                error(group.sync(request.duplicate().setProtocolName("other")).toCompletableFuture()));
        assertEquals(
                Errors.INCONSISTENT_GROUP_PROTOCOL,
                error(group.sync(request.duplicate().setProtocolType("other")).toCompletableFuture()));
        assertEquals(
                Errors.NONE,
                error(group.sync(request.duplicate().setProtocolType(null).setProtocolName(null))
                        .toCompletableFuture()));
        leader(members).join();
        assertEquals(Errors.REBALANCE_IN_PROGRESS, error(group.sync(request).toCompletableFuture()));
        members.forEach(member -> group.leave(member.id()));
        assertEquals(GroupState.EMPTY, group.state());
        assertEquals(Errors.UNKNOWN_MEMBER_ID, error(group.sync(request).toCompletableFuture()));
    }

    @Test
    void heartbeatsThatDoNotFitAreRefused() {
        assertEquals(Errors.UNKNOWN_MEMBER_ID, group.heartbeat("stranger", 1));
        var members = group.stable(2);
        var follower = follower(members);

        assertEquals(Errors.NONE, follower.heartbeat());
        assertEquals(Errors.UNKNOWN_MEMBER_ID, group.heartbeat("stranger", 1));
        assertEquals(Errors.ILLEGAL_GENERATION, group.heartbeat(follower.id(), 0));
        leader(members).join();
        assertEquals(Errors.REBALANCE_IN_PROGRESS, follower.heartbeat());
        follower.join();
        assertEquals(GroupState.COMPLETING_REBALANCE, group.state());
        assertEquals(Errors.NONE, group.heartbeat(follower.id(), 2));
        assertEquals(Errors.ILLEGAL_GENERATION, group.heartbeat(follower.id(), 1));
    }

    @Test
    void aMemberThatIsSilentIsTakenOut() {
        var members = group.stable(3);
        var silent = follower(members);
        var others = members.stream().filter(m -> m != silent).toList();

        group.advance(TestGroup.SESSION_MS - 1);
        others.forEach(TestMember::act);
        assertEquals(GroupState.STABLE, group.state());
        group.advance(1);

        assertEquals(GroupState.PREPARING_REBALANCE, group.state());
        assertFalse(group.group().member(silent.id()).isPresent());
        group.settle(others);
        assertEquals(2, group.generation());
        assertEquals(Errors.UNKNOWN_MEMBER_ID, silent.heartbeat());
    }

    @Test
    void heartbeatsKeepAMember() {
        var members = group.stable(2);
        for (int i = 0; i < 10; i++) {
            group.advance(TestGroup.SESSION_MS - 1);
            members.forEach(TestMember::act);
        }
        assertEquals(1, group.generation());
        assertEquals(GroupState.STABLE, group.state());
    }

    @Test
    void whenTheLastMemberIsSilentTheGroupIsEmptyAndThatIsWritten() {
        group.stable(1);

        group.advance(TestGroup.SESSION_MS);

        assertEquals(GroupState.EMPTY, group.state());
        var written = group.written();
        assertEquals(1, written.size());
        assertEquals(2, written.get(0).generation());
        assertEquals("test", written.get(0).protocolType());
        assertEquals(List.of(), written.get(0).members());
        assertTrue(group.driver.timers().isEmpty(), group.driver.timers().toString());
    }

    @Test
    void whoDoesNotJoinInTimeIsOutThoughItSendsHeartbeats() {
        var members = group.stable(3);
        var idle = follower(members);
        members.stream().filter(m -> m != idle).forEach(TestMember::join);
        for (int waited = 0; waited < TestGroup.REBALANCE_MS; waited += 5000) {
            assertEquals(GroupState.PREPARING_REBALANCE, group.state());
            assertEquals(Errors.REBALANCE_IN_PROGRESS, idle.heartbeat());
            group.advance(5000);
        }

        assertEquals(GroupState.COMPLETING_REBALANCE, group.state());
        assertEquals(2, group.group().members().size());
        assertEquals(Errors.UNKNOWN_MEMBER_ID, idle.heartbeat());
    }

    @Test
    void aLeaderThatDoesNotJoinInTimeIsReplaced() {
        var members = group.stable(2);
        var follower = follower(members);
        var joining = follower.metadata(new byte[] {2}).join();

        for (int waited = 0; waited < TestGroup.REBALANCE_MS; waited += 5000) {
            leader(members).heartbeat();
            group.advance(5000);
        }

        assertEquals(follower.id(), joining.join().leader());
        assertEquals(1, joining.join().members().size());
    }

    @Test
    void whoJoinsAndNeverSyncsIsOut() {
        var members = group.stable(3);
        leader(members).join();
        members.stream().filter(m -> !m.leads()).forEach(TestMember::join);
        assertEquals(GroupState.COMPLETING_REBALANCE, group.state());
        int before = 1;
        var leader = leader(members);
        var lazy = follower(members);
        var third = members.stream()
                .filter(m -> m != leader && m != lazy)
                .findFirst()
                .orElseThrow();
        var leaderSync = group.sync(
                        leader.syncRequest().setGenerationId(before + 1).setAssignments(List.of()))
                .toCompletableFuture();
        group.sync(third.syncRequest().setGenerationId(before + 1));
        assertEquals(Errors.NONE, error(leaderSync));

        for (int waited = 0; waited < TestGroup.REBALANCE_MS; waited += 5000) {
            assertEquals(GroupState.STABLE, group.state());
            members.forEach(m -> assertEquals(Errors.NONE, group.heartbeat(m.id(), before + 1)));
            group.advance(5000);
        }

        assertEquals(GroupState.PREPARING_REBALANCE, group.state());
        assertFalse(group.group().member(lazy.id()).isPresent());
        assertEquals(2, group.group().members().size());
    }

    @Test
    void aLeaderThatNeverSyncsIsOutAndFollowersAreToldToJoin() {
        var members = group.stable(2);
        members.forEach(TestMember::join);
        var leader = leader(members);
        var follower = follower(members);
        var waiting = group.sync(follower.syncRequest().setGenerationId(2)).toCompletableFuture();

        for (int waited = 0; waited < TestGroup.REBALANCE_MS; waited += 5000) {
            assertFalse(waiting.isDone());
            group.heartbeat(leader.id(), 2);
            group.advance(5000);
        }

        assertEquals(Errors.REBALANCE_IN_PROGRESS, error(waiting));
        assertFalse(group.group().member(leader.id()).isPresent());
        group.settle(List.of(follower));
    }

    @Test
    void aMemberThatWaitsForTheLeaderDoesNotLoseItsSession() {
        var members = group.stable(2);
        members.forEach(TestMember::join);
        var follower = follower(members);
        group.sync(follower.syncRequest().setGenerationId(2));

        for (int waited = 0; waited < 4 * TestGroup.SESSION_MS; waited += 5000) {
            group.heartbeat(leader(members).id(), 2);
            group.advance(5000);
        }
        assertTrue(group.group().member(follower.id()).isPresent());

        // Its session begins anew with the answer.
        group.sync(leader(members).syncRequest().setGenerationId(2));
        assertEquals(GroupState.STABLE, group.state());
        group.heartbeat(leader(members).id(), 2);
        group.advance(TestGroup.SESSION_MS);
        assertFalse(group.group().member(follower.id()).isPresent());
    }

    @Test
    void aNewMemberWhoseJoinWaitsTooLongHasToAskAgain() {
        var slow = group.member().rebalanceTimeoutMs(3_600_000).sessionTimeoutMs(1_800_000);
        group.settle(List.of(slow));
        var joining = group.join(group.member().joinRequest(), 3).toCompletableFuture();

        group.advance(5 * 60 * 1000);

        assertEquals(Errors.UNKNOWN_MEMBER_ID.code(), joining.join().errorCode());
        assertEquals("", joining.join().memberId());
        assertEquals(1, group.group().members().size());
    }

    @Test
    void anAssignmentThatWasOvertakenByARebalanceIsNotTaken() {
        var members = group.stable(2);
        members.forEach(TestMember::join);
        var leader = leader(members);
        var waiting =
                group.sync(follower(members).syncRequest().setGenerationId(2)).toCompletableFuture();
        group.join(group.member().joinRequest(), 3);

        assertEquals(Errors.REBALANCE_IN_PROGRESS, error(waiting));
        var late = group.sync(leader.syncRequest().setGenerationId(2)).toCompletableFuture();
        assertEquals(Errors.REBALANCE_IN_PROGRESS, error(late));
        assertEquals(List.of(), group.written());
    }

    @Test
    void anAssignmentThatFitsIntoNoRecordIsRefusedToAllAndNothingIsWritten() {
        var members = group.stable(2);
        members.forEach(TestMember::join);
        var waiting =
                group.sync(follower(members).syncRequest().setGenerationId(2)).toCompletableFuture();
        var huge = new SyncGroupRequestAssignment()
                .setMemberId(follower(members).id())
                .setAssignment(new byte[2 * 1024 * 1024]);

        var sync = group.sync(leader(members).syncRequest().setGenerationId(2).setAssignments(List.of(huge)))
                .toCompletableFuture();

        assertEquals(Errors.MESSAGE_TOO_LARGE, error(sync));
        assertEquals(Errors.MESSAGE_TOO_LARGE, error(waiting));
        assertEquals(GroupState.PREPARING_REBALANCE, group.state());
        assertEquals(List.of(), group.written());
        group.settle(members);
        assertEquals(3, group.generation());
    }

    @Test
    void theLimitOfARecordIsThatOfTheTopic() {
        var tight = new TestGroup(Map.of("message.max.bytes", "20000"));
        var members = tight.stable(1);
        members.get(0).join();
        var huge = new SyncGroupRequestAssignment()
                .setMemberId(members.get(0).id())
                .setAssignment(new byte[20_000]);

        var sync = tight.sync(members.get(0).syncRequest().setGenerationId(2).setAssignments(List.of(huge)))
                .toCompletableFuture();

        assertEquals(Errors.MESSAGE_TOO_LARGE, error(sync));
    }

    @Test
    void aSyncThatIsSentAgainTakesThePlaceOfTheOneThatWaits() {
        var members = group.stable(2);
        members.forEach(TestMember::join);
        var request = follower(members).syncRequest().setGenerationId(2);
        var first = group.sync(request).toCompletableFuture();
        var second = group.sync(request).toCompletableFuture();

        assertEquals(Errors.REBALANCE_IN_PROGRESS, error(first));
        assertFalse(second.isDone());
    }

    @Test
    void followersGetTheirAssignmentsWhenTheRecordIsCommitted() {
        var members = group.stable(2);
        members.forEach(TestMember::join);
        var waiting =
                group.sync(follower(members).syncRequest().setGenerationId(2)).toCompletableFuture();

        var decision = group.appended(leader(members).syncRequest().setGenerationId(2));

        assertFalse(waiting.isDone());
        decision.onCommitted().run();
        assertEquals(Errors.NONE, error(waiting));
    }

    @Test
    void aRebalanceBeforeTheRecordIsCommittedTellsFollowersToJoin() {
        var members = group.stable(2);
        members.forEach(TestMember::join);
        var waiting =
                group.sync(follower(members).syncRequest().setGenerationId(2)).toCompletableFuture();
        var decision = group.appended(leader(members).syncRequest().setGenerationId(2));

        group.join(group.member().joinRequest(), 3);

        assertEquals(Errors.REBALANCE_IN_PROGRESS, error(waiting));
        members.forEach(TestMember::join);
        assertEquals(3, group.generation());
        var next =
                group.sync(follower(members).syncRequest().setGenerationId(3)).toCompletableFuture();
        decision.onCommitted().run();
        assertFalse(next.isDone(), "got the assignment of the generation before");
    }
}
