package io.odradek.group.consumer;

import static io.odradek.group.consumer.FakeConsumer.partitions;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.junit.jupiter.api.Test;

/** Members of consumer groups that are subscribed to a regular expression. */
class RegexSubscriptionTest {
    private final GroupUnderTest group = new GroupUnderTest();

    private FakeConsumer consumer(String id, String... topics) {
        return new FakeConsumer(group, id).subscribe(topics);
    }

    private static void beats(int rounds, FakeConsumer... consumers) {
        for (int i = 0; i < rounds; i++) {
            for (var consumer : consumers) {
                consumer.beat();
            }
        }
    }

    @Test
    void aRegularExpressionIsLookedUp() {
        group.createTopic("foo1", 1);
        group.createTopic("bar", 1);
        var a = consumer("a").subscribeRegex("foo.*");
        a.join();
        assertEquals(Set.of(), a.owns());
        assertEquals(Set.of("foo1"), group.existing().subscriptions().topicNames());
        a.beat();
        assertEquals(partitions("foo1-0"), a.owns());

        group.createTopic("foo2", 1);
        group.createTopic("bar2", 1);
        a.beat();
        assertEquals(Set.of("foo1"), group.existing().subscriptions().topicNames());
        group.driver.advance(10_001);
        a.beat();
        a.beat();
        assertEquals(partitions("foo1-0", "foo2-0"), a.owns());

        group.deleteTopic("foo1");
        a.beat();
        a.beat();
        assertEquals(partitions("foo2-0"), a.owns());
    }

    @Test
    void membersWithTheSameExpressionShareItsTopics() {
        group.createTopic("foo", 2);
        var a = consumer("a").subscribeRegex("foo");
        a.join();
        a.beat();
        var b = consumer("b").subscribeRegex("foo");
        // It is known already, so that the epoch and the target are new at once.
        assertEquals(b.join().memberEpoch(), group.existing().target().epoch());
        assertEquals(group.existing().epoch(), group.existing().target().epoch());
        beats(3, a, b);
        assertEquals(1, b.owns().size());
        a.leave();
        assertEquals(Set.of("foo"), group.existing().subscriptions().resolved().keySet());
        b.leave();
        assertEquals(Subscriptions.NONE, group.existing().subscriptions());
    }

    @Test
    void whatAMemberMayNotSeeItDoesNotGet() {
        group.createTopic("public", 1);
        group.createTopic("secret", 1);
        group.visible = topic -> !topic.equals("secret");
        var a = consumer("a").subscribeRegex(".*");
        a.join();
        a.beat();
        assertEquals(partitions("public-0"), a.owns());
    }

    @Test
    void namesAndExpressionTogether() {
        group.createTopic("foo", 1);
        group.createTopic("bar", 1);
        var a = consumer("a", "bar").subscribeRegex("fo+");
        a.join();
        assertEquals(partitions("bar-0"), a.owns());
        a.beat();
        assertEquals(partitions("bar-0", "foo-0"), a.owns());
    }

    @Test
    void whatIsNoExpressionIsRefused() {
        assertThrows(
                InvalidRegularExpression.class,
                () -> consumer("a").subscribeRegex("[").join());
        // Nested counts of absurd size are refused, not computed.
        assertThrows(
                InvalidRegularExpression.class,
                () -> consumer("a").subscribeRegex("((a{1000}){1000}){1000}").join());
        assertTrue(group.group().isEmpty());
        assertEquals(List.of(), group.takeWritten());
    }
}
