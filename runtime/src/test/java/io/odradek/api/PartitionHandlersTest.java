package io.odradek.api;

import static org.apache.kafka.common.protocol.ApiKeys.ALTER_PARTITION_REASSIGNMENTS;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_TOPIC_PARTITIONS;
import static org.apache.kafka.common.protocol.ApiKeys.ELECT_LEADERS;
import static org.apache.kafka.common.protocol.ApiKeys.LIST_PARTITION_REASSIGNMENTS;
import static org.apache.kafka.common.protocol.ApiKeys.METADATA;
import static org.apache.kafka.common.protocol.ApiKeys.UNREGISTER_BROKER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.metadata.BrokerState;
import io.odradek.metadata.Command.AlterPartition;
import io.odradek.metadata.Command.CreateTopic;
import io.odradek.metadata.Command.FenceBroker;
import io.odradek.metadata.PartitionImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignableTopic;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData.TopicPartitions;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData.ListPartitionReassignmentsTopics;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.UnregisterBrokerRequestData;
import org.apache.kafka.common.message.UnregisterBrokerResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reassignments, elections, and brokers that are gone, with brokers 1 to 3. */
class PartitionHandlersTest {
    private final AdminFixture fixture = new AdminFixture();

    @BeforeEach
    void threeBrokersAndATopic() {
        fixture.register(2, Optional.empty(), "PLAINTEXT");
        fixture.register(3, Optional.empty(), "PLAINTEXT");
        create("t", Map.of(0, List.of(1, 2), 1, List.of(2, 1)));
    }

    private void create(String name, Map<Integer, List<Integer>> assignments) {
        fixture.metadata.apply(new CreateTopic(Uuid.randomUuid(), name, -1, (short) -1, assignments, Map.of()));
    }

    private PartitionImage partition(int partition) {
        return fixture.metadata
                .image()
                .topics()
                .byName("t")
                .flatMap(topic -> topic.partition(partition))
                .orElseThrow();
    }

    private void fence(int broker) {
        fixture.metadata.apply(new FenceBroker(
                broker, fixture.metadata.image().broker(broker).orElseThrow().epoch()));
    }

    private void isr(int partition, Integer... members) {
        var state = partition(partition);
        fixture.metadata.apply(new AlterPartition(
                state.leader(),
                fixture.metadata.image().broker(state.leader()).orElseThrow().epoch(),
                fixture.metadata.image().topics().byName("t").orElseThrow().id(),
                partition,
                state.leaderEpoch(),
                state.partitionEpoch(),
                Stream.of(members).map(id -> new BrokerState(id, -1)).toList()));
    }

    private AlterPartitionReassignmentsResponseData reassign(
            int version, boolean factorMayChange, String topic, ReassignablePartition... partitions) {
        return fixture.call(
                ALTER_PARTITION_REASSIGNMENTS,
                version,
                new AlterPartitionReassignmentsRequestData()
                        .setAllowReplicationFactorChange(factorMayChange)
                        .setTopics(
                                List.of(new ReassignableTopic().setName(topic).setPartitions(List.of(partitions)))));
    }

    private static ReassignablePartition to(int partition, List<Integer> replicas) {
        return new ReassignablePartition().setPartitionIndex(partition).setReplicas(replicas);
    }

    private static List<Errors> errors(AlterPartitionReassignmentsResponseData response) {
        return response.responses().get(0).partitions().stream()
                .map(p -> Errors.forCode(p.errorCode()))
                .toList();
    }

    private List<String> reassignments(String... topics) {
        var request = new ListPartitionReassignmentsRequestData();
        request.setTopics(
                topics.length == 0
                        ? null
                        : Stream.of(topics)
                                .map(t -> new ListPartitionReassignmentsTopics()
                                        .setName(t)
                                        .setPartitionIndexes(List.of(0, 1, 2, -1)))
                                .toList());
        ListPartitionReassignmentsResponseData answer = fixture.call(LIST_PARTITION_REASSIGNMENTS, 0, request);
        assertEquals(Errors.NONE.code(), answer.errorCode());
        return answer.topics().stream()
                .flatMap(topic -> topic.partitions().stream()
                        .map(p -> topic.name() + "-" + p.partitionIndex() + " " + p.replicas() + " +"
                                + p.addingReplicas() + " -" + p.removingReplicas()))
                .toList();
    }

    @Test
    void aPartitionIsOnItsWayUntilItHasMovedOrIsCancelled() {
        assertEquals(
                List.of(Errors.NONE, Errors.UNKNOWN_TOPIC_OR_PARTITION),
                errors(reassign(1, true, "t", to(0, List.of(3, 1)), to(7, List.of(1)))));

        var expected = List.of("t-0 [3, 1, 2] +[3] -[2]");
        assertEquals(expected, reassignments());
        assertEquals(expected, reassignments("t", "u"));
        assertEquals(List.of(), reassignments("u"));

        isr(0, 1, 2, 3);
        assertEquals(List.of(), reassignments());
        assertEquals(List.of(3, 1), partition(0).replicas());

        reassign(1, true, "t", to(1, List.of(3)));
        assertEquals(
                List.of(Errors.NONE, Errors.NO_REASSIGNMENT_IN_PROGRESS),
                errors(reassign(0, true, "t", to(1, null), to(0, null))));
        assertEquals(List.of(1, 2), partition(1).replicas());
    }

    @Test
    void theReplicationFactorChangesOnlyIfItMay() {
        var refused = reassign(1, false, "t", to(0, List.of(1)));

        assertFalse(refused.allowReplicationFactorChange());
        assertEquals(List.of(Errors.INVALID_REPLICATION_FACTOR), errors(refused));
        assertEquals(List.of(Errors.INVALID_REPLICA_ASSIGNMENT), errors(reassign(1, true, "t", to(0, List.of(1, 9)))));
        assertEquals(List.of(Errors.NONE), errors(reassign(0, true, "t", to(0, List.of(1)))));
        assertEquals(List.of(1), partition(0).replicas());
    }

    private List<String> elect(int version, int type, String topic, Integer... partitions) {
        var request = new ElectLeadersRequestData().setElectionType((byte) type);
        if (topic == null) {
            request.setTopicPartitions(null);
        } else {
            request.topicPartitions().add(new TopicPartitions().setTopic(topic).setPartitions(List.of(partitions)));
        }
        ElectLeadersResponseData answer = fixture.call(ELECT_LEADERS, version, request);
        var results = new ArrayList<String>();
        if (answer.errorCode() != 0) {
            results.add(Errors.forCode(answer.errorCode()).name());
        }
        for (var result : answer.replicaElectionResults()) {
            result.partitionResult()
                    .forEach(p ->
                            results.add(result.topic() + "-" + p.partitionId() + " " + Errors.forCode(p.errorCode())));
        }
        return results;
    }

    @Test
    void preferredLeadersLeadAgain() {
        fence(1);
        fixture.register(1, Optional.empty(), "PLAINTEXT");
        assertEquals(2, partition(0).leader());
        assertEquals(List.of("t-0 PREFERRED_LEADER_NOT_AVAILABLE"), elect(2, 0, null));
        isr(0, 2, 1);

        assertEquals(
                List.of("t-1 ELECTION_NOT_NEEDED", "t-0 NONE", "t-9 UNKNOWN_TOPIC_OR_PARTITION"),
                elect(0, 0, "t", 1, 0, 9));

        assertEquals(1, partition(0).leader());
        assertEquals(List.of(), elect(1, 0, null));
        assertEquals(List.of("u-0 UNKNOWN_TOPIC_OR_PARTITION"), elect(2, 0, "u", 0));
    }

    @Test
    void uncleanLeadersAreElectedOnRequest() {
        isr(0, 1);
        fence(1);
        assertFalse(partition(0).hasLeader());

        assertEquals(List.of("t-0 NONE"), elect(2, 1, null));

        assertEquals(2, partition(0).leader());
        assertEquals(List.of("INVALID_REQUEST", "t-0 INVALID_REQUEST"), elect(2, 7, "t", 0));
    }

    @Test
    void moreElectionsThanAreProposedAtOnceAreAllHeld() {
        var assignments = new java.util.HashMap<Integer, List<Integer>>();
        for (int i = 0; i < 2500; i++) {
            assignments.put(i, List.of(3, 2));
        }
        create("many", assignments);
        fence(3);
        fixture.register(3, Optional.empty(), "PLAINTEXT");

        assertEquals(2500, elect(2, 0, null).size());
    }

    @Test
    void aBrokerThatIsGoneIsForgotten() {
        assertEquals(Errors.NONE, unregister(2));
        assertTrue(fixture.metadata.image().broker(2).isEmpty());
        assertEquals(List.of(1), partition(1).isr());
        assertEquals(Errors.BROKER_ID_NOT_REGISTERED, unregister(2));
    }

    private Errors unregister(int broker) {
        UnregisterBrokerResponseData answer =
                fixture.call(UNREGISTER_BROKER, 0, new UnregisterBrokerRequestData().setBrokerId(broker));
        return Errors.forCode(answer.errorCode());
    }

    @Test
    void nobodyWithoutPermissionChangesOrSeesAnything() {
        reassign(1, true, "t", to(0, List.of(3, 1)));
        fixture.permit(action -> false);

        assertEquals(
                Errors.CLUSTER_AUTHORIZATION_FAILED.code(),
                reassign(1, true, "t", to(0, null)).errorCode());
        ListPartitionReassignmentsResponseData listed = fixture.call(
                LIST_PARTITION_REASSIGNMENTS, 0, new ListPartitionReassignmentsRequestData().setTopics(null));
        assertEquals(Errors.CLUSTER_AUTHORIZATION_FAILED.code(), listed.errorCode());
        assertEquals(List.of(), listed.topics());
        assertEquals(List.of("CLUSTER_AUTHORIZATION_FAILED"), elect(2, 0, null));
        assertEquals(Errors.CLUSTER_AUTHORIZATION_FAILED, unregister(2));
        assertTrue(partition(0).isReassigning());
    }

    @Test
    void eligibleLeadersAndReplicasOutOfServiceAreDescribed() {
        fence(2);
        fence(1);

        DescribeTopicPartitionsResponseData described = fixture.call(
                DESCRIBE_TOPIC_PARTITIONS,
                0,
                new DescribeTopicPartitionsRequestData().setTopics(List.of(new TopicRequest().setName("t"))));
        var partition = described.topics().find("t").partitions().get(0);
        assertEquals(-1, partition.leaderId());
        assertEquals(List.of(), partition.isrNodes());
        assertEquals(List.of(1), partition.eligibleLeaderReplicas());
        assertEquals(List.of(1), partition.lastKnownElr());
        assertEquals(List.of(1, 2), partition.offlineReplicas());

        MetadataResponseData metadata = fixture.call(
                METADATA, 9, new MetadataRequestData().setTopics(List.of(new MetadataRequestTopic().setName("t"))));
        var inMetadata = metadata.topics().find("t").partitions().get(0);
        assertEquals(Errors.LEADER_NOT_AVAILABLE.code(), inMetadata.errorCode());
        assertEquals(List.of(), inMetadata.isrNodes());
        assertEquals(List.of(1, 2), inMetadata.offlineReplicas());
    }
}
