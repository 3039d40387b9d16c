package io.odradek.group.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.junit.jupiter.api.Test;

/** Members that keep their place in a consumer group while they restart. */
class StaticMembersTest {
    private static final int SESSION_TIMEOUT_MS = 45_000;

    private final GroupUnderTest group = new GroupUnderTest();

    private FakeConsumer consumer(String id, String... topics) {
        return new FakeConsumer(group, id).subscribe(topics);
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
    void aStaticMemberComesBackToItsPartitions() {
        group.createTopic("t", 4);
        var a = consumer("a", "t").as("one");
        var b = consumer("b", "t").as("two");
        settle(a, b);
        var owned = new TreeSet<>(a.owns());
        int groupEpoch = group.existing().epoch();
        a.leaveForAWhile();
        b.beat();
        assertEquals(owned, group.owners().get("a"));

        var again = consumer("a2", "t").as("one");
        again.join();
        assertEquals(owned, again.owns());
        assertEquals(groupEpoch, group.existing().epoch());
        assertEquals(Set.of("a2", "b"), group.existing().members().keySet());
        assertThrows(FencedInstanceIdException.class, a::beat);
        assertThrows(FencedInstanceIdException.class, a::leave);
        again.beat();
        assertEquals(GroupState.STABLE, group.existing().state());
    }

    @Test
    void aStaticMemberThatHasNotLeftKeepsItsPlace() {
        group.createTopic("t", 1);
        var a = consumer("a", "t").as("one");
        a.join();
        assertThrows(
                UnreleasedInstanceIdException.class,
                () -> consumer("b", "t").as("one").join());
        a.beat();
        assertEquals(Set.of("a"), group.existing().members().keySet());
    }

    @Test
    void aStaticMemberThatStaysAwayIsOut() {
        group.createTopic("t", 2);
        var a = consumer("a", "t").as("one");
        var b = consumer("b", "t");
        settle(a, b);
        a.leaveForAWhile();
        group.driver.advance(SESSION_TIMEOUT_MS - 1);
        b.beat();
        assertEquals(1, b.owns().size());
        group.driver.advance(1);
        b.beat();
        assertEquals(2, b.owns().size());
        assertEquals(Set.of(), group.existing().staticMembers().keySet());
    }

    @Test
    void aStaticMemberMayLeaveForGood() {
        group.createTopic("t", 2);
        var a = consumer("a", "t").as("one");
        a.join();
        a.leave();
        assertEquals(GroupState.EMPTY, group.existing().state());
        assertEquals(Set.of(), group.existing().staticMembers().keySet());
    }
}
