package io.odradek.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.config.ControllerSettings;
import io.odradek.metadata.BrokerState;
import io.odradek.metadata.Command;
import io.odradek.metadata.Command.AlterPartition;
import io.odradek.metadata.Command.FenceBroker;
import io.odradek.raft.Members;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class ControllerTest {
    private static final long INTERVAL_MS = 300_000;

    private final ClusterMetadata metadata = ClusterMetadata.withBrokers(3);
    private final FakeTimer timer = new FakeTimer();

    private Controller controller(boolean rebalances) {
        var controller = new Controller(
                metadata,
                new ControllerSettings(rebalances, Duration.ofMillis(INTERVAL_MS), true, Duration.ofSeconds(60)),
                timer);
        metadata.addListener(controller);
        return controller;
    }

    private static Members active(Integer... present) {
        return new Members(Set.of(present), true, true);
    }

    private static Members passive(Integer... present) {
        return new Members(Set.of(present), false, true);
    }

    @Test
    void aBrokerThatIsGoneIsFenced() {
        var controller = controller(true);
        long epoch = metadata.brokerOf(3).epoch();

        controller.onMembers(active(1, 2, 3));
        controller.onMembers(active(1, 2));

        assertEquals(List.of(new FenceBroker(3, epoch)), metadata.proposed);
        assertTrue(metadata.brokerOf(3).fenced());
    }

    @Test
    void onlyTheActiveControllerFences() {
        controller(true).onMembers(passive(1));

        assertEquals(List.of(), metadata.proposed);
    }

    @Test
    void whatWentWhileNobodyWasTheControllerIsFencedByTheNext() {
        var controller = controller(true);
        controller.onMembers(passive(1, 2));

        controller.onMembers(active(1, 2));

        assertTrue(metadata.brokerOf(3).fenced());
    }

    /** Its registration was under way when it died. */
    @Test
    void aBrokerThatRegistersAndIsNotThereIsFenced() {
        controller(true).onMembers(active(1, 2, 3));

        metadata.apply(ClusterMetadata.broker(4));

        assertTrue(metadata.brokerOf(4).fenced());
    }

    @Test
    void aBrokerThatWasFencedIsNotFencedAgain() {
        var controller = controller(true);
        controller.onMembers(active(1, 2));

        controller.onMembers(active(1));
        controller.onMembers(active(1));

        assertEquals(2, metadata.proposed.size());
    }

    @Test
    void aProposalOfUnknownFateIsMadeAgain() {
        var controller = controller(true);
        metadata.failures.add(new TimeoutException("no answer"));

        controller.onMembers(active(1, 2));
        assertFalse(metadata.brokerOf(3).fenced());
        timer.pass(1000);

        assertTrue(metadata.brokerOf(3).fenced());
    }

    @Test
    void aClosedControllerDoesNothing() {
        var controller = controller(true);
        controller.close();

        controller.onMembers(active(1));

        assertEquals(List.of(), metadata.proposed);
        assertEquals(0, timer.waiting());
    }

    @Test
    void leadershipGoesBackToThePreferredReplicaOnceItIsInSync() {
        metadata.topic("t", List.of(1, 2, 3), List.of(2, 3, 1));
        controller(true).onMembers(active(1, 2, 3));
        metadata.fence(1);
        assertEquals(2, metadata.partition("t", 0).leader());

        metadata.apply(ClusterMetadata.broker(1));
        metadata.proposed.clear();
        timer.pass(INTERVAL_MS);
        assertEquals(List.of(), metadata.proposed, "it is not in sync");

        inSync("t", 0, 2, 1, 2, 3);
        timer.pass(INTERVAL_MS);
        assertEquals(1, metadata.partition("t", 0).leader());
        assertEquals(2, metadata.partition("t", 1).leader());
    }

    @Test
    void leadershipStaysWhereItIsIfSoConfigured() {
        metadata.topic("t", List.of(1, 2));
        controller(false).onMembers(active(1, 2, 3));
        metadata.fence(1);
        metadata.apply(ClusterMetadata.broker(1));
        inSync("t", 0, 2, 1, 2);

        timer.pass(2 * INTERVAL_MS);

        assertEquals(2, metadata.partition("t", 0).leader());
    }

    @Test
    void aBrokerThatIsAboutToStopIsNotGivenWhatItLed() {
        metadata.topic("t", List.of(1, 2));
        metadata.apply(new Command.ControlledShutdown(1, metadata.brokerOf(1).epoch()));

        assertEquals(2, metadata.partition("t", 0).leader());
        assertEquals(List.of(), ControllerDuties.preferredLeaders(metadata.image(), 10));
    }

    @Test
    void whoIsNoControllerAnyMoreMovesNothing() {
        metadata.topic("t", List.of(1, 2));
        var controller = controller(true);
        controller.onMembers(active(1, 2, 3));
        metadata.fence(1);
        metadata.apply(ClusterMetadata.broker(1));
        inSync("t", 0, 2, 1, 2);

        controller.onMembers(passive(1, 2, 3));
        timer.pass(INTERVAL_MS);

        assertEquals(2, metadata.partition("t", 0).leader());
    }

    @Test
    @SuppressWarnings("unchecked")
    void manyLeadershipsMoveAPortionAtATime() {
        int count = Controller.MAX_ELECTIONS + 10;
        metadata.topic(
                "t", IntStream.range(0, count).mapToObj(p -> List.of(1, 2)).toArray(List[]::new));
        controller(true).onMembers(active(1, 2, 3));
        metadata.fence(1);
        metadata.apply(ClusterMetadata.broker(1));
        for (int p = 0; p < count; p++) {
            inSync("t", p, 2, 1, 2);
        }

        timer.pass(INTERVAL_MS);
        assertEquals(Controller.MAX_ELECTIONS, ledBy(1));
        timer.pass(1000);
        assertEquals(count, ledBy(1));
    }

    private long ledBy(int broker) {
        return metadata.image().topics().byName("t").orElseThrow().partitions().stream()
                .filter(p -> p.leader() == broker)
                .count();
    }

    private void inSync(String topic, int partition, int leader, Integer... isr) {
        var id = metadata.image().topics().byName(topic).orElseThrow().id();
        var state = metadata.partition(topic, partition);
        metadata.apply(new AlterPartition(
                leader,
                metadata.brokerOf(leader).epoch(),
                id,
                partition,
                state.leaderEpoch(),
                state.partitionEpoch(),
                List.of(isr).stream()
                        .map(b -> new BrokerState(b, metadata.brokerOf(b).epoch()))
                        .toList()));
    }
}
