package io.odradek.group.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class LeaveGroupTest {
    private final TestGroup group = new TestGroup();

    private static List<Errors> errors(LeaveGroupResponseData response) {
        assertEquals(Errors.NONE.code(), response.errorCode());
        return response.members().stream()
                .map(m -> Errors.forCode(m.errorCode()))
                .toList();
    }

    @Test
    void whoLeavesMakesTheOthersRebalanceAtOnce() {
        var members = group.stable(3);

        assertEquals(Errors.NONE, group.leave(members.get(1).id()));

        assertEquals(GroupState.PREPARING_REBALANCE, group.state());
        group.settle(List.of(members.get(0), members.get(2)));
        assertEquals(2, group.generation());
        assertEquals(Errors.UNKNOWN_MEMBER_ID, members.get(1).heartbeat());
    }

    @Test
    void whenTheLastLeavesTheGroupIsEmptyAndThatIsWritten() {
        var member = group.stable(1).get(0);

        assertEquals(Errors.NONE, group.leave(member.id()));

        assertEquals(GroupState.EMPTY, group.state());
        assertEquals(1, group.written().size());
        assertTrue(group.driver.timers().isEmpty());
        assertEquals(Errors.UNKNOWN_MEMBER_ID, group.leave(member.id()));
    }

    @Test
    void severalLeaveAtOnceAndEachHasItsOwnError() {
        var dynamic = group.stable(2);
        var fixed = group.member().instance("fixed");
        group.settle(Stream.concat(dynamic.stream(), Stream.of(fixed)).toList());
        int before = group.generation();

        var response = group.leave(
                new MemberIdentity().setMemberId(dynamic.get(0).id()).setReason("goodbye"),
                new MemberIdentity().setMemberId("stranger"),
                new MemberIdentity().setGroupInstanceId("nobody"),
                new MemberIdentity(),
                new MemberIdentity().setMemberId(dynamic.get(1).id()).setGroupInstanceId("fixed"),
                new MemberIdentity().setGroupInstanceId("fixed"));

        assertEquals(
                List.of(
                        Errors.NONE,
                        Errors.UNKNOWN_MEMBER_ID,
                        Errors.UNKNOWN_MEMBER_ID,
                        Errors.UNKNOWN_MEMBER_ID,
                        Errors.FENCED_INSTANCE_ID,
                        Errors.NONE),
                errors(response));
        assertEquals("fixed", response.members().get(5).groupInstanceId());
        assertEquals("", response.members().get(5).memberId());
        group.settle(List.of(dynamic.get(1)));
        assertEquals(before + 1, group.generation());
    }

    @Test
    void nobodyLeavesAGroupThatIsNotThere() {
        assertEquals(
                List.of(Errors.UNKNOWN_MEMBER_ID, Errors.UNKNOWN_MEMBER_ID),
                errors(group.leave(
                        new MemberIdentity().setMemberId("m"), new MemberIdentity().setGroupInstanceId("i"))));
        assertTrue(group.found().isEmpty());
    }

    @Test
    void whoWasToldToComeBackMayLeave() {
        var pending = group.member().join().join().memberId();

        assertEquals(Errors.NONE, group.leave(pending));

        assertEquals(0, group.group().pendingJoins().size());
        assertTrue(group.driver.timers().isEmpty());
    }

    @Test
    void whoLeavesWhileItWaitsIsAnswered() {
        var members = group.stable(2);
        var joining = members.get(0).metadata(new byte[] {3}).join();
        assertFalse(joining.isDone());

        group.leave(members.get(0).id());
        assertEquals(Errors.UNKNOWN_MEMBER_ID.code(), joining.join().errorCode());

        group.settle(List.of(members.get(1)));
        var second = group.member();
        group.settle(List.of(members.get(1), second));
        var all = List.of(members.get(1), second);
        all.forEach(TestMember::join);
        if (group.state() != GroupState.COMPLETING_REBALANCE) {
            all.forEach(TestMember::join);
        }
        var follower = all.stream().filter(m -> !m.leads()).findFirst().orElseThrow();
        var syncing = group.sync(follower.syncRequest().setGenerationId(group.generation()))
                .toCompletableFuture();
        group.leave(follower.id());
        assertEquals(Errors.UNKNOWN_MEMBER_ID.code(), syncing.join().errorCode());
    }

    @Test
    void theLastThatTheOthersWaitForLeaves() {
        var members = group.stable(2);
        var joining = members.get(0).metadata(new byte[] {3}).join();

        group.leave(members.get(1).id());

        assertEquals(2, joining.join().generationId());
        assertEquals(1, joining.join().members().size());
    }
}
