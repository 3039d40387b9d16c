package io.odradek.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.metadata.Command.FenceBroker;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.common.config.ConfigResource.Type;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKey;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterHandlersTest {
    private final AdminFixture fixture = new AdminFixture();

    @Test
    void fencedBrokersAreDescribedToThoseWhoAsk() {
        fixture.register(2, Optional.empty(), "PLAINTEXT");
        fixture.metadata.apply(new FenceBroker(
                2, fixture.metadata.image().broker(2).orElseThrow().epoch()));

        DescribeClusterResponseData plain = fixture.call(ApiKeys.DESCRIBE_CLUSTER, 2, new DescribeClusterRequestData());
        DescribeClusterResponseData asked = fixture.call(
                ApiKeys.DESCRIBE_CLUSTER, 2, new DescribeClusterRequestData().setIncludeFencedBrokers(true));

        assertEquals(List.of(1), plain.brokers().stream().map(b -> b.brokerId()).toList());
        assertEquals(
                List.of(1, 2), asked.brokers().stream().map(b -> b.brokerId()).toList());
        assertTrue(asked.brokers().find(2).isFenced());
        assertEquals(1, plain.controllerId());
        assertEquals(AdminFixture.CLUSTER_ID, plain.clusterId());
    }

    @Test
    void clusterOperationsOfOneWhoMayNotDescribeAreNone() {
        fixture.permit(action -> false);

        DescribeClusterResponseData answer = fixture.call(
                ApiKeys.DESCRIBE_CLUSTER,
                2,
                new DescribeClusterRequestData().setIncludeClusterAuthorizedOperations(true));

        assertEquals(0, answer.clusterAuthorizedOperations());
    }

    @Test
    void theQuorumIsDescribedAsTheMetadataPartition() {
        var partition =
                quorum("__cluster_metadata", 0).topics().get(0).partitions().get(0);

        assertEquals(1, partition.leaderId());
        assertEquals(fixture.metadata.quorum().highWatermark(), partition.highWatermark());
        assertEquals(
                List.of(1),
                partition.currentVoters().stream().map(v -> v.replicaId()).toList());
        assertEquals(
                9092,
                quorum("__cluster_metadata", 0)
                        .nodes()
                        .find(1)
                        .listeners()
                        .find("PLAINTEXT")
                        .port());
    }

    @ParameterizedTest
    @CsvSource({"__cluster_metadata, 1", "other, 0"})
    void noOtherPartitionIsAQuorum(String topic, int partition) {
        assertEquals(
                Errors.UNKNOWN_TOPIC_OR_PARTITION.code(),
                quorum(topic, partition).topics().get(0).partitions().get(0).errorCode());
    }

    @Test
    void whoMayNotAlterTheClusterMayNotUpdateFeatures() {
        fixture.permit(action -> false);

        assertEquals(
                Errors.CLUSTER_AUTHORIZATION_FAILED, update(1, "metadata.version", 30, UpgradeType.UPGRADE, false));
        assertEquals(
                Errors.CLUSTER_AUTHORIZATION_FAILED.code(),
                quorum("__cluster_metadata", 0).errorCode());
    }

    @ParameterizedTest
    @CsvSource({
        "metadata.version, 30, UPGRADE, NONE",
        "metadata.version, 999, UPGRADE, INVALID_UPDATE_VERSION",
        "metadata.version, 20, UPGRADE, INVALID_UPDATE_VERSION",
        "metadata.version, 25, UNKNOWN, INVALID_UPDATE_VERSION",
        "no.such.feature, 1, UPGRADE, INVALID_UPDATE_VERSION"
    })
    void updatesOfFeaturesAreCheckedAndValidateOnlyChangesNothing(
            String feature, int level, UpgradeType upgradeType, Errors expected) {
        var before = fixture.metadata.image().features();

        assertEquals(expected, update(1, feature, level, upgradeType, true));
        assertEquals(expected, update(2, feature, level, upgradeType, true));

        assertEquals(before, fixture.metadata.image().features());
    }

    @ParameterizedTest
    @CsvSource({
        "0, group, NONE",
        "1, transaction, NONE",
        "2, g:AAAAAAAAAAAAAAAAAAAAAQ:0, COORDINATOR_NOT_AVAILABLE",
        "2, g:with:colons:AAAAAAAAAAAAAAAAAAAAAQ:0, COORDINATOR_NOT_AVAILABLE",
        "2, g:AAAAAAAAAAAAAAAAAAAAAQ, INVALID_REQUEST",
        "2, g:AAAAAAAAAAAAAAAAAAAAAQ:x, INVALID_REQUEST",
        "3, what, INVALID_REQUEST"
    })
    void aCoordinatorIsLookedFor(byte type, String key, Errors expected) {
        FindCoordinatorResponseData batched = fixture.call(
                ApiKeys.FIND_COORDINATOR,
                6,
                new FindCoordinatorRequestData().setKeyType(type).setCoordinatorKeys(List.of(key)));
        assertEquals(expected.code(), batched.coordinators().get(0).errorCode());
        assertEquals(key, batched.coordinators().get(0).key());

        FindCoordinatorResponseData single = fixture.call(
                ApiKeys.FIND_COORDINATOR,
                3,
                new FindCoordinatorRequestData().setKeyType(type).setKey(key));
        assertEquals((type == 2 ? Errors.INVALID_REQUEST : expected).code(), single.errorCode());
    }

    @ParameterizedTest
    @CsvSource({
        "0, GROUP_AUTHORIZATION_FAILED",
        "1, TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
    })
    void aCoordinatorIsNotToldToThoseWhoMayNotDescribe(byte type, Errors expected) {
        fixture.permit(action -> false);

        FindCoordinatorResponseData answer = fixture.call(
                ApiKeys.FIND_COORDINATOR,
                6,
                new FindCoordinatorRequestData().setKeyType(type).setCoordinatorKeys(List.of("k")));

        assertEquals(expected.code(), answer.coordinators().get(0).errorCode());
    }

    @Test
    void resourcesWithConfigsAreListedByType() {
        fixture.topic("a", 1);

        ListConfigResourcesResponseData topics = list(1, Type.TOPIC);
        ListConfigResourcesResponseData brokers = list(1, Type.BROKER);
        ListConfigResourcesResponseData unknown = list(1, Type.UNKNOWN);

        assertEquals(
                List.of("a"),
                topics.configResources().stream().map(r -> r.resourceName()).toList());
        assertEquals(
                List.of("1"),
                brokers.configResources().stream().map(r -> r.resourceName()).toList());
        assertEquals(Errors.UNSUPPORTED_VERSION.code(), unknown.errorCode());
        fixture.permit(action -> false);
        assertEquals(
                Errors.CLUSTER_AUTHORIZATION_FAILED.code(), list(1, Type.TOPIC).errorCode());
    }

    private ListConfigResourcesResponseData list(int version, Type type) {
        return fixture.call(
                ApiKeys.LIST_CONFIG_RESOURCES,
                version,
                new ListConfigResourcesRequestData().setResourceTypes(List.of(type.id())));
    }

    private DescribeQuorumResponseData quorum(String topic, int partition) {
        return fixture.call(
                ApiKeys.DESCRIBE_QUORUM,
                2,
                new DescribeQuorumRequestData()
                        .setTopics(List.of(new DescribeQuorumRequestData.TopicData()
                                .setTopicName(topic)
                                .setPartitions(List.of(
                                        new DescribeQuorumRequestData.PartitionData().setPartitionIndex(partition))))));
    }

    private Errors update(int version, String feature, int level, UpgradeType upgradeType, boolean validateOnly) {
        var request = new UpdateFeaturesRequestData().setTimeoutMs(1000).setValidateOnly(validateOnly);
        request.featureUpdates()
                .add(new FeatureUpdateKey()
                        .setFeature(feature)
                        .setMaxVersionLevel((short) level)
                        .setUpgradeType(upgradeType.code()));
        UpdateFeaturesResponseData answer = fixture.call(ApiKeys.UPDATE_FEATURES, version, request);
        return Errors.forCode(answer.errorCode());
    }
}
