package io.odradek.group.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Members with a group instance id (KIP-345). */
class StaticMembersTest {
    private final TestGroup group = new TestGroup();
    private final TestMember a = group.member().instance("a");
    private final TestMember b = group.member().instance("b");

    private static JoinGroupResponseData done(CompletableFuture<JoinGroupResponseData> stage) {
        assertTrue(stage.isDone(), "not answered");
        return stage.join();
    }

    private static Errors error(CompletableFuture<JoinGroupResponseData> stage) {
        return Errors.forCode(done(stage).errorCode());
    }

    private void settle() {
        group.settle(List.of(a, b));
    }

    private TestMember leader() {
        return a.leads() ? a : b;
    }

    private TestMember follower() {
        return a.leads() ? b : a;
    }

    @Test
    void aStaticMemberJoinsAtOnce() {
        var joining = a.join();
        assertFalse(joining.isDone());
        group.advance(TestGroup.INITIAL_DELAY_MS);
        assertTrue(done(joining).memberId().startsWith("a-"), done(joining).memberId());
        assertEquals("a", done(joining).members().get(0).groupInstanceId());
    }

    @Test
    void aFollowerThatRestartsIsBackWithoutARebalance() {
        settle();
        var before = follower().partitions();
        var again = follower().restarted();
        group.written();

        again.act();

        assertEquals(GroupState.STABLE, group.state());
        var written = group.written();
        assertEquals(1, written.size());
        assertEquals(1, written.get(0).generation());
        assertEquals(2, written.get(0).members().size());
        again.act();
        again.act();
        assertTrue(again.isStable());
        assertEquals(1, again.generation());
        assertEquals(before, again.partitions());
        assertEquals(Errors.NONE, again.heartbeat());
        assertEquals(Errors.FENCED_INSTANCE_ID, follower().heartbeat());
    }

    @Test
    void aLeaderThatRestartsSkipsTheAssignment() {
        settle();
        var before = leader().partitions();
        var again = leader().restarted();

        var response = done(again.join());

        assertTrue(response.skipAssignment());
        assertEquals(response.memberId(), response.leader());
        assertEquals(2, response.members().size());
        assertEquals(1, response.generationId());

        var yetAgain = leader().restarted();
        group.settle(List.of(yetAgain, follower()));
        assertEquals(before, yetAgain.partitions());
        assertEquals(1, group.generation());
    }

    @Test
    void beforeVersion9ALeaderThatRestartsIsToldThatItsFormerSelfLeads() {
        settle();
        var former = leader().id();

        var response = done(group.join(leader().restarted().joinRequest(), 8).toCompletableFuture());

        assertEquals(former, response.leader());
        assertNotEquals(former, response.memberId());
        assertFalse(response.skipAssignment());
        assertEquals(List.of(), response.members());
        assertEquals(response.memberId(), group.group().leaderId().orElseThrow());
    }

    @Test
    void theFormerSelfIsFencedEverywhere() {
        settle();
        var former = follower();
        var again = former.restarted();
        group.settle(List.of(again, leader()));

        assertEquals(Errors.FENCED_INSTANCE_ID, error(former.join()));
        assertEquals(Errors.FENCED_INSTANCE_ID.code(), former.sync().join().errorCode());
        assertEquals(Errors.FENCED_INSTANCE_ID, former.heartbeat());
        // Without the instance id it is just somebody unknown.
        assertEquals(Errors.UNKNOWN_MEMBER_ID, group.heartbeat(former.id(), 1));
        assertEquals(Errors.NONE, again.heartbeat());
    }

    @Test
    void whoWaitsIsFencedAtOnce() {
        settle();
        leader().join();
        var waiting = leader().join();
        var again = leader().restarted();

        again.join();

        assertEquals(Errors.FENCED_INSTANCE_ID, error(waiting));
    }

    @Test
    void whoWaitsForTheAssignmentIsFencedAndTheGroupBeginsAnew() {
        settle();
        leader().join();
        follower().join();
        CompletableFuture<SyncGroupResponseData> waiting =
                group.sync(follower().syncRequest().setGenerationId(2)).toCompletableFuture();
        var again = follower().restarted();

        again.act();

        assertEquals(Errors.FENCED_INSTANCE_ID.code(), waiting.join().errorCode());
        assertEquals(GroupState.PREPARING_REBALANCE, group.state());
        group.settle(List.of(again, leader()));
        assertEquals(3, group.generation());
    }

    @Test
    void aRestartWithOtherProtocolsThatChangeTheChoiceRebalances() {
        a.protocols("range", "sticky");
        b.protocols("range", "sticky");
        settle();
        var again = follower().restarted().protocols("sticky");

        again.act();

        assertEquals(GroupState.PREPARING_REBALANCE, group.state());
        group.settle(List.of(again, leader()));
        assertEquals("sticky", group.group().protocolName().orElseThrow());
    }

    @Test
    void aStaticMemberKeepsItsPlaceWhileItIsAwayWithinItsSession() {
        a.sessionTimeoutMs(300_000);
        b.sessionTimeoutMs(300_000);
        settle();
        var away = follower();
        var third = group.member().sessionTimeoutMs(60_000);
        third.act();
        third.act();
        third.act();

        // The rebalance waits for it as long as it may, and goes on with it as a member.
        for (int waited = 0; waited <= TestGroup.REBALANCE_MS; waited += 5000) {
            leader().act();
            third.act();
            group.advance(5000);
        }
        assertTrue(group.group().member(away.id()).isPresent());
        assertEquals(3, group.group().members().size());
        assertEquals(2, group.generation());

        // But then it has to sync as everybody.
        for (int waited = 0; waited <= TestGroup.REBALANCE_MS; waited += 5000) {
            leader().act();
            third.act();
            group.advance(5000);
        }
        assertFalse(group.group().member(away.id()).isPresent());
    }

    @Test
    void whenNoStaticMemberComesBackTheGroupWaitsForTheirSessions() {
        a.sessionTimeoutMs(200_000);
        b.sessionTimeoutMs(300_000);
        settle();
        group.group();
        group.driver.shard().classic.rebalance(group.group(), "test");

        group.advance(TestGroup.REBALANCE_MS);
        assertEquals(GroupState.PREPARING_REBALANCE, group.state());
        assertEquals(2, group.group().members().size());
        group.advance(300_000);
        assertEquals(GroupState.EMPTY, group.state());
    }

    @Test
    void unknownInstancesAreUnknownMembers() {
        settle();
        var request = new HeartbeatRequestData()
                .setGroupId(TestGroup.ID)
                .setMemberId(a.id())
                .setGenerationId(1)
                .setGroupInstanceId("c");
        assertEquals(Errors.UNKNOWN_MEMBER_ID, group.heartbeat(request));
        assertEquals(Errors.FENCED_INSTANCE_ID, group.heartbeat(request.setGroupInstanceId("b")));
    }

    @Test
    void aPendingMemberThatComesBackAsAStaticOneIsUnknown() {
        settle();
        var pending = done(group.member().join()).memberId();

        var response = group.join(group.member().instance("c").joinRequest().setMemberId(pending));

        assertEquals(Errors.UNKNOWN_MEMBER_ID, error(response.toCompletableFuture()));
    }

    @Test
    void theReplacementIsWhatALaterCoordinatorKnows() {
        settle();
        var again = follower().restarted();
        group.settle(List.of(again, leader()));

        group.driver.crash();

        assertEquals(Errors.NONE, again.heartbeat());
        assertEquals(Errors.FENCED_INSTANCE_ID, follower().heartbeat());
    }
}
