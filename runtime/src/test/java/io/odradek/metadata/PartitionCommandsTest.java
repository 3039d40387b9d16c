package io.odradek.metadata;

import static io.odradek.metadata.ImageUnderTest.assigned;
import static io.odradek.metadata.ImageUnderTest.broker;
import static io.odradek.metadata.ImageUnderTest.change;
import static io.odradek.metadata.ImageUnderTest.topicResource;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PartitionCommandsTest {
    private final ImageUnderTest cluster = ImageUnderTest.withBrokers(4);

    @BeforeEach
    void aPartitionLedBy1() {
        cluster.ok(assigned("t", Map.of(0, List.of(1, 2, 3))));
    }

    private Command.AlterPartition proposal(int broker, long brokerEpoch, int leaderEpoch, int partitionEpoch) {
        return new Command.AlterPartition(
                broker,
                brokerEpoch,
                ImageUnderTest.id("t"),
                0,
                leaderEpoch,
                partitionEpoch,
                List.of(new BrokerState(1, Command.NO_EPOCH)));
    }

    @Test
    void theLeaderChangesTheIsr() {
        var shrunk = cluster.ok(cluster.isr("t", 0, 1, 3));

        assertEquals(new PartitionImage(0, List.of(1, 2, 3), List.of(1, 3), 1, 0, 1, List.of(), List.of()), shrunk);
        assertEquals(shrunk, cluster.partition("t", 0));
        assertEquals(Set.of(ImageUnderTest.id("t")), cluster.lastChange().topics());

        assertEquals(List.of(1, 3, 2), cluster.ok(cluster.isr("t", 0, 1, 3, 2)).isr());
        assertEquals(2, cluster.partition("t", 0).partitionEpoch());
        assertEquals(0, cluster.partition("t", 0).leaderEpoch());
    }

    @Test
    void theSameIsrIsNoChange() {
        assertEquals(0, cluster.ok(cluster.isr("t", 0, 1, 2, 3)).partitionEpoch());
        assertEquals(Set.of(), cluster.lastChange().topics());
    }

    @Test
    void staleAndStrangeProposalsAreRefused() {
        long epoch = cluster.epoch(1);
        cluster.ok(cluster.isr("t", 0, 1, 2));

        cluster.refused(
                proposal(1, epoch + 100, 0, 1),
                Errors.STALE_BROKER_EPOCH,
                "Expected broker epoch " + epoch + ", but got broker epoch " + (epoch + 100));
        cluster.refused(
                proposal(1, epoch, 1, 1),
                Errors.NOT_CONTROLLER,
                "Leader epoch 0 and partition epoch 1 are known, not 1 and 1.");
        cluster.refused(
                proposal(1, epoch, 0, 2),
                Errors.NOT_CONTROLLER,
                "Leader epoch 0 and partition epoch 1 are known, not 0 and 2.");
        cluster.refused(proposal(1, epoch, 0, 0), Errors.INVALID_UPDATE_VERSION, "The partition epoch is 1, not 0.");
        cluster.refused(proposal(2, cluster.epoch(2), 0, 1), Errors.INVALID_REQUEST, "The leader is 1, not 2.");
        cluster.refused(proposal(1, epoch, -1, 1), Errors.FENCED_LEADER_EPOCH, "The leader epoch is 0, not -1.");
        cluster.refused(
                new Command.AlterPartition(1, epoch, Uuid.ONE_UUID, 0, 0, 1, List.of()),
                Errors.UNKNOWN_TOPIC_ID,
                "This server does not host this topic ID.");
        cluster.refused(
                new Command.AlterPartition(1, epoch, ImageUnderTest.id("t"), 1, 0, 1, List.of()),
                Errors.UNKNOWN_TOPIC_OR_PARTITION,
                "No such partition as t-1");
    }

    @Test
    void anIsrIsOfReplicasWithTheLeaderAndEachOnce() {
        cluster.refused(
                cluster.isr("t", 0, 1, 4), Errors.INVALID_REQUEST, "ISR [1, 4] is not one of replicas [1, 2, 3].");
        cluster.refused(
                cluster.isr("t", 0, 1, 2, 2),
                Errors.INVALID_REQUEST,
                "ISR [1, 2, 2] is not one of replicas [1, 2, 3].");
        cluster.refused(cluster.isr("t", 0, 2, 3), Errors.INVALID_REQUEST, "ISR [2, 3] is without the leader, 1.");
        cluster.refused(cluster.isr("t", 0), Errors.INVALID_REQUEST, "ISR [] is without the leader, 1.");
    }

    @Test
    void onlyBrokersInServiceWithTheEpochThatTheLeaderSawComeIntoSync() {
        cluster.ok(cluster.isr("t", 0, 1));
        var withOldEpoch = cluster.isr("t", 0, 1, 2);
        cluster.restart(2, 1);

        cluster.refused(
                withOldEpoch,
                Errors.INELIGIBLE_REPLICA,
                "Ineligible replicas: 2 (broker epoch " + cluster.epoch(2) + ", not "
                        + withOldEpoch.isr().get(1).epoch() + ").");

        cluster.fence(2);
        cluster.refused(cluster.isr("t", 0, 1, 2, 3), Errors.INELIGIBLE_REPLICA, "Ineligible replicas: 2 (fenced).");

        var all = cluster.isr("t", 0, 1, 2, 3);
        cluster.ok(new Command.UnregisterBroker(2));
        cluster.refused(all, Errors.INELIGIBLE_REPLICA, "Ineligible replicas: 2 (not registered).");
    }

    @Test
    void thePreferredLeaderLeadsAgain() {
        cluster.refused(
                cluster.election("t", 0, ElectionType.PREFERRED),
                Errors.ELECTION_NOT_NEEDED,
                "Leader election not needed for topic partition.");
        cluster.fence(1);
        cluster.refused(
                cluster.election("t", 0, ElectionType.PREFERRED),
                Errors.PREFERRED_LEADER_NOT_AVAILABLE,
                "The preferred leader was not available.");
        cluster.ok(broker(1, 1));
        cluster.refused(
                cluster.election("t", 0, ElectionType.PREFERRED),
                Errors.PREFERRED_LEADER_NOT_AVAILABLE,
                "The preferred leader was not available.");
        cluster.ok(cluster.isr("t", 0, 2, 3, 1));

        var elected = cluster.ok(cluster.election("t", 0, ElectionType.PREFERRED));

        assertEquals(1, elected.leader());
        assertEquals(2, elected.leaderEpoch());
        assertEquals(List.of(2, 3, 1), elected.isr());
    }

    @Test
    void anUncleanElectionTakesWhoeverIsThere() {
        cluster.refused(
                cluster.election("t", 0, ElectionType.UNCLEAN),
                Errors.ELECTION_NOT_NEEDED,
                "Leader election not needed for topic partition.");
        cluster.ok(cluster.isr("t", 0, 1));
        cluster.fence(1);
        assertFalse(cluster.partition("t", 0).hasLeader());

        var elected = cluster.ok(cluster.election("t", 0, ElectionType.UNCLEAN));

        assertEquals(new PartitionImage(0, List.of(1, 2, 3), List.of(2), 2, 2, 3, List.of(), List.of()), elected);
    }

    @Test
    void nobodyIsElectedWhereNobodyIs() {
        cluster.ok(cluster.isr("t", 0, 1));
        List.of(2, 3, 1).forEach(cluster::fence);

        cluster.refused(
                cluster.election("t", 0, ElectionType.UNCLEAN),
                Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE,
                "Eligible topic partition leaders are not available.");
        cluster.refused(
                new Command.ElectLeader(Uuid.ONE_UUID, 0, ElectionType.PREFERRED),
                Errors.UNKNOWN_TOPIC_OR_PARTITION,
                "No such topic id as " + Uuid.ONE_UUID);
        cluster.refused(
                new Command.ElectLeader(ImageUnderTest.id("t"), -1, ElectionType.PREFERRED),
                Errors.UNKNOWN_TOPIC_OR_PARTITION,
                "No such partition as t--1");
    }

    @Test
    void aTopicThatAllowsItIsLedByWhoeverIsThere() {
        cluster.ok(change(topicResource("t"), "unclean.leader.election.enable", OpType.SET, "true"));
        cluster.ok(cluster.isr("t", 0, 1));

        cluster.fence(1);

        assertEquals(2, cluster.partition("t", 0).leader());
        assertEquals(List.of(2), cluster.partition("t", 0).isr());
    }
}
