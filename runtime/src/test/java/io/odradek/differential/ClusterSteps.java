package io.odradek.differential;

import static org.apache.kafka.common.protocol.ApiKeys.API_VERSIONS;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_CLUSTER;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_QUORUM;
import static org.apache.kafka.common.protocol.ApiKeys.UPDATE_FEATURES;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKey;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKeyCollection;
import org.apache.kafka.common.protocol.ApiKeys;

/** The brokers, their versions and features, the quorum. */
final class ClusterSteps {
    /** What this broker serves; whatever Apache Kafka has beyond is not compared. */
    private static final Set<ApiKeys> SERVED = Set.of(
            ApiKeys.PRODUCE,
            ApiKeys.FETCH,
            ApiKeys.LIST_OFFSETS,
            ApiKeys.METADATA,
            ApiKeys.API_VERSIONS,
            ApiKeys.DESCRIBE_TOPIC_PARTITIONS,
            ApiKeys.CREATE_TOPICS,
            ApiKeys.DELETE_TOPICS,
            ApiKeys.CREATE_PARTITIONS,
            ApiKeys.ELECT_LEADERS,
            ApiKeys.ALTER_PARTITION_REASSIGNMENTS,
            ApiKeys.LIST_PARTITION_REASSIGNMENTS,
            ApiKeys.UNREGISTER_BROKER,
            ApiKeys.DELETE_RECORDS,
            ApiKeys.INIT_PRODUCER_ID,
            ApiKeys.OFFSET_FOR_LEADER_EPOCH,
            ApiKeys.DESCRIBE_CONFIGS,
            ApiKeys.ALTER_CONFIGS,
            ApiKeys.INCREMENTAL_ALTER_CONFIGS,
            ApiKeys.DESCRIBE_LOG_DIRS,
            ApiKeys.ALTER_REPLICA_LOG_DIRS,
            ApiKeys.DESCRIBE_PRODUCERS,
            ApiKeys.DESCRIBE_CLUSTER,
            ApiKeys.DESCRIBE_QUORUM,
            ApiKeys.ADD_RAFT_VOTER,
            ApiKeys.REMOVE_RAFT_VOTER,
            ApiKeys.UPDATE_FEATURES,
            ApiKeys.LIST_CONFIG_RESOURCES,
            ApiKeys.FIND_COORDINATOR,
            ApiKeys.JOIN_GROUP,
            ApiKeys.SYNC_GROUP,
            ApiKeys.HEARTBEAT,
            ApiKeys.LEAVE_GROUP,
            ApiKeys.LIST_GROUPS,
            ApiKeys.DESCRIBE_GROUPS,
            ApiKeys.DELETE_GROUPS,
            ApiKeys.CONSUMER_GROUP_HEARTBEAT,
            ApiKeys.CONSUMER_GROUP_DESCRIBE,
            ApiKeys.OFFSET_COMMIT,
            ApiKeys.OFFSET_FETCH,
            ApiKeys.OFFSET_DELETE,
            ApiKeys.ADD_PARTITIONS_TO_TXN,
            ApiKeys.ADD_OFFSETS_TO_TXN,
            ApiKeys.TXN_OFFSET_COMMIT,
            ApiKeys.END_TXN,
            ApiKeys.WRITE_TXN_MARKERS,
            ApiKeys.DESCRIBE_TRANSACTIONS,
            ApiKeys.LIST_TRANSACTIONS);

    private ClusterSteps() {}

    static void add(Script script) {
        apiVersions(script);
        describeCluster(script);
        quorum(script);
        features(script);
    }

    private static void apiVersions(Script script) {
        for (short version = API_VERSIONS.oldestVersion(); version <= API_VERSIONS.latestVersion(false); version++) {
            short v = version;
            script.ask("API_VERSIONS v" + v + ": versions of the served APIs", peer -> {
                ApiVersionsResponseData answer = peer.answer(API_VERSIONS, v, client("differential", "1.0"));
                var versions = JsonNodeFactory.instance.objectNode();
                SERVED.stream().sorted().forEach(api -> {
                    var range = answer.apiKeys().find(api.id);
                    versions.put(api.name, range == null ? "none" : range.minVersion() + " to " + range.maxVersion());
                });
                return versions;
            });
        }
        for (short version = 3; version <= API_VERSIONS.latestVersion(false); version++) {
            for (var software : List.of("", "-x", "x-", "a b", "ü")) {
                script.ask(API_VERSIONS, version, "software name '" + software + "'", peer -> client(software, "1.0"));
                script.ask(API_VERSIONS, version, "software version '" + software + "'", peer -> client("c", software));
            }
        }
    }

    private static ApiVersionsRequestData client(String name, String version) {
        return new ApiVersionsRequestData().setClientSoftwareName(name).setClientSoftwareVersion(version);
    }

    private static void describeCluster(Script script) {
        script.askEachVersion(DESCRIBE_CLUSTER, "brokers", (peer, version) -> new DescribeClusterRequestData());
        script.askEachVersion(
                DESCRIBE_CLUSTER, "authorized operations", (peer, version) -> new DescribeClusterRequestData()
                        .setIncludeClusterAuthorizedOperations(true));
        for (byte type : new byte[] {0, 2, 3, -1}) {
            for (short version = 1; version <= DESCRIBE_CLUSTER.latestVersion(false); version++) {
                script.ask(DESCRIBE_CLUSTER, version, "endpoint type " + type, peer -> new DescribeClusterRequestData()
                        .setEndpointType(type));
            }
        }
        script.ask(DESCRIBE_CLUSTER, 2, "fenced brokers too", peer -> new DescribeClusterRequestData()
                .setIncludeFencedBrokers(true));
        script.ask(
                "Admin.describeCluster",
                peer -> Script.outcome(() -> {
                    var cluster = peer.admin().describeCluster();
                    return cluster.nodes().get().size() + " brokers, controller "
                            + cluster.controller().get().id();
                }));
    }

    private static void quorum(Script script) {
        script.askEachVersion(
                DESCRIBE_QUORUM, "a partition that is not there", (peer, version) -> quorum("__cluster_metadata", 1));
        script.askEachVersion(DESCRIBE_QUORUM, "another topic", (peer, version) -> quorum("other", 0));
        script.askEachVersion(DESCRIBE_QUORUM, "nothing", (peer, version) -> new DescribeQuorumRequestData());
        script.ask(
                "Admin.describeMetadataQuorum",
                peer -> Script.outcome(() -> {
                    var quorum =
                            peer.admin().describeMetadataQuorum().quorumInfo().get();
                    return "leader " + quorum.leaderId() + ", voters "
                            + quorum.voters().stream().map(v -> v.replicaId()).toList() + ", observers "
                            + quorum.observers().stream()
                                    .map(v -> v.replicaId())
                                    .toList();
                }));
    }

    private static DescribeQuorumRequestData quorum(String topic, int partition) {
        return new DescribeQuorumRequestData()
                .setTopics(List.of(new DescribeQuorumRequestData.TopicData()
                        .setTopicName(topic)
                        .setPartitions(
                                List.of(new DescribeQuorumRequestData.PartitionData().setPartitionIndex(partition)))));
    }

    private static void features(Script script) {
        script.changeEachVersion(UPDATE_FEATURES, "nothing", (peer, version) -> new UpdateFeaturesRequestData());
        for (short version = 1; version <= UPDATE_FEATURES.latestVersion(false); version++) {
            short v = version;
            feature(script, v, "unknown feature", "no.such.feature", 1, UpgradeType.UPGRADE);
            feature(script, v, "negative level", "metadata.version", -1, UpgradeType.UPGRADE);
            feature(script, v, "level far too high", "metadata.version", 999, UpgradeType.UPGRADE);
            feature(script, v, "unknown upgrade type", "metadata.version", 25, UpgradeType.UNKNOWN);
            feature(script, v, "downgrade as upgrade", "metadata.version", 20, UpgradeType.UPGRADE);
            feature(
                    script,
                    v,
                    "unsafe downgrade that loses metadata",
                    "metadata.version",
                    7,
                    UpgradeType.UNSAFE_DOWNGRADE);
            feature(script, v, "eligible leaders", "eligible.leader.replicas.version", 1, UpgradeType.UPGRADE);
            feature(
                    script,
                    v,
                    "no eligible leaders",
                    "eligible.leader.replicas.version",
                    0,
                    UpgradeType.SAFE_DOWNGRADE);
            feature(script, v, "eligible leaders beyond", "eligible.leader.replicas.version", 2, UpgradeType.UPGRADE);
            feature(script, v, "downgrade that loses metadata", "metadata.version", 7, UpgradeType.SAFE_DOWNGRADE);
        }
        for (var feature : List.of("metadata.version", "eligible.leader.replicas.version")) {
            script.ask(
                    "finalized " + feature,
                    peer -> Script.outcome(() -> peer.admin()
                            .describeFeatures()
                            .featureMetadata()
                            .get()
                            .finalizedFeatures()
                            .get(feature)));
        }
    }

    private static void feature(
            Script script, short version, String name, String feature, int level, UpgradeType upgradeType) {
        script.change(UPDATE_FEATURES, version, name, peer -> {
            var updates = new FeatureUpdateKeyCollection();
            updates.add(new FeatureUpdateKey()
                    .setFeature(feature)
                    .setMaxVersionLevel((short) level)
                    .setUpgradeType(upgradeType.code()));
            return new UpdateFeaturesRequestData().setFeatureUpdates(updates).setValidateOnly(true);
        });
    }
}
