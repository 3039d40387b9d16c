package io.odradek.group.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class JoinGroupTest {
    private final TestGroup group = new TestGroup();

    private static JoinGroupResponseData done(CompletionStage<JoinGroupResponseData> stage) {
        assertTrue(stage.toCompletableFuture().isDone(), "not answered");
        return stage.toCompletableFuture().join();
    }

    private static Errors error(CompletionStage<JoinGroupResponseData> stage) {
        return Errors.forCode(done(stage).errorCode());
    }

    @Test
    void aNewDynamicMemberIsToldItsIdFirst() {
        var response = done(group.member().join());

        assertEquals(Errors.MEMBER_ID_REQUIRED.code(), response.errorCode());
        assertTrue(response.memberId().startsWith("client-"), response.memberId());
        assertEquals(GroupState.EMPTY, group.state());
        assertEquals(0, group.group().members().size());
        assertEquals(
                List.of(""), group.written().stream().map(v -> v.protocolType()).toList());
    }

    @Test
    void beforeVersion4AMemberJoinsAtOnce() {
        var joining = group.join(group.member().joinRequest(), 3);

        assertEquals(GroupState.PREPARING_REBALANCE, group.state());
        group.advance(TestGroup.INITIAL_DELAY_MS);
        var response = done(joining);
        assertEquals(1, response.generationId());
        assertEquals(response.memberId(), response.leader());
        assertEquals(1, response.members().size());
    }

    @Test
    void aMemberThatDoesNotComeBackWithItsIdIsForgotten() {
        var response = done(group.member().join());

        group.advance(TestGroup.SESSION_MS);

        var late = group.member().joinRequest().setMemberId(response.memberId());
        assertEquals(Errors.UNKNOWN_MEMBER_ID, error(group.join(late)));
        assertEquals(0, group.group().pendingJoins().size());
    }

    @Test
    void aRebalanceWaitsForAMemberThatWasToldToComeBack() {
        var first = group.stable(1).get(0);
        var second = done(group.member().join());
        assertEquals(Errors.MEMBER_ID_REQUIRED.code(), second.errorCode());

        var leader = first.join();
        assertFalse(leader.isDone(), "went on without the member that is to come back");

        group.join(group.member().joinRequest().setMemberId(second.memberId()));
        assertEquals(2, done(leader).members().size());
    }

    @Test
    void aRebalanceGoesOnWhenAPendingMemberIsGivenUp() {
        var first = group.stable(1).get(0);
        done(group.member().join());
        var leader = first.join();

        group.advance(TestGroup.SESSION_MS);

        assertEquals(1, done(leader).members().size());
        assertEquals(2, done(leader).generationId());
    }

    @Test
    void unknownMembersAreRefused() {
        var stranger = group.member().joinRequest().setMemberId("stranger");
        assertEquals(Errors.UNKNOWN_MEMBER_ID, error(group.join(stranger)));
        assertTrue(group.found().isEmpty(), "a stranger has made a group");

        group.stable(2);
        var response = done(group.join(stranger));
        assertEquals(Errors.UNKNOWN_MEMBER_ID.code(), response.errorCode());
        assertEquals("stranger", response.memberId());
        assertEquals(GroupState.STABLE, group.state());
    }

    @Test
    void theInitialRebalanceIsExtendedWhileMembersCome() {
        var first = group.member().joinRequest();
        var a = group.join(first, 3);
        group.advance(TestGroup.INITIAL_DELAY_MS - 1);
        var b = group.join(first, 3);
        group.advance(TestGroup.INITIAL_DELAY_MS);
        var c = group.join(first, 3);
        assertFalse(a.toCompletableFuture().isDone());
        group.advance(TestGroup.INITIAL_DELAY_MS);
        assertFalse(a.toCompletableFuture().isDone());
        group.advance(TestGroup.INITIAL_DELAY_MS);

        assertEquals(3, done(a).members().size());
        assertEquals(1, done(b).generationId());
        assertEquals(1, done(c).generationId());
    }

    @Test
    void theInitialRebalanceEndsWithTheRebalanceTimeout() {
        var request = group.member().rebalanceTimeoutMs(10_000).joinRequest();
        var first = group.join(request, 3);
        for (int second = 1; second < 10; second++) {
            group.advance(1000);
            group.join(request, 3);
            assertFalse(first.toCompletableFuture().isDone(), "after " + second + " s");
        }
        group.advance(1000);

        assertEquals(10, done(first).members().size());
    }

    @Test
    void withoutInitialDelayTheFirstMemberStartsAtOnce() {
        var eager = new TestGroup(Map.of("group.initial.rebalance.delay.ms", "0"));
        var joining = eager.join(eager.member().joinRequest(), 3);
        eager.advance(0);
        assertEquals(1, done(joining).generationId());
    }

    @Test
    void protocolsMustFit() {
        var noType = group.member().protocolType("").joinRequest();
        assertEquals(Errors.INCONSISTENT_GROUP_PROTOCOL, error(group.join(noType)));
        var noProtocols = group.member().protocols().joinRequest();
        assertEquals(Errors.INCONSISTENT_GROUP_PROTOCOL, error(group.join(noProtocols)));

        group.stable(1);
        var otherType = group.member().protocolType("connect").joinRequest();
        assertEquals(Errors.INCONSISTENT_GROUP_PROTOCOL, error(group.join(otherType)));
        var otherProtocol = group.member().protocols("sticky").joinRequest();
        assertEquals(Errors.INCONSISTENT_GROUP_PROTOCOL, error(group.join(otherProtocol)));
        assertEquals(GroupState.STABLE, group.state());
    }

    @Test
    void theProtocolThatMostLikeBestOfThoseThatAllKnowIsChosen() {
        var members = List.of(
                group.member().protocols("own", "range", "sticky"),
                group.member().protocols("sticky", "range"),
                group.member().protocols("sticky", "range"));
        group.settle(members);
        assertEquals("sticky", group.group().protocolName().orElseThrow());

        var old = group.member().protocols("range");
        group.settle(Stream.concat(members.stream(), Stream.of(old)).toList());
        assertEquals("range", group.group().protocolName().orElseThrow());
    }

    @Test
    void aProtocolNamedTwiceIsTakenOnce() {
        var members = List.of(group.member().protocols("range", "range"), group.member());
        group.settle(members);
        assertEquals("range", group.group().protocolName().orElseThrow());
    }

    @Test
    void aFollowerThatJoinsAgainUnchangedGetsItsGeneration() {
        var members = group.stable(2);
        var follower = members.stream().filter(m -> !m.leads()).findFirst().orElseThrow();

        var response = done(follower.join());

        assertEquals(1, response.generationId());
        assertEquals(List.of(), response.members());
        assertEquals(GroupState.STABLE, group.state());
    }

    @Test
    void aLeaderThatJoinsAgainMakesTheGroupRebalance() {
        var members = group.stable(2);
        var leader = members.stream().filter(TestMember::leads).findFirst().orElseThrow();

        leader.join();

        assertEquals(GroupState.PREPARING_REBALANCE, group.state());
    }

    @Test
    void newMetadataMakeTheGroupRebalance() {
        var members = group.stable(2);
        var follower = members.stream().filter(m -> !m.leads()).findFirst().orElseThrow();

        follower.metadata(new byte[] {2}).join();

        assertEquals(GroupState.PREPARING_REBALANCE, group.state());
        group.settle(members);
        assertEquals(2, group.generation());
    }

    @Test
    void whileTheAssignmentIsAwaitedAMemberMayAskAgainForItsGeneration() {
        var members = group.stable(2);
        var stages = members.stream().map(TestMember::join).toList();
        var leader = members.get(0).leads() ? 0 : 1;
        assertEquals(GroupState.COMPLETING_REBALANCE, group.state());

        var again = done(members.get(leader).join());

        assertEquals(2, again.generationId());
        assertEquals(done(stages.get(leader)).members(), again.members());
        assertEquals(GroupState.COMPLETING_REBALANCE, group.state());
    }

    @Test
    void aRequestThatIsSentAgainTakesThePlaceOfTheOneThatWaits() {
        var member = group.stable(2).get(0);
        group.join(group.member().joinRequest(), 3);
        var first = member.join();
        var second = member.join();

        assertEquals(Errors.REBALANCE_IN_PROGRESS, error(first));
        assertFalse(second.isDone());
        assertEquals(2, group.group().membership().waitingForJoin());
    }

    @Test
    void aFullGroupTakesNobodyMore() {
        var small = new TestGroup(Map.of("group.max.size", "2"));
        small.stable(2);

        var response = done(small.member().join());

        assertEquals(Errors.GROUP_MAX_SIZE_REACHED.code(), response.errorCode());
        assertEquals("", response.memberId());
        assertEquals(GroupState.STABLE, small.state());
    }

    @Test
    void whileMembersJoinTheFirstStayIn() {
        var small = new TestGroup(Map.of("group.max.size", "2"));
        var request = small.member().joinRequest();
        var a = small.join(request, 3);
        var b = small.join(request, 3);
        assertEquals(Errors.GROUP_MAX_SIZE_REACHED, error(small.join(request, 3)));

        small.advance(2 * TestGroup.INITIAL_DELAY_MS);

        assertEquals(2, done(a).members().size());
        assertEquals(1, done(b).generationId());
    }

    @Test
    void absurdSizesAreRefusedWithAnErrorThatSaysSo() {
        var huge = group.member().metadata(new byte[2 * 1024 * 1024]).joinRequest();
        assertEquals(Errors.MESSAGE_TOO_LARGE, error(group.join(huge)));

        var many = group.member()
                .metadata(new byte[900 * 1024])
                .protocols("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
        assertEquals(Errors.MESSAGE_TOO_LARGE, error(group.join(many.joinRequest())));

        var longId = group.member().instance("i".repeat(32_767)).joinRequest();
        assertEquals(Errors.INVALID_REQUEST, error(group.join(longId)));
    }

    @Test
    void aGroupIdOfTheLargestSizeIsWrittenAndReadAgain() {
        JoinGroupRequestData request = group.member().joinRequest().setGroupId("g".repeat(32_767));
        assertEquals(Errors.MEMBER_ID_REQUIRED, error(group.join(request)));

        group.driver.restart();

        assertTrue(group.driver.shard().groups.get("g".repeat(32_767)).isPresent());
    }

    @Test
    void idsAreDifferent() {
        var a = done(group.member().join()).memberId();
        var b = done(group.member().join()).memberId();
        assertNotEquals(a, b);
        assertTrue(Arrays.asList(a, b).stream().allMatch(id -> id.length() == "client-".length() + 36));
    }

    @Test
    void aJoinStormEndsInOneRebalanceOrFew() {
        var members = group.stable(500);

        assertTrue(group.generation() <= 2, "generations: " + group.generation());
        assertEquals(500, group.group().members().size());
        assertEquals(1, members.stream().filter(TestMember::leads).count());
        assertEquals(
                TestMember.PARTITIONS,
                members.stream().mapToInt(m -> m.partitions().size()).sum());
    }

    @Test
    void membersThatStormAStableGroupAreInAfterFewRebalances() {
        var first = group.stable(1);
        var all = Stream.concat(first.stream(), Stream.generate(group::member).limit(500))
                .toList();

        group.settle(all);

        assertTrue(group.generation() <= 4, "generations: " + group.generation());
        assertEquals(501, group.group().members().size());
    }
}
