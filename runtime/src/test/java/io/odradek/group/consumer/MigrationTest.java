package io.odradek.group.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.group.Group;
import io.odradek.group.classic.ClassicGroup;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Online migration between classic and consumer groups, in both directions (KIP-848). */
class MigrationTest {
    private final GroupUnderTest group = new GroupUnderTest();
    private final FakeClassicConsumer x = new FakeClassicConsumer(group, "t");
    private final FakeClassicConsumer y = new FakeClassicConsumer(group, "t");
    private final FakeConsumer a = new FakeConsumer(group, "a").subscribe("t");

    @BeforeEach
    void create() {
        group.set("group.initial.rebalance.delay.ms", "0");
        group.createTopic("t", 6);
    }

    private Group any() {
        return group.driver.shard().groups().require(GroupUnderTest.GROUP);
    }

    private void classic(FakeClassicConsumer... consumers) {
        for (int round = 0; round < 12; round++) {
            for (var consumer : consumers) {
                consumer.act();
            }
            group.driver.advance(1);
        }
    }

    private void settle(List<FakeClassicConsumer> classics, List<FakeConsumer> consumers) {
        for (int round = 0; round < 16; round++) {
            classics.forEach(FakeClassicConsumer::act);
            consumers.forEach(FakeConsumer::beat);
            group.driver.advance(1);
        }
    }

    private static Set<String> all(int partitions) {
        var names = new TreeSet<String>();
        for (int p = 0; p < partitions; p++) {
            names.add("t-" + p);
        }
        return names;
    }

    @Test
    void theFirstConsumerMemberMakesItAConsumerGroup() {
        classic(x, y);
        assertEquals(GroupType.CLASSIC, any().type());
        assertEquals(all(6), union(x.owns, y.owns));
        int generation = x.generation;

        a.join();
        assertEquals(GroupType.CONSUMER, any().type());
        assertEquals(
                Set.of("a", x.memberId, y.memberId), group.existing().members().keySet());
        assertTrue(group.existing().epoch() > generation);
        settle(List.of(x, y), List.of(a));
        for (var owned : List.of(x.owns, y.owns, a.owns())) {
            assertEquals(2, owned.size());
        }
        assertEquals(all(6), union(x.owns, y.owns, a.owns()));
        assertEquals(GroupState.STABLE, any().state());
        assertEquals(
                List.of(0, 0, 1),
                group.describe().members().stream()
                        .map(m -> (int) m.memberType())
                        .sorted()
                        .toList());
    }

    @SafeVarargs
    private static Set<String> union(Set<String>... sets) {
        var all = new TreeSet<String>();
        for (var set : sets) {
            set.forEach(p -> assertTrue(all.add(p), () -> p + " twice"));
        }
        return all;
    }

    @Test
    void theLastConsumerMemberLeavesAClassicGroupBehind() {
        classic(x, y);
        a.join();
        settle(List.of(x, y), List.of(a));
        int epoch = group.existing().epoch();
        a.leave();
        var classic = (ClassicGroup) any();
        assertEquals(GroupState.PREPARING_REBALANCE, classic.state());
        classic(x, y);
        assertEquals(GroupState.STABLE, any().state());
        assertTrue(x.generation > epoch);
        assertEquals(all(6), union(x.owns, y.owns));
    }

    @Test
    void aConsumerMemberThatDiesLeavesAClassicGroupBehind() {
        classic(x);
        a.join();
        settle(List.of(x), List.of(a));
        group.driver.advance(25_000);
        x.act();
        group.driver.advance(25_000);
        assertEquals(GroupType.CLASSIC, any().type());
        classic(x);
        assertEquals(all(6), x.owns);
        // The timers of the classic group go on.
        group.driver.advance(30_001);
        assertEquals(GroupState.EMPTY, any().state());
    }

    @Test
    void classicMembersJoinAConsumerGroup() {
        a.join();
        classic(x);
        settle(List.of(x), List.of(a));
        assertEquals(3, x.owns.size());
        assertEquals(3, a.owns().size());
        assertEquals(all(6), union(x.owns, a.owns()));

        assertEquals(Errors.ILLEGAL_GENERATION, x.beat(x.generation + 1));
        assertEquals(Errors.NONE, x.beat());
        assertEquals(Errors.NONE, x.leave());
        assertEquals(Errors.UNKNOWN_MEMBER_ID, x.leave());
        assertEquals(Errors.UNKNOWN_MEMBER_ID, x.beat());
        a.beat();
        assertEquals(6, a.owns().size());
        assertEquals(GroupType.CONSUMER, any().type());
    }

    @Test
    void aClassicMemberThatDoesNotFollowIsOut() {
        a.join();
        classic(x);
        settle(List.of(x), List.of(a));
        var b = new FakeConsumer(group, "b").subscribe("t");
        b.join();
        assertEquals(Errors.REBALANCE_IN_PROGRESS, x.beat());
        group.driver.advance(29_999);
        a.beat();
        b.beat();
        assertEquals(Errors.REBALANCE_IN_PROGRESS, x.beat());
        group.driver.advance(1);
        assertEquals(Set.of("a", "b"), group.existing().members().keySet());
    }

    @Test
    void aClassicMemberThatNeverSyncsIsOut() {
        a.join();
        x.act();
        x.act();
        x.act();
        x.act();
        assertEquals(2, group.existing().members().size());
        group.driver.advance(29_000);
        a.beat();
        group.driver.advance(1_000);
        assertEquals(Set.of("a"), group.existing().members().keySet());
    }

    @Test
    void aStaticMemberChangesItsProtocolBothWays() {
        var classic = new FakeClassicConsumer(group, "t").as("one");
        classic(classic);
        assertEquals(all(6), classic.owns);
        var consumer = new FakeConsumer(group, "c").subscribe("t").as("one");
        consumer.join();
        assertEquals(GroupType.CONSUMER, any().type());
        assertEquals(Set.of("c"), group.existing().members().keySet());
        assertEquals(all(6), consumer.owns());

        var again = new FakeClassicConsumer(group, "t").as("one");
        again.join();
        again.act();
        assertEquals(GroupType.CLASSIC, any().type());
        classic(again);
        assertEquals(all(6), again.owns);
    }

    @Test
    void anEmptyGroupIsWhateverComesFirst() {
        classic(x);
        x.leave();
        assertEquals(GroupState.EMPTY, any().state());
        a.join();
        assertEquals(all(6), a.owns());
        a.leave();
        x.memberId = "";
        classic(x);
        x.join();
        classic(x);
        assertEquals(GroupType.CLASSIC, any().type());
        assertEquals(all(6), x.owns);
    }

    @Test
    void whoWaitsInTheClassicGroupIsToldToJoinAgain() {
        classic(x);
        y.act();
        y.act();
        y.act();
        assertEquals(GroupState.PREPARING_REBALANCE, any().state());
        a.join();
        y.act();
        assertEquals(Errors.REBALANCE_IN_PROGRESS, y.lastError);
        settle(List.of(x, y), List.of(a));
        assertEquals(all(6), union(x.owns, y.owns, a.owns()));
    }

    @Test
    void anUpgradeThatFailsLeavesTheClassicGroupAlone() {
        classic(x, y);
        y.leave();
        assertEquals(GroupState.PREPARING_REBALANCE, any().state());
        a.regex = "[";
        assertThrows(InvalidRegularExpression.class, a::join);
        classic(x);
        assertEquals(GroupState.STABLE, any().state());
        assertEquals(all(6), x.owns);
        group.driver.advance(30_001);
        assertEquals(GroupState.EMPTY, any().state());
    }

    @Test
    void thePolicyDecides() {
        group.set("group.consumer.migration.policy", "downgrade");
        classic(x);
        assertThrows(GroupIdNotFoundException.class, a::join);
        assertEquals(GroupType.CLASSIC, any().type());
        group.set("group.consumer.migration.policy", "upgrade");
        a.join();
        settle(List.of(x), List.of(a));
        a.leave();
        assertEquals(GroupType.CONSUMER, any().type());
        settle(List.of(x), List.of());
        assertEquals(all(6), x.owns);
        group.set("group.consumer.migration.policy", "disabled");
        y.act();
        y.act();
        assertEquals(Errors.INCONSISTENT_GROUP_PROTOCOL, y.lastError);
    }

    @Test
    void protocolsThatDoNotMatchAreRefused() {
        a.join();
        classic(x);
        var request = x.joinRequest().setMemberId("");
        request.protocols().iterator().next().setName("other");
        var response = group.driver.write(
                shard -> shard.classicProtocol(GroupUnderTest.GROUP).join(GroupUnderTest.classicCaller(), request));
        assertEquals(
                Errors.INCONSISTENT_GROUP_PROTOCOL.code(),
                response.toCompletableFuture().join().errorCode());
    }

    /** A length that lies, and nothing at all. */
    @ParameterizedTest
    @ValueSource(strings = {"0001ffffffff", "00017fffffff", "0001", ""})
    void subscriptionsThatMakeNoSenseAreRefused(String hex) {
        a.join();
        var request = x.joinRequest().setMemberId("z");
        request.protocols().iterator().next().setMetadata(HexFormat.of().parseHex(hex));
        var response = group.driver.write(
                shard -> shard.classicProtocol(GroupUnderTest.GROUP).join(GroupUnderTest.classicCaller(), request));
        assertEquals(
                Errors.INCONSISTENT_GROUP_PROTOCOL.code(),
                response.toCompletableFuture().join().errorCode());
        assertEquals(Set.of("a"), group.existing().members().keySet());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void anyHistory(int block) {
        for (int seed = block * 30; seed < (block + 1) * 30; seed++) {
            try {
                new MigrationTest().history(seed);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /** Members of both protocols come and go while the coordinator fails over: in the end all is assigned once. */
    private void history(int seed) {
        create();
        var random = new Random(seed);
        var classics = new ArrayList<FakeClassicConsumer>();
        var consumers = new ArrayList<FakeConsumer>();
        for (int step = 0; step < 150; step++) {
            switch (random.nextInt(20)) {
                case 0 -> classics.add(new FakeClassicConsumer(group, "t"));
                case 1 -> join(new FakeConsumer(group, "c" + step).subscribe("t"), consumers);
                case 2 -> {
                    if (!classics.isEmpty()) {
                        leave(classics.remove(random.nextInt(classics.size())));
                    }
                }
                case 3, 4 -> {
                    if (!consumers.isEmpty()) {
                        leave(consumers.remove(random.nextInt(consumers.size())));
                    }
                }
                case 5 -> group.driver.advance(random.nextInt(8_000));
                case 6 -> failOver();
                default -> {
                    if (!classics.isEmpty()) {
                        classics.get(random.nextInt(classics.size())).act();
                    }
                    if (!consumers.isEmpty()) {
                        beat(consumers.get(random.nextInt(consumers.size())));
                    }
                }
            }
            group.group().ifPresent(g -> group.owners().values().stream().reduce((l, r) -> union(l, r)));
        }
        for (int round = 0; round < 60; round++) {
            classics.forEach(FakeClassicConsumer::act);
            consumers.forEach(this::beat);
            group.driver.advance(3_000);
        }
        if (!classics.isEmpty() || !consumers.isEmpty()) {
            var owned = new TreeSet<String>();
            classics.forEach(c -> c.owns.forEach(p -> assertTrue(owned.add(p), () -> p + " twice")));
            consumers.forEach(c -> c.owns().forEach(p -> assertTrue(owned.add(p), () -> p + " twice")));
            assertEquals(all(6), owned);
            assertEquals(consumers.isEmpty() ? any().type() : GroupType.CONSUMER, any().type());
        }
    }

    private void failOver() {
        var before = group.group();
        group.driver.restart();
        assertEquals(before, group.group());
    }

    private void leave(FakeClassicConsumer consumer) {
        if (!consumer.memberId.isEmpty()
                && group.driver.shard().groups().get(GroupUnderTest.GROUP).isPresent()) {
            consumer.leave();
        }
    }

    private void leave(FakeConsumer consumer) {
        try {
            consumer.leave();
        } catch (ApiException gone) {
            // Then it need not.
        }
    }

    private void join(FakeConsumer consumer, List<FakeConsumer> consumers) {
        consumers.add(consumer);
        consumer.join();
    }

    private void beat(FakeConsumer consumer) {
        try {
            consumer.beat();
        } catch (ApiException e) {
            consumer.join();
        }
    }
}
