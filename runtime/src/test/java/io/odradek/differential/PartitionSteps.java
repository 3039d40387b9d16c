package io.odradek.differential;

import static org.apache.kafka.common.protocol.ApiKeys.ALTER_PARTITION_REASSIGNMENTS;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_TOPIC_PARTITIONS;
import static org.apache.kafka.common.protocol.ApiKeys.ELECT_LEADERS;
import static org.apache.kafka.common.protocol.ApiKeys.LIST_PARTITION_REASSIGNMENTS;
import static org.apache.kafka.common.protocol.ApiKeys.UNREGISTER_BROKER;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignableTopic;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData.TopicPartitions;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData.ListPartitionReassignmentsTopics;
import org.apache.kafka.common.message.UnregisterBrokerRequestData;

/** Reassignments, elections, and brokers that are not there, as far as one broker can tell. */
final class PartitionSteps {
    private static final String TOPIC = "partitions";
    private static final int TIMEOUT_MS = 10_000;

    private PartitionSteps() {}

    static void add(Script script) {
        TopicSteps.setup(script, TOPIC, 2);
        reassignments(script);
        listings(script);
        elections(script);
        unregistration(script);
        minimum(script);
        admin(script);
    }

    private static void reassignments(Script script) {
        alter(script, "where it is already", TOPIC, to(0, 1));
        alter(script, "nothing to cancel", TOPIC, cancel(0));
        alter(script, "no replicas", TOPIC, to(0));
        alter(script, "unknown broker", TOPIC, to(0, 2));
        alter(script, "known and unknown broker", TOPIC, to(0, 1, 2));
        alter(script, "twice the same broker", TOPIC, to(0, 1, 1));
        alter(script, "negative broker", TOPIC, to(0, -1));
        alter(script, "unknown partition", TOPIC, to(9, 1));
        alter(script, "negative partition", TOPIC, to(-1, 1));
        alter(script, "one of each", TOPIC, to(0, 1), to(1, 7), cancel(1), to(5, 1));
        alter(script, "unknown topic", "no-such-topic", to(0, 1), cancel(0));
        alter(script, "topic without a name", "", to(0, 1));
        alter(script, "topic without partitions", TOPIC);
        script.changeEachVersion(
                ALTER_PARTITION_REASSIGNMENTS,
                "nothing",
                (peer, version) -> new AlterPartitionReassignmentsRequestData());
        script.change(ALTER_PARTITION_REASSIGNMENTS, 1, "the factor may not change", peer -> request(
                        TOPIC, to(0, 1, 2), to(0, 1), to(1))
                .setAllowReplicationFactorChange(false));
        describe(script, "after reassignments");
    }

    private static void alter(Script script, String name, String topic, ReassignablePartition... partitions) {
        script.changeEachVersion(ALTER_PARTITION_REASSIGNMENTS, name, (peer, version) -> request(topic, partitions));
    }

    private static AlterPartitionReassignmentsRequestData request(String topic, ReassignablePartition... partitions) {
        return new AlterPartitionReassignmentsRequestData()
                .setTimeoutMs(TIMEOUT_MS)
                .setTopics(List.of(new ReassignableTopic().setName(topic).setPartitions(Arrays.asList(partitions))));
    }

    private static ReassignablePartition to(int partition, Integer... replicas) {
        return new ReassignablePartition().setPartitionIndex(partition).setReplicas(List.of(replicas));
    }

    private static ReassignablePartition cancel(int partition) {
        return new ReassignablePartition().setPartitionIndex(partition).setReplicas(null);
    }

    private static void listings(Script script) {
        list(script, "all", null);
        list(script, "none", List.of());
        list(script, "a topic", List.of(listed(TOPIC, 0, 1)));
        list(script, "strange partitions", List.of(listed(TOPIC, -1, 9), listed(TOPIC)));
        list(script, "unknown topic", List.of(listed("no-such-topic", 0), listed("", 0)));
    }

    private static void list(Script script, String name, List<ListPartitionReassignmentsTopics> topics) {
        script.askEachVersion(
                LIST_PARTITION_REASSIGNMENTS, name, (peer, version) -> new ListPartitionReassignmentsRequestData()
                        .setTimeoutMs(TIMEOUT_MS)
                        .setTopics(topics));
    }

    private static ListPartitionReassignmentsTopics listed(String topic, Integer... partitions) {
        return new ListPartitionReassignmentsTopics().setName(topic).setPartitionIndexes(List.of(partitions));
    }

    private static void elections(Script script) {
        for (byte type : new byte[] {0, 1, 2, -1}) {
            elect(script, type, "all", null);
            elect(script, type, "none", List.of());
            elect(script, type, "a topic", List.of(elected(TOPIC, 0, 1)));
            elect(script, type, "a topic without partitions", List.of(elected(TOPIC)));
            elect(script, type, "unknown partitions", List.of(elected(TOPIC, 0, 9, -1)));
            elect(script, type, "unknown topic", List.of(elected("no-such-topic", 0), elected("", 0)));
        }
        describe(script, "after elections");
    }

    private static void elect(Script script, byte type, String name, List<TopicPartitions> topics) {
        for (short version = ELECT_LEADERS.oldestVersion(); version <= ELECT_LEADERS.latestVersion(false); version++) {
            if (version > 0 || type == 0) {
                script.change(ELECT_LEADERS, version, "type " + type + ", " + name, peer -> {
                    var request =
                            new ElectLeadersRequestData().setElectionType(type).setTimeoutMs(TIMEOUT_MS);
                    if (topics == null) {
                        request.setTopicPartitions(null);
                    } else {
                        topics.forEach(topic -> request.topicPartitions().add(topic.duplicate()));
                    }
                    return request;
                });
            }
        }
    }

    private static TopicPartitions elected(String topic, Integer... partitions) {
        return new TopicPartitions().setTopic(topic).setPartitions(List.of(partitions));
    }

    private static void unregistration(Script script) {
        for (int id : new int[] {2, 1_000_000, -1}) {
            script.changeEachVersion(
                    UNREGISTER_BROKER, "broker " + id, (peer, version) -> new UnregisterBrokerRequestData()
                            .setBrokerId(id));
        }
    }

    /** With eligible leader replicas (KIP-966), all brokers must count with the same minimum. */
    private static void minimum(Script script) {
        minimum(script, "the cluster's minimum", "", OpType.SET, "1");
        minimum(script, "no minimum of the cluster", "", OpType.DELETE, null);
        minimum(script, "a minimum of one broker", "1", OpType.SET, "1");
        minimum(script, "no minimum of one broker", "1", OpType.DELETE, null);
    }

    private static void minimum(Script script, String name, String broker, OpType operation, String value) {
        var change = new AlterConfigOp(new ConfigEntry("min.insync.replicas", value), operation);
        script.change(
                "Admin.incrementalAlterConfigs, " + name,
                peer -> Script.outcome(() -> peer.admin()
                        .incrementalAlterConfigs(
                                Map.of(new ConfigResource(ConfigResource.Type.BROKER, broker), List.of(change)))
                        .all()
                        .get()));
    }

    private static void describe(Script script, String name) {
        script.ask(DESCRIBE_TOPIC_PARTITIONS, 0, name, peer -> new DescribeTopicPartitionsRequestData()
                .setTopics(List.of(new TopicRequest().setName(TOPIC))));
    }

    private static void admin(Script script) {
        var first = new TopicPartition(TOPIC, 0);
        script.change(
                "Admin.alterPartitionReassignments",
                peer -> Script.outcome(() -> peer.admin()
                        .alterPartitionReassignments(
                                Map.of(first, Optional.of(new NewPartitionReassignment(List.of(1)))))
                        .all()
                        .get()));
        script.change(
                "Admin.alterPartitionReassignments, cancel",
                peer -> Script.outcome(() -> peer.admin()
                        .alterPartitionReassignments(Map.of(first, Optional.empty()))
                        .all()
                        .get()));
        script.ask(
                "Admin.listPartitionReassignments",
                peer -> Script.outcome(() -> peer.admin()
                        .listPartitionReassignments()
                        .reassignments()
                        .get()));
        script.change(
                "Admin.electLeaders",
                peer -> Script.outcome(() -> peer.admin()
                        .electLeaders(ElectionType.PREFERRED, Set.of(first))
                        .partitions()
                        .get()));
        script.change(
                "Admin.electLeaders, all",
                peer -> Script.outcome(() -> peer.admin()
                        .electLeaders(ElectionType.UNCLEAN, null)
                        .partitions()
                        .get()));
        script.change(
                "Admin.unregisterBroker",
                peer -> Script.outcome(
                        () -> peer.admin().unregisterBroker(77).all().get()));
    }
}
