package io.odradek.metadata;

import static io.odradek.metadata.ImageUnderTest.assigned;
import static io.odradek.metadata.ImageUnderTest.broker;
import static io.odradek.metadata.ImageUnderTest.brokerResource;
import static io.odradek.metadata.ImageUnderTest.cancellation;
import static io.odradek.metadata.ImageUnderTest.change;
import static io.odradek.metadata.ImageUnderTest.reassignment;
import static io.odradek.metadata.ImageUnderTest.topicResource;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EligibleLeaderReplicasTest {
    private static final String MIN = "min.insync.replicas";

    private final ImageUnderTest cluster = ImageUnderTest.withBrokers(4);

    @BeforeEach
    void aPartitionThatNeedsTwoInSync() {
        cluster.ok(assigned("t", Map.of(0, List.of(1, 2, 3))));
        cluster.ok(change(topicResource("t"), MIN, OpType.SET, "2"));
    }

    private PartitionImage partition() {
        return cluster.partition("t", 0);
    }

    private void check(List<Integer> isr, List<Integer> elr, int leader, List<Integer> lastKnownElr) {
        assertEquals(isr, partition().isr());
        assertEquals(elr, partition().elr());
        assertEquals(leader, partition().leader());
        assertEquals(lastKnownElr, partition().lastKnownElr());
    }

    private static Command.UpdateFeatures level(int level) {
        return new Command.UpdateFeatures(
                Map.of(
                        Features.ELIGIBLE_LEADER_REPLICAS_VERSION,
                        new Command.FeatureUpdate(
                                (short) level, level == 0 ? UpgradeType.SAFE_DOWNGRADE : UpgradeType.UPGRADE)),
                3);
    }

    @Test
    void whoLeavesAnIsrThatIsTooSmallStaysEligible() {
        cluster.fence(3);
        check(List.of(1, 2), List.of(), 1, List.of());
        cluster.fence(2);
        check(List.of(1), List.of(2), 1, List.of());
        cluster.fence(1);
        check(List.of(), List.of(1, 2), -1, List.of(1));

        cluster.restart(3, 1);
        check(List.of(), List.of(1, 2), -1, List.of(1));
        cluster.restart(2, 1);
        check(List.of(2), List.of(1), 2, List.of());
        cluster.ok(cluster.isr("t", 0, 2, 3));
        check(List.of(2, 3), List.of(), 2, List.of());
    }

    @Test
    void aLeaderMayShrinkTheIsrBelowTheMinimum() {
        cluster.ok(cluster.isr("t", 0, 1));
        check(List.of(1), List.of(2, 3), 1, List.of());

        cluster.fence(1);
        check(List.of(2), List.of(1, 3), 2, List.of());
    }

    @Test
    void whoWasNotShutDownCleanlyIsNotEligible() {
        cluster.ok(cluster.isr("t", 0, 1));
        cluster.fence(2);
        cluster.ok(broker(2, 1));
        check(List.of(1), List.of(3), 1, List.of());

        cluster.ok(broker(1, 1));
        check(List.of(3), List.of(), 3, List.of());
    }

    @Test
    void theLastLeaderLeadsAgainIfNobodyIsEligible() {
        cluster.ok(cluster.isr("t", 0, 1, 2));
        cluster.fence(2);
        cluster.fence(1);
        cluster.ok(broker(2, 1));
        check(List.of(), List.of(1), -1, List.of(1));

        cluster.ok(broker(1, 1));

        check(List.of(1), List.of(), 1, List.of());
    }

    @Test
    void aLastLeaderThatRestartedUnseenLeadsAgain() {
        cluster.ok(assigned("alone", Map.of(0, List.of(4))));

        cluster.ok(broker(4, 1));

        assertEquals(
                new PartitionImage(0, List.of(4), List.of(4), 4, 2, 2, List.of(), List.of()),
                cluster.partition("alone", 0));
    }

    @Test
    void whoIsGoneForGoodIsNotEligible() {
        cluster.ok(cluster.isr("t", 0, 1));
        cluster.fence(3);

        cluster.ok(new Command.UnregisterBroker(3));
        check(List.of(1), List.of(2), 1, List.of());
        cluster.ok(new Command.UnregisterBroker(2));
        check(List.of(1), List.of(), 1, List.of());
    }

    @Test
    void anotherMinimumMakesThoseOutOfSyncIneligible() {
        cluster.ok(cluster.isr("t", 0, 1));

        cluster.ok(change(topicResource("t"), "retention.ms", OpType.SET, "7"));
        check(List.of(1), List.of(2, 3), 1, List.of());
        cluster.ok(change(topicResource("t"), MIN, OpType.SET, "1"));
        check(List.of(1), List.of(), 1, List.of());
    }

    @Test
    void anotherMinimumOfTheClusterCountsForTopicsWithoutTheirOwn() {
        cluster.ok(change(brokerResource(""), MIN, OpType.SET, "2"));
        cluster.ok(assigned("u", Map.of(0, List.of(1, 2))));
        cluster.ok(cluster.isr("t", 0, 1));
        cluster.ok(cluster.isr("u", 0, 1));
        assertEquals(List.of(2), cluster.partition("u", 0).elr());

        cluster.ok(change(brokerResource(""), MIN, OpType.SET, "1"));

        assertEquals(List.of(), cluster.partition("u", 0).elr());
        check(List.of(1), List.of(2, 3), 1, List.of());
    }

    @Test
    void whereNobodyLeadsNothingCanHaveBeenCommitted() {
        cluster.ok(cluster.isr("t", 0, 1));
        cluster.fence(2);
        cluster.fence(3);
        cluster.fence(1);

        cluster.ok(change(topicResource("t"), MIN, OpType.DELETE, null));
        check(List.of(), List.of(1, 2, 3), -1, List.of(1));

        cluster.restart(3, 1);
        check(List.of(3), List.of(), 3, List.of());
    }

    @Test
    void noPartitionNeedsMoreInSyncThanItHasReplicas() {
        cluster.ok(change(topicResource("t"), MIN, OpType.SET, "5"));
        cluster.ok(reassignment("t", 0, 1));

        check(List.of(1), List.of(), 1, List.of());
        assertEquals(List.of(1), partition().replicas());
    }

    @Test
    void whoseReplicaIsMovedAwayIsNotEligible() {
        cluster.ok(cluster.isr("t", 0, 1));
        cluster.ok(reassignment("t", 0, 1, 4));
        check(List.of(1), List.of(2, 3), 1, List.of());

        cluster.ok(cluster.isr("t", 0, 1, 4));

        check(List.of(1, 4), List.of(), 1, List.of());
        assertEquals(List.of(1, 4), partition().replicas());
    }

    @Test
    void aReassignmentIsCancelledIfAnOriginalReplicaIsEligible() {
        cluster.ok(reassignment("t", 0, 4));
        cluster.ok(cluster.isr("t", 0, 1));
        cluster.fence(2);
        cluster.fence(3);
        cluster.fence(1);

        cluster.ok(cancellation("t", 0));

        check(List.of(), List.of(1, 2, 3), -1, List.of(1));
    }

    @Test
    void theClusterHasAMinimumAndNoBrokerHas() {
        assertEquals("1", cluster.image().configs(brokerResource("")).get(MIN));

        cluster.refused(
                change(brokerResource(""), MIN, OpType.DELETE, null),
                Errors.INVALID_CONFIG,
                "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
        cluster.refused(
                new Command.ReplaceConfigs(brokerResource(""), Map.of("num.io.threads", Optional.of("3"))),
                Errors.INVALID_CONFIG,
                "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
        for (var operation : List.of(OpType.SET, OpType.DELETE)) {
            cluster.refused(
                    change(brokerResource("1"), MIN, operation, operation == OpType.SET ? "2" : null),
                    Errors.INVALID_CONFIG,
                    "Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
        }
        cluster.ok(change(brokerResource("1"), "num.io.threads", OpType.SET, "3"));
    }

    @Test
    void theFeatureCanBeSwitchedOnLater() {
        var old = ImageUnderTest.withoutElr(2);
        old.ok(change(brokerResource("2"), MIN, OpType.SET, "2"));
        old.ok(assigned("t", Map.of(0, List.of(1, 2))));
        assertEquals(Map.of(), old.image().configs(brokerResource("")));

        old.ok(level(1));

        assertEquals(Map.of(MIN, "3"), old.image().configs(brokerResource("")));
        assertEquals(Map.of(), old.image().configs(brokerResource("2")));
        old.fence(1);
        assertEquals(List.of(1), old.partition("t", 0).elr());
    }

    @Test
    void withoutTheFeatureTheIsrAloneSaysWhoMayLead() {
        cluster.ok(cluster.isr("t", 0, 1, 2));
        cluster.fence(2);
        cluster.fence(1);
        check(List.of(), List.of(1, 2), -1, List.of(1));

        cluster.ok(level(0));
        check(List.of(1, 2), List.of(), -1, List.of());
        cluster.ok(broker(2, 1));
        check(List.of(2), List.of(), 2, List.of());

        cluster.fence(2);
        check(List.of(2), List.of(), -1, List.of());
        assertFalse(cluster.partition("t", 0).hasLeader());
    }

    @Test
    void theFirstBrokersOwnMinimumBecomesTheClusters() {
        var first = new ImageUnderTest();
        first.ok(new Command.InitializeCluster("c", Features.latest(), 2));

        assertEquals(Map.of(MIN, "2"), first.image().configs(brokerResource("")));
    }
}
