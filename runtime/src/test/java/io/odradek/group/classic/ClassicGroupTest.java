package io.odradek.group.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.coordinator.Decision;
import io.odradek.group.Group;
import io.odradek.group.OffsetCommitter;
import io.odradek.group.OffsetExpiration;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

/** What others ask of a classic group, and what is left of it after a failover. */
class ClassicGroupTest {
    private final TestGroup group = new TestGroup();

    private static byte[] subscription(String... topics) {
        return Utils.toArray(ConsumerProtocol.serializeSubscription(new Subscription(List.of(topics))));
    }

    private TestMember consumer(String... topics) {
        return group.member().protocolType("consumer").metadata(subscription(topics));
    }

    private static Errors refusal(Runnable question) {
        try {
            question.run();
            return Errors.NONE;
        } catch (ApiException e) {
            return Errors.forException(e);
        }
    }

    private Errors commit(String memberId, int generation) {
        return commit(new OffsetCommitter(memberId, Optional.empty(), generation, false, (short) 9));
    }

    private Errors commit(OffsetCommitter committer) {
        return refusal(() -> group.group().validateOffsetCommit(committer));
    }

    private Errors transactionalCommit(String memberId, int generation) {
        return commit(new OffsetCommitter(memberId, Optional.empty(), generation, true, (short) 3));
    }

    @Test
    void membersCommitWithTheirGeneration() {
        var members = group.stable(2);
        var id = members.get(0).id();

        assertEquals(Errors.NONE, commit(id, 1));
        assertEquals(Errors.ILLEGAL_GENERATION, commit(id, 0));
        assertEquals(Errors.ILLEGAL_GENERATION, commit(id, -1));
        assertEquals(Errors.UNKNOWN_MEMBER_ID, commit("stranger", 1));
        assertEquals(Errors.UNKNOWN_MEMBER_ID, commit("", 1));
        assertEquals(Errors.UNKNOWN_MEMBER_ID, commit("", -1));
        assertEquals(
                Errors.UNKNOWN_MEMBER_ID, commit(new OffsetCommitter(id, Optional.of("nobody"), 1, false, (short) 9)));
    }

    @Test
    void transactionalProducersNeedNotSayWhoTheyAre() {
        var members = group.stable(1);
        var id = members.get(0).id();

        assertEquals(Errors.NONE, transactionalCommit("", -1));
        assertEquals(Errors.NONE, transactionalCommit(id, 1));
        assertEquals(Errors.ILLEGAL_GENERATION, transactionalCommit(id, 2));
        assertEquals(Errors.UNKNOWN_MEMBER_ID, transactionalCommit("stranger", 1));
    }

    @Test
    void whileMembersJoinTheOldGenerationCommitsWhileTheyAwaitTheAssignmentNobody() {
        var members = group.stable(2);
        group.driver.shard().classic.rebalance(group.group(), "test");
        var id = members.get(0).id();
        assertEquals(Errors.NONE, commit(id, 1));

        members.forEach(TestMember::join);
        assertEquals(GroupState.COMPLETING_REBALANCE, group.state());
        assertEquals(Errors.REBALANCE_IN_PROGRESS, commit(id, 2));
        assertEquals(Errors.ILLEGAL_GENERATION, commit(id, 1));
        assertEquals(Errors.NONE, transactionalCommit(id, 2));
    }

    @Test
    void anEmptyGroupTakesCommitsOfThoseOutside() {
        var member = group.stable(1).get(0);
        group.leave(member.id());

        assertEquals(Errors.NONE, commit("", -1));
        assertEquals(Errors.UNKNOWN_MEMBER_ID, commit(member.id(), 1));
    }

    @Test
    void aStaticMemberThatWasReplacedIsFencedWhenItCommits() {
        var before = group.member().instance("a");
        group.settle(List.of(before));
        var after = before.restarted();
        group.settle(List.of(after));

        assertEquals(
                Errors.FENCED_INSTANCE_ID,
                commit(new OffsetCommitter(before.id(), Optional.of("a"), 1, false, (short) 9)));
        assertEquals(Errors.NONE, commit(new OffsetCommitter(after.id(), Optional.of("a"), 1, false, (short) 9)));
    }

    @Test
    void topicsOfConsumersAreKnownFromTheirSubscriptions() {
        var members = List.of(consumer("apples"), consumer("apples", "pears"));
        group.settle(members);

        assertTrue(group.group().isSubscribedTo("apples"));
        assertTrue(group.group().isSubscribedTo("pears"));
        assertFalse(group.group().isSubscribedTo("plums"));

        group.driver.restart();
        assertTrue(group.group().isSubscribedTo("pears"));
        assertFalse(group.group().isSubscribedTo("plums"));

        members.forEach(member -> group.leave(member.id()));
        assertFalse(group.group().isSubscribedTo("apples"));
    }

    @Test
    void consumersWhoseSubscriptionsCannotBeReadMayReadAnything() {
        for (var garbage : List.of(
                new byte[0], new byte[] {0, 1}, new byte[] {0, 1, 127, 1, 1, 1}, new byte[] {0, 1, -1, -1, -1, -1})) {
            var odd = new TestGroup();
            odd.settle(List.of(odd.member().protocolType("consumer").metadata(garbage)));
            assertTrue(odd.group().isSubscribedTo("anything"));
            assertEquals(Optional.empty(), odd.group().offsetExpiration());
        }
    }

    @Test
    void whatIsNotOfConsumersIsSubscribedToNothing() {
        group.stable(1);
        assertFalse(group.group().isSubscribedTo("apples"));
    }

    @Test
    void offsetsOfAConsumerGroupExpireFromWhenItWasLeft() {
        var member = consumer("apples");
        group.settle(List.of(member));
        assertEquals(
                Optional.of(new OffsetExpiration.SinceCommit()), group.group().offsetExpiration());
        member.metadata(subscription("pears")).join();
        group.join(consumer("apples").joinRequest(), 3);
        assertEquals(GroupState.PREPARING_REBALANCE, group.state());
        assertEquals(Optional.empty(), group.group().offsetExpiration());

        group.advance(TestGroup.REBALANCE_MS + TestGroup.SESSION_MS + 5 * TestGroup.REBALANCE_MS);
        assertEquals(GroupState.EMPTY, group.state());
        var since = group.group().offsetExpiration().orElseThrow();
        group.driver.restart();
        assertEquals(since, group.group().offsetExpiration().orElseThrow());
        assertTrue(since instanceof OffsetExpiration.SinceEmpty);
    }

    @Test
    void offsetsOfOtherGroupsExpireOnlyWhenTheyAreEmpty() {
        var member = group.stable(1).get(0);
        assertEquals(Optional.empty(), group.group().offsetExpiration());
        group.leave(member.id());
        assertEquals(
                Optional.of(new OffsetExpiration.SinceEmpty(group.driver.clock().milliseconds())),
                group.group().offsetExpiration());
    }

    @Test
    void aGroupForOffsetsAloneIsEmptyAndItsOffsetsExpireEachFromItsCommit() {
        Group simple = ClassicGroups.simple("simple");

        assertEquals(GroupState.EMPTY, simple.state());
        assertEquals(GroupType.CLASSIC, simple.type());
        assertEquals(Optional.empty(), simple.protocolType());
        assertEquals(Optional.of(new OffsetExpiration.SinceCommit()), simple.offsetExpiration());
        assertFalse(simple.isSubscribedTo("apples"));
        simple.validateOffsetCommit(new OffsetCommitter("", Optional.empty(), -1, false, (short) 9));
        simple.validateDelete();
        assertTrue(((ClassicGroup) simple).isSimple());
    }

    @Test
    void membersMayJoinAGroupThatWasThereForItsOffsets() {
        group.driver.write(shard -> {
            shard.groups.put(ClassicGroups.simple(TestGroup.ID));
            return Decision.nothing();
        });
        group.stable(2);
        group.driver.restart();
        assertEquals(2, group.group().members().size());
    }

    @Test
    void onlyEmptyGroupsAreDeleted() {
        var member = group.stable(1).get(0);
        assertEquals(Errors.NON_EMPTY_GROUP, refusal(group.group()::validateDelete));
        assertEquals(Errors.NON_EMPTY_GROUP, refusal(group.group()::validateOffsetDelete));
        group.leave(member.id());
        assertEquals(Errors.NONE, refusal(group.group()::validateDelete));
        assertEquals(Errors.NONE, refusal(group.group()::validateOffsetDelete));
        // Somebody is about to join it: it has to ask again.
        var pending = group.member().join().join().memberId();

        group.driver.write(shard -> Decision.of(group.group().tombstones(), 0));

        assertTrue(group.found().isEmpty());
        assertTrue(group.driver.timers().isEmpty(), group.driver.timers().toString());
        assertEquals(Errors.UNKNOWN_MEMBER_ID, group.leave(pending));
        group.driver.restart();
        assertTrue(group.found().isEmpty());
    }

    @Test
    void offsetsOfConsumersMayBeDeletedOneByOne() {
        group.settle(List.of(consumer("apples")));
        assertEquals(Errors.NONE, refusal(group.group()::validateOffsetDelete));
    }

    @Test
    void aStableGroupIsTheSameAfterAFailover() {
        var members = List.of(consumer("apples"), consumer("pears").instance("pears"));
        group.settle(members);
        var before = group.groups().describe(TestGroup.ID);

        group.driver.crash();

        assertEquals(before, group.groups().describe(TestGroup.ID));
        assertEquals(
                members.stream()
                        .filter(TestMember::leads)
                        .findFirst()
                        .orElseThrow()
                        .id(),
                group.group().leaderId().orElseThrow());
        members.forEach(member -> assertEquals(Errors.NONE, member.heartbeat()));
    }

    @Test
    void sessionsBeginAnewAfterAFailover() {
        group.stable(2);
        group.advance(TestGroup.SESSION_MS / 2);

        group.driver.crash();

        group.advance(TestGroup.SESSION_MS - 1);
        assertEquals(2, group.group().members().size());
        group.advance(1);
        assertEquals(GroupState.EMPTY, group.state());
    }

    @Test
    void whoWaitsIsToldWhenAnotherCoordinatorTakesOver() {
        var members = group.stable(2);
        var joining = members.get(0).metadata(new byte[] {2}).join();
        group.driver.restart();
        assertEquals(Errors.NOT_COORDINATOR.code(), joining.join().errorCode());
        assertEquals(GroupState.STABLE, group.state());
        assertEquals(1, group.generation());

        group.settle(members);
        var follower = members.stream().filter(m -> !m.leads()).findFirst().orElseThrow();
        members.forEach(TestMember::join);
        var syncing = group.sync(follower.syncRequest().setGenerationId(group.generation()))
                .toCompletableFuture();
        group.driver.restart();
        assertEquals(Errors.NOT_COORDINATOR.code(), syncing.join().errorCode());
    }

    @Test
    void whoWasToldToComeBackIsUnknownToALaterCoordinatorButTheGroupIsThere() {
        var pending = group.member().join().join().memberId();
        group.driver.crash();

        assertEquals(GroupState.EMPTY, group.state());
        var response = group.join(group.member().joinRequest().setMemberId(pending))
                .toCompletableFuture()
                .join();
        assertEquals(Errors.UNKNOWN_MEMBER_ID.code(), response.errorCode());
    }

    @Test
    void aGroupThatIsLargerThanGroupsMayBeNowRebalancesAtOnce() {
        var shrinking = new TestGroup(Map.of("group.max.size", "3"));
        shrinking.stable(3);
        shrinking.setting("group.max.size", "2");

        shrinking.driver.restart();

        assertEquals(GroupState.PREPARING_REBALANCE, shrinking.state());
    }

    @Test
    void membersAreDescribedWithWhatTheySubscribeToOnceTheGroupIsStable() {
        var member = consumer("apples");
        group.settle(List.of(member));

        var stable = group.groups().describe(TestGroup.ID);
        assertEquals("Stable", stable.groupState());
        assertEquals("consumer", stable.protocolType());
        assertEquals("range", stable.protocolData());
        assertEquals("client", stable.members().get(0).clientId());
        assertEquals("/127.0.0.1", stable.members().get(0).clientHost());
        assertEquals(
                List.of("apples"),
                ConsumerProtocol.deserializeSubscription(
                                ByteBuffer.wrap(stable.members().get(0).memberMetadata()))
                        .topics());

        group.driver.shard().classic.rebalance(group.group(), "test");
        var rebalancing = group.groups().describe(TestGroup.ID);
        assertEquals("PreparingRebalance", rebalancing.groupState());
        assertEquals("", rebalancing.protocolData());
        assertEquals(0, rebalancing.members().get(0).memberMetadata().length);

        assertThrows(GroupIdNotFoundException.class, () -> group.groups().describe("none"));
    }
}
