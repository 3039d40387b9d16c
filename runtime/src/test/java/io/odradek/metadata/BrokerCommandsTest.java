package io.odradek.metadata;

import static io.odradek.metadata.ImageUnderTest.assigned;
import static io.odradek.metadata.ImageUnderTest.broker;
import static io.odradek.metadata.ImageUnderTest.change;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class BrokerCommandsTest {
    private final ImageUnderTest cluster = ImageUnderTest.withBrokers(3);

    @Test
    void aRegisteredBrokerIsInServiceWithAnEpochOfItsOwn() {
        var first = cluster.image().broker(1).orElseThrow();
        var second = cluster.image().broker(2).orElseThrow();

        assertTrue(second.epoch() > first.epoch());
        assertFalse(first.fenced());
        assertEquals(Set.of(3), cluster.lastChange().brokers());
        assertEquals("host1", first.endpoint("PLAINTEXT").orElseThrow().host());
    }

    @Test
    void registeringTwiceKeepsTheEpochAndANewProcessGetsANewOne() {
        var epoch = cluster.image().broker(1).orElseThrow().epoch();

        assertEquals(epoch, cluster.ok(broker(1, 0)).epoch());
        assertTrue(cluster.ok(broker(1, 1)).epoch() > epoch);
    }

    @Test
    void aLeaderThatRestartedUnseenLeadsWithALaterEpoch() {
        cluster.ok(assigned("alone", Map.of(0, List.of(1))));
        cluster.ok(assigned("together", Map.of(0, List.of(1, 2))));

        cluster.ok(broker(1, 1));

        var alone = cluster.partition("alone", 0);
        assertEquals(List.of(1), alone.isr());
        assertEquals(1, alone.leader());
        assertEquals(2, alone.leaderEpoch());
        var together = cluster.partition("together", 0);
        assertEquals(List.of(2), together.isr());
        assertEquals(2, together.leader());
        assertEquals(1, together.leaderEpoch());
    }

    @Test
    void aFencedBrokerLeavesAllIsrsAndLeadsNothing() {
        cluster.ok(assigned("t", Map.of(0, List.of(1, 2, 3), 1, List.of(2, 1, 3), 2, List.of(3, 2, 1))));
        cluster.ok(assigned("elsewhere", Map.of(0, List.of(2))));
        var untouched = cluster.topic("elsewhere");

        cluster.fence(1);

        assertEquals(
                new PartitionImage(0, List.of(1, 2, 3), List.of(2, 3), 2, 1, 1, List.of(), List.of()),
                cluster.partition("t", 0));
        assertEquals(
                new PartitionImage(1, List.of(2, 1, 3), List.of(2, 3), 2, 0, 1, List.of(), List.of()),
                cluster.partition("t", 1));
        assertEquals(
                new PartitionImage(2, List.of(3, 2, 1), List.of(3, 2), 3, 0, 1, List.of(), List.of()),
                cluster.partition("t", 2));
        assertTrue(untouched == cluster.topic("elsewhere"));
        assertTrue(cluster.image().broker(1).orElseThrow().fenced());
        assertEquals(Set.of(ImageUnderTest.id("t")), cluster.lastChange().topics());
    }

    @Test
    void theLastMemberOfAnIsrStaysAndLeadsAgainWhenItComesBack() {
        var cluster = ImageUnderTest.withoutElr(3);
        cluster.ok(assigned("t", Map.of(0, List.of(1, 2))));
        cluster.fence(1);

        cluster.fence(2);

        assertEquals(List.of(2), cluster.partition("t", 0).isr());
        assertFalse(cluster.partition("t", 0).hasLeader());

        // It was not in sync: what it lacks would be lost.
        cluster.ok(broker(1, 1));
        assertFalse(cluster.partition("t", 0).hasLeader());

        cluster.ok(broker(2, 1));
        assertEquals(2, cluster.partition("t", 0).leader());
        assertEquals(3, cluster.partition("t", 0).leaderEpoch());
    }

    @Test
    void aBrokerThatIsAboutToStopLeadsNothingAndLeavesIsrs() {
        cluster.ok(assigned("t", Map.of(0, List.of(1, 2), 1, List.of(2, 1))));
        cluster.ok(assigned("alone", Map.of(0, List.of(1))));

        cluster.controlledShutdown(1);

        var broker = cluster.image().broker(1).orElseThrow();
        assertTrue(broker.inControlledShutdown());
        assertFalse(broker.fenced());
        assertFalse(broker.isActive());
        assertEquals(2, cluster.partition("t", 0).leader());
        assertEquals(List.of(2), cluster.partition("t", 0).isr());
        assertEquals(0, cluster.partition("t", 1).leaderEpoch());
        assertEquals(List.of(2), cluster.partition("t", 1).isr());
        assertFalse(cluster.partition("alone", 0).hasLeader());
        cluster.refused(
                cluster.isr("t", 0, 2, 1), Errors.INELIGIBLE_REPLICA, "Ineligible replicas: 1 (shutting down).");
        var created = cluster.ok(ImageUnderTest.topic("u", 9, 2));
        created.partitions().forEach(p -> assertFalse(p.replicas().contains(1)));

        cluster.fence(1);
        cluster.restart(1, 1);

        assertTrue(cluster.image().broker(1).orElseThrow().isActive());
        assertEquals(1, cluster.partition("alone", 0).leader());
        cluster.ok(cluster.isr("t", 0, 2, 1));
        assertEquals(List.of(2, 1), cluster.partition("t", 0).isr());
    }

    @Test
    void aBrokerThatIsAboutToStopStaysSoUntilItIsAnotherProcess() {
        cluster.controlledShutdown(1);
        var before = cluster.image().brokers();

        cluster.controlledShutdown(1);
        assertEquals(before, cluster.image().brokers());

        cluster.fence(1);
        cluster.ok(broker(1, 0));
        assertTrue(cluster.image().broker(1).orElseThrow().inControlledShutdown());
        cluster.refused(
                new Command.ControlledShutdown(1, cluster.epoch(1) + 1),
                Errors.STALE_BROKER_EPOCH,
                "Expected broker epoch " + cluster.epoch(1) + ", but got broker epoch " + (cluster.epoch(1) + 1));
    }

    @Test
    void anUncleanLeaderIsElectedOnlyWhereTheTopicAllowsIt() {
        cluster.ok(assigned("t", Map.of(0, List.of(1, 2))));
        cluster.ok(assigned("u", Map.of(0, List.of(1, 2))));
        cluster.ok(change(ImageUnderTest.topicResource("t"), "unclean.leader.election.enable", OpType.SET, "true"));
        cluster.fence(2);
        cluster.ok(broker(2, 1));

        cluster.fence(1);

        assertEquals(2, cluster.partition("t", 0).leader());
        assertEquals(List.of(2), cluster.partition("t", 0).isr());
        assertFalse(cluster.partition("u", 0).hasLeader());

        cluster.ok(change(ImageUnderTest.brokerResource(""), "unclean.leader.election.enable", OpType.SET, "true"));
        assertEquals(2, cluster.partition("u", 0).leader());
    }

    @Test
    void aZombieIsRefused() {
        var old = cluster.image().broker(1).orElseThrow().epoch();
        var current = cluster.ok(broker(1, 1)).epoch();

        var message = "Expected broker epoch " + current + ", but got broker epoch " + old;
        cluster.refused(new Command.FenceBroker(1, old), Errors.STALE_BROKER_EPOCH, message);
        cluster.refused(new Command.AllocateProducerIds(1, old), Errors.STALE_BROKER_EPOCH, message);
        cluster.refused(
                new Command.AllocateProducerIds(9, 0),
                Errors.STALE_BROKER_EPOCH,
                "No broker registration found for broker id 9");
    }

    @Test
    void fencingTwiceChangesNothing() {
        cluster.ok(assigned("t", Map.of(0, List.of(1))));
        cluster.fence(1);
        var before = cluster.partition("t", 0);

        cluster.fence(1);

        assertEquals(before, cluster.partition("t", 0));
        assertEquals(Set.of(), cluster.lastChange().brokers());
    }

    @Test
    void anUnregisteredBrokerIsGone() {
        cluster.ok(assigned("t", Map.of(0, List.of(1, 2))));

        cluster.ok(new Command.UnregisterBroker(1));

        assertEquals(Optional.empty(), cluster.image().broker(1));
        assertEquals(List.of(2), cluster.partition("t", 0).isr());
        assertEquals(2, cluster.partition("t", 0).leader());
        cluster.refused(
                new Command.UnregisterBroker(1),
                Errors.BROKER_ID_NOT_REGISTERED,
                "Broker ID 1 is not currently registered");
    }

    @Test
    void aBrokerMustServeTheFeaturesOfTheCluster() {
        var features = new HashMap<>(Features.supported());
        features.put("metadata.version", new VersionRange((short) 7, (short) 29));
        var old = new Command.RegisterBroker(4, broker(4, 0).incarnation(), List.of(), Optional.empty(), features);

        cluster.refused(
                old,
                Errors.UNSUPPORTED_VERSION,
                "Unable to register because the broker does not support finalized version 30 of metadata.version. The"
                        + " broker wants a version between 7 and 29, inclusive.");
        cluster.refused(broker(-1, 0), Errors.INVALID_REQUEST, "Invalid negative broker ID.");
    }

    @Test
    void producerIdsAreGivenOnce() {
        var epoch = cluster.image().broker(1).orElseThrow().epoch();

        assertEquals(new ProducerIdBlock(0, 1000), cluster.ok(new Command.AllocateProducerIds(1, epoch)));
        var second = cluster.ok(new Command.AllocateProducerIds(1, epoch));
        assertEquals(new ProducerIdBlock(1000, 1000), second);
        assertEquals(2000, second.end());
    }
}
