package io.odradek.group.consumer;

import static io.odradek.group.consumer.FakeConsumer.partitions;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.coordinator.Decision;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.errors.FencedMemberEpochException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.junit.jupiter.api.Test;

class ConsumerGroupsTest {
    private static final int SESSION_TIMEOUT_MS = 45_000;
    private static final int REBALANCE_TIMEOUT_MS = 300_000;

    private final GroupUnderTest group = new GroupUnderTest();

    private FakeConsumer consumer(String id, String... topics) {
        return new FakeConsumer(group, id).subscribe(topics);
    }

    @Test
    void theFirstMemberGetsEverythingAtOnce() {
        group.createTopic("t", 3);
        var a = consumer("a", "t");
        var response = a.join();
        assertEquals("a", response.memberId());
        assertEquals(2, response.memberEpoch());
        assertEquals(5_000, response.heartbeatIntervalMs());
        assertEquals(partitions("t-0", "t-1", "t-2"), a.owns());
        assertEquals(GroupState.STABLE, group.existing().state());
        assertNull(a.beat().assignment());
    }

    @Test
    void aMemberWithoutIdGetsOne() {
        group.createTopic("t", 1);
        var response = group.heartbeat(consumer("", "t").full());
        assertFalse(response.memberId().isEmpty());
        assertEquals(Set.of(response.memberId()), group.existing().members().keySet());
    }

    @Test
    void partitionsMoveWhenTheirOwnerHasLetGo() {
        group.createTopic("t", 4);
        var a = consumer("a", "t");
        var b = consumer("b", "t");
        a.join();
        b.join();
        assertEquals(Set.of(), b.owns());
        assertEquals(MemberState.UNRELEASED_PARTITIONS, state("b"));
        assertEquals(GroupState.RECONCILING, group.existing().state());

        a.reluctant = true;
        assertEquals(2, a.beat().memberEpoch());
        assertEquals(MemberState.UNREVOKED_PARTITIONS, state("a"));
        assertEquals(Set.of(), b.owns());
        b.beat();
        assertEquals(Set.of(), b.owns());

        a.reluctant = false;
        assertEquals(3, a.beat().memberEpoch());
        b.beat();
        assertEquals(2, a.owns().size());
        assertEquals(2, b.owns().size());
        assertEquals(GroupState.STABLE, group.existing().state());
    }

    private MemberState state(String memberId) {
        return group.existing().requireMember(memberId).current().state();
    }

    @Test
    void whatAMemberLeavesOthersGet() {
        group.createTopic("t", 4);
        var a = consumer("a", "t");
        var b = consumer("b", "t");
        settle(a, b);
        a.leave();
        assertEquals(Set.of("b"), group.existing().members().keySet());
        assertEquals(GroupState.ASSIGNING, group.existing().state());
        b.beat();
        assertEquals(partitions("t-0", "t-1", "t-2", "t-3"), b.owns());
        b.leave();
        assertEquals(GroupState.EMPTY, group.existing().state());
        assertEquals(Set.of(), group.existing().owners().members().keySet());
    }

    private void settle(FakeConsumer... consumers) {
        for (var consumer : consumers) {
            consumer.join();
        }
        beats(4, consumers);
        assertEquals(GroupState.STABLE, group.existing().state());
    }

    private static void beats(int rounds, FakeConsumer... consumers) {
        for (int i = 0; i < rounds; i++) {
            for (var consumer : consumers) {
                consumer.beat();
            }
        }
    }

    @Test
    void whoIsSilentIsOut() {
        group.createTopic("t", 2);
        var a = consumer("a", "t");
        var b = consumer("b", "t");
        settle(a, b);
        group.driver.advance(SESSION_TIMEOUT_MS - 1);
        b.beat();
        group.driver.advance(1);
        assertEquals(Set.of("b"), group.existing().members().keySet());
        assertThrows(UnknownMemberIdException.class, a::beat);
        b.beat();
        assertEquals(2, b.owns().size());
    }

    @Test
    void whoDoesNotGiveUpIsOut() {
        group.createTopic("t", 2);
        var a = consumer("a", "t");
        a.join();
        var b = consumer("b", "t");
        b.join();
        a.reluctant = true;
        a.beat();
        for (int ms = 0; ms < REBALANCE_TIMEOUT_MS - 30_000; ms += 30_000) {
            group.driver.advance(30_000);
            a.beat();
            b.beat();
        }
        assertEquals(Set.of("a", "b"), group.existing().members().keySet());
        group.driver.advance(30_000);
        assertEquals(Set.of("b"), group.existing().members().keySet());
        b.beat();
        assertEquals(2, b.owns().size());
    }

    @Test
    void timersGoOnAfterAFailover() {
        group.createTopic("t", 2);
        var a = consumer("a", "t");
        a.join();
        consumer("b", "t").join();
        a.reluctant = true;
        a.beat();
        group.driver.restart();
        assertEquals(
                Set.of("consumer-session-5-group-a", "consumer-session-5-group-b", "consumer-rebalance-5-group-a"),
                group.driver.timers().stream()
                        .filter(timer -> timer.startsWith("consumer-"))
                        .collect(Collectors.toSet()));
        group.driver.advance(SESSION_TIMEOUT_MS);
        assertEquals(GroupState.EMPTY, group.existing().state());
    }

    @Test
    void oldEpochsAreFencedButTheLastOne() {
        group.createTopic("t", 4);
        var a = consumer("a", "t");
        var b = consumer("b", "t");
        settle(a, b);
        int epoch = a.epoch;
        consumer("c", "t").join();
        a.beat();
        a.beat();
        assertNotEquals(epoch, a.epoch);
        // The response was lost, and the member owns no more than it did.
        assertEquals(a.epoch, group.heartbeat(a.full().setMemberEpoch(epoch)).memberEpoch());
        var withMore = a.full().setMemberEpoch(epoch);
        withMore.topicPartitions()
                .add(new TopicPartitions().setTopicId(group.topicId("t")).setPartitions(List.of(0, 1, 2, 3)));
        assertThrows(FencedMemberEpochException.class, () -> group.heartbeat(withMore));
        assertThrows(
                FencedMemberEpochException.class,
                () -> group.heartbeat(a.request().setMemberEpoch(epoch)));
        assertThrows(
                FencedMemberEpochException.class,
                () -> group.heartbeat(a.request().setMemberEpoch(a.epoch + 1)));
        assertThrows(
                FencedMemberEpochException.class, () -> group.heartbeat(a.full().setMemberEpoch(1)));
        // It starts anew and gets what it had.
        int before = a.owns().size();
        a.join();
        assertEquals(before, a.owns().size());
    }

    @Test
    void strangersAreTurnedAway() {
        group.createTopic("t", 1);
        var a = consumer("a", "t");
        a.epoch = 5;
        assertThrows(GroupIdNotFoundException.class, () -> group.heartbeat(a.request()));
        assertThrows(
                GroupIdNotFoundException.class,
                () -> group.heartbeat(a.request().setMemberEpoch(-1)));
        a.join();
        assertThrows(
                UnknownMemberIdException.class,
                () -> group.heartbeat(consumer("x").request().setMemberEpoch(3)));
        assertThrows(
                UnknownMemberIdException.class,
                () -> group.heartbeat(consumer("x").request().setMemberEpoch(-1)));
        assertThrows(
                UnknownMemberIdException.class,
                () -> group.heartbeat(consumer("x").as("nobody").request().setMemberEpoch(3)));
    }

    @Test
    void aFullGroupTakesNobodyMore() {
        group.set("group.consumer.max.size", "1");
        group.createTopic("t", 1);
        var a = consumer("a", "t");
        a.join();
        assertThrows(
                GroupMaxSizeReachedException.class, () -> consumer("b", "t").join());
        a.join();
    }

    @Test
    void newPartitionsAreSharedOutAtTheNextHeartbeat() {
        group.createTopic("t", 1);
        var a = consumer("a", "t");
        a.join();
        int epoch = group.existing().epoch();
        group.addPartitions("t", 3);
        assertEquals(epoch, group.existing().epoch());
        a.beat();
        assertEquals(epoch + 1, group.existing().epoch());
        assertEquals(partitions("t-0", "t-1", "t-2"), a.owns());
    }

    @Test
    void aTopicThatAppearsOrVanishesIsNoticed() {
        var a = consumer("a", "t", "u");
        a.join();
        assertEquals(Set.of(), a.owns());
        group.createTopic("t", 1);
        group.createTopic("u", 1);
        a.beat();
        assertEquals(partitions("t-0", "u-0"), a.owns());
        group.deleteTopic("t");
        a.beat();
        a.beat();
        assertEquals(partitions("u-0"), a.owns());
        assertEquals(GroupState.STABLE, group.existing().state());
    }

    @Test
    void topicsOfNobodyMakeNoEpoch() {
        group.createTopic("t", 1);
        var a = consumer("a", "t");
        a.join();
        int epoch = group.existing().epoch();
        group.createTopic("other", 5);
        group.driver.restart();
        group.takeWritten();
        a.beat();
        assertEquals(epoch, group.existing().epoch());
        assertEquals(List.of(), group.takeWritten());
    }

    @Test
    void whoChangesItsSubscriptionLetsGoAtOnce() {
        group.set("group.consumer.assignment.interval.ms", "10000");
        group.createTopic("t", 1);
        group.createTopic("u", 1);
        var a = consumer("a", "t");
        a.join();
        a.resubscribe("u");
        // There is no new target yet, but what it is not subscribed to any more it must give up.
        assertEquals(Set.of(), a.owns());
        group.driver.advance(10_000);
        a.beat();
        a.beat();
        assertEquals(partitions("u-0"), a.owns());
    }

    @Test
    void assignmentsAreComputedNoMoreOftenThanTheInterval() {
        group.set("group.consumer.assignment.interval.ms", "1000");
        group.createTopic("t", 4);
        var a = consumer("a", "t");
        a.join();
        var b = consumer("b", "t");
        assertEquals(2, b.join().memberEpoch());
        assertEquals(GroupState.ASSIGNING, group.existing().state());
        group.driver.advance(999);
        b.beat();
        assertEquals(2, group.existing().target().epoch());
        group.driver.advance(1);
        beats(3, a, b);
        assertEquals(3, group.existing().target().epoch());
        assertEquals(2, b.owns().size());
    }

    @Test
    void aGroupsOwnConfigsCountWithinTheBrokersBounds() {
        group.createTopic("t", 1);
        group.setOfGroup("consumer.heartbeat.interval.ms", "7000");
        group.setOfGroup("consumer.session.timeout.ms", "50000");
        var a = consumer("a", "t");
        assertEquals(7_000, a.join().heartbeatIntervalMs());
        group.driver.advance(49_999);
        assertEquals(1, group.existing().members().size());
        group.driver.advance(1);
        assertEquals(0, group.existing().members().size());
        group.setOfGroup("consumer.heartbeat.interval.ms", "40000");
        assertEquals(15_000, a.join().heartbeatIntervalMs());
    }

    @Test
    void mostWishesDecideTheAssignor() {
        group.createTopic("t", 4);
        group.createTopic("u", 4);
        var a = consumer("a", "t", "u");
        var b = consumer("b", "t", "u");
        a.assignor = "range";
        b.assignor = "range";
        var c = consumer("c", "t", "u");
        c.assignor = "uniform";
        settle(a, b, c);
        assertEquals("range", group.describe().assignorName());
        assertEquals(partitions("t-0", "t-1", "u-0", "u-1"), a.owns());
    }

    @Test
    void describedAsItIs() {
        group.createTopic("t", 2);
        var a = consumer("a", "t").as("one");
        a.join();
        consumer("b", "t").join();
        a.reluctant = true;
        a.beat();
        var described = group.describe();
        assertEquals("Reconciling", described.groupState());
        assertEquals(3, described.groupEpoch());
        assertEquals(3, described.assignmentEpoch());
        assertEquals("uniform", described.assignorName());
        var member = described.members().stream()
                .filter(m -> m.memberId().equals("a"))
                .findFirst()
                .orElseThrow();
        assertEquals("one", member.instanceId());
        assertEquals("/127.0.0.1", member.clientHost());
        assertEquals(List.of("t"), member.subscribedTopicNames());
        assertEquals(1, member.memberType());
        // What it has been told to give up is still its own.
        assertEquals(List.of(0, 1), member.assignment().topicPartitions().get(0).partitions());
        assertEquals(
                1,
                member.targetAssignment().topicPartitions().get(0).partitions().size());
    }

    @Test
    void onlyAnEmptyGroupIsDeleted() {
        group.createTopic("t", 1);
        var a = consumer("a", "t");
        a.join();
        assertThrows(GroupNotEmptyException.class, () -> group.existing().validateDelete());
        a.leave();
        group.existing().validateDelete();
        group.driver.write(shard -> Decision.of(group.existing().tombstones()));
        assertTrue(group.group().isEmpty());
        group.driver.restart();
        assertTrue(group.group().isEmpty());
        assertNotNull(a.join());
    }

    @Test
    void absurdlyManyTopicNames() {
        var names = new String[10_000];
        for (int i = 0; i < names.length; i++) {
            names[i] = "t".repeat(200) + i;
        }
        var a = consumer("a", names);
        a.join();
        assertEquals(names.length, group.existing().subscriptions().topicNames().size());
        a.leave();
        assertEquals(Subscriptions.NONE, group.existing().subscriptions());
    }
}
