package io.odradek.metadata;

import static io.odradek.metadata.ImageUnderTest.assigned;
import static io.odradek.metadata.ImageUnderTest.cancellation;
import static io.odradek.metadata.ImageUnderTest.change;
import static io.odradek.metadata.ImageUnderTest.reassignment;
import static io.odradek.metadata.ImageUnderTest.topicResource;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReassignmentCommandsTest {
    private final ImageUnderTest cluster = ImageUnderTest.withBrokers(5);

    @BeforeEach
    void aPartitionLedBy1() {
        cluster.ok(assigned("t", Map.of(0, List.of(1, 2, 3))));
    }

    private List<String> reassigning() {
        return cluster.image().topics().reassigning().stream()
                .map(TopicImage::name)
                .toList();
    }

    @Test
    void aPartitionMovesOnceAllWhoComeAreInSync() {
        var moving = cluster.ok(reassignment("t", 0, 4, 5, 3));

        assertEquals(List.of(4, 5, 3, 1, 2), moving.replicas());
        assertEquals(List.of(4, 5), moving.addingReplicas());
        assertEquals(List.of(1, 2), moving.removingReplicas());
        assertEquals(List.of(3, 1, 2), moving.originalReplicas());
        assertEquals(List.of(4, 5, 3), moving.targetReplicas());
        assertEquals(List.of(1, 2, 3), moving.isr());
        assertEquals(1, moving.leader());
        assertEquals(0, moving.leaderEpoch());
        assertEquals(List.of("t"), reassigning());
        assertEquals(Set.of(ImageUnderTest.id("t")), cluster.image().topics().of(5));

        assertTrue(cluster.ok(cluster.isr("t", 0, 1, 2, 3, 4)).isReassigning());
        var moved = cluster.ok(cluster.isr("t", 0, 1, 2, 3, 4, 5));

        assertEquals(new PartitionImage(0, List.of(4, 5, 3), List.of(3, 4, 5), 4, 1, 3, List.of(), List.of()), moved);
        assertEquals(List.of(), reassigning());
        assertEquals(Set.of(), cluster.image().topics().of(1));
    }

    @Test
    void theLeaderStaysIfItIsAmongTheTargetsButSeesANewEpoch() {
        cluster.ok(reassignment("t", 0, 4, 1));
        var moved = cluster.ok(cluster.isr("t", 0, 1, 2, 3, 4));

        assertEquals(new PartitionImage(0, List.of(4, 1), List.of(1, 4), 1, 1, 2, List.of(), List.of()), moved);
    }

    @Test
    void anotherOrderOrFewerReplicasComeAtOnce() {
        assertEquals(
                new PartitionImage(0, List.of(3, 2, 1), List.of(1, 2, 3), 1, 0, 1, List.of(), List.of()),
                cluster.ok(reassignment("t", 0, 3, 2, 1)));
        assertEquals(
                new PartitionImage(0, List.of(3, 2), List.of(2, 3), 3, 1, 2, List.of(), List.of()),
                cluster.ok(reassignment("t", 0, 3, 2)));
        cluster.ok(reassignment("t", 0, 3, 2));
        assertEquals(2, cluster.partition("t", 0).partitionEpoch());
    }

    @Test
    void fewerReplicasWaitForThoseThatStay() {
        cluster.ok(cluster.isr("t", 0, 1, 2));

        assertTrue(cluster.ok(reassignment("t", 0, 1, 3)).isReassigning());
        assertEquals(List.of(1, 2), cluster.partition("t", 0).isr());

        assertEquals(List.of(1, 3), cluster.ok(cluster.isr("t", 0, 1, 2, 3)).isr());
        assertEquals(List.of(1, 3), cluster.partition("t", 0).replicas());
    }

    @Test
    void aReassignmentIsCancelled() {
        cluster.ok(reassignment("t", 0, 4, 5));
        cluster.ok(cluster.isr("t", 0, 1, 2, 3, 4));

        var cancelled = cluster.ok(cancellation("t", 0));

        assertEquals(
                new PartitionImage(0, List.of(1, 2, 3), List.of(1, 2, 3), 1, 1, 3, List.of(), List.of()), cancelled);
        assertEquals(List.of(), reassigning());
        cluster.refused(
                cancellation("t", 0), Errors.NO_REASSIGNMENT_IN_PROGRESS, "No partition reassignment is in progress.");
    }

    @Test
    void noReassignmentIsCancelledWhereThatWouldLoseRecords() {
        cluster.ok(reassignment("t", 0, 4, 5));
        cluster.ok(cluster.isr("t", 0, 1, 4));
        cluster.fence(1);
        assertEquals(List.of(4), cluster.partition("t", 0).isr());

        cluster.refused(
                cancellation("t", 0),
                Errors.INVALID_REPLICA_ASSIGNMENT,
                "Unable to revert partition assignment for t:0 because it would require an unclean leader election.");

        cluster.ok(change(topicResource("t"), "unclean.leader.election.enable", OpType.SET, "true"));
        var cancelled = cluster.ok(cancellation("t", 0));
        assertEquals(List.of(1, 2, 3), cancelled.replicas());
        assertEquals(2, cancelled.leader());
        assertEquals(List.of(2), cancelled.isr());
    }

    @Test
    void aTargetReplacesTheOneBefore() {
        cluster.ok(reassignment("t", 0, 1, 2, 4));

        var changed = cluster.ok(reassignment("t", 0, 1, 2, 5));

        assertEquals(List.of(1, 2, 5, 3, 4), changed.replicas());
        assertEquals(List.of(5), changed.addingReplicas());
        assertEquals(List.of(3, 4), changed.removingReplicas());

        // The same target again, or one with more, still waits for those that were coming.
        assertEquals(List.of(5), cluster.ok(reassignment("t", 0, 1, 2, 5)).addingReplicas());
        var back = cluster.ok(reassignment("t", 0, 1, 2, 3));
        assertEquals(List.of(1, 2, 3), back.replicas());
        assertFalse(back.isReassigning());
    }

    @Test
    void targetsMustMakeSense() {
        cluster.refused(reassignment("u", 0, 1), Errors.UNKNOWN_TOPIC_OR_PARTITION, "Unable to find a topic named u.");
        cluster.refused(reassignment("t", 7, 1), Errors.UNKNOWN_TOPIC_OR_PARTITION, "Unable to find partition t:7.");
        cluster.refused(
                reassignment("t", 0),
                Errors.INVALID_REPLICA_ASSIGNMENT,
                "The manual partition assignment includes an empty replica list.");
        cluster.refused(
                reassignment("t", 0, 1, 9),
                Errors.INVALID_REPLICA_ASSIGNMENT,
                "The manual partition assignment includes broker 9, but no such broker is registered.");
        cluster.refused(
                reassignment("t", 0, 1, 1),
                Errors.INVALID_REPLICA_ASSIGNMENT,
                "The manual partition assignment includes the broker 1 more than once.");
        cluster.refused(
                new Command.AlterPartitionReassignment("t", 0, Optional.of(List.of(1, 2)), false),
                Errors.INVALID_REPLICATION_FACTOR,
                "The replication factor is changed from 3 to 2");
        cluster.ok(new Command.AlterPartitionReassignment("t", 0, Optional.of(List.of(1, 2, 4)), false));
        cluster.ok(new Command.AlterPartitionReassignment("t", 0, Optional.of(List.of(1, 2, 5)), false));
    }

    @Test
    void addedPartitionsHaveAsManyReplicasAsThereWillBe() {
        cluster.ok(reassignment("t", 0, 4, 5, 3));

        var grown = cluster.ok(new Command.CreatePartitions("t", 2, Optional.empty()));

        assertEquals(3, grown.partition(1).orElseThrow().replicas().size());
    }
}
