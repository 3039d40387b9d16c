package io.odradek.api;

import static org.apache.kafka.common.protocol.ApiKeys.METADATA;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.metadata.Command.CreateTopic;
import io.odradek.metadata.Command.FenceBroker;
import io.odradek.spi.Authorizer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetadataHandlerTest {
    private static final int LATEST = METADATA.latestVersion(false);

    private final AdminFixture fixture = new AdminFixture();

    @Test
    void tellsBrokersWithTheAddressOfTheClientsListener() {
        fixture.register(2, Optional.empty(), "PLAINTEXT", "INTERNAL");
        fixture.register(3, Optional.empty(), "INTERNAL");

        var answer = call(LATEST, all());

        assertEquals(AdminFixture.CLUSTER_ID, answer.clusterId());
        assertEquals(1, answer.controllerId());
        assertEquals(
                List.of(1, 2), answer.brokers().stream().map(b -> b.nodeId()).toList());
        assertEquals("host-1", answer.brokers().find(1).host());
        assertEquals("rack-1", answer.brokers().find(1).rack());
        assertNull(answer.brokers().find(2).rack());
    }

    @Test
    void versionZeroAsksForAllTopicsWithAnEmptyListAndLaterOnesWithNull() {
        fixture.topic("a", 1);
        fixture.topic("b", 1);

        assertEquals(List.of("a", "b"), names(call(0, new MetadataRequestData().setTopics(List.of()))));
        assertEquals(List.of("a", "b"), names(call(1, all())));
        assertEquals(List.of(), names(call(1, named())));
    }

    @Test
    void aMissingTopicIsCreatedOnlyIfBothSidesWantIt() {
        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, error(call(LATEST, named("a")), "a"));

        var created = call(LATEST, named("a").setAllowAutoTopicCreation(true));

        assertEquals(Errors.NONE, error(created, "a"));
        assertEquals(3, created.topics().find("a").partitions().size());
        assertEquals(
                3,
                fixture.metadata
                        .image()
                        .topics()
                        .byName("a")
                        .orElseThrow()
                        .partitions()
                        .size());

        fixture.with("auto.create.topics.enable", "false");
        assertEquals(
                Errors.UNKNOWN_TOPIC_OR_PARTITION,
                error(call(LATEST, named("b").setAllowAutoTopicCreation(true)), "b"));
    }

    @Test
    void aTopicThatCannotBeCreatedIsUnknown() {
        fixture.with("default.replication.factor", "5");

        var answer = call(LATEST, named("a", "b c").setAllowAutoTopicCreation(true));

        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, error(answer, "a"));
        assertEquals(Errors.INVALID_TOPIC_EXCEPTION, error(answer, "b c"));
    }

    @Test
    void namesAndIdsOfTopicsAreDisclosedOnlyToThoseWhoMayDescribe() {
        var hidden = fixture.topic("hidden", 1);
        fixture.topic("shown", 1);
        fixture.permit(a -> a.resourceName().equals("shown") && a.operation() == Authorizer.Operation.DESCRIBE);

        assertEquals(List.of("shown"), names(call(LATEST, all())));
        var byName = call(LATEST, named("hidden", "missing"));
        assertEquals(Errors.TOPIC_AUTHORIZATION_FAILED, error(byName, "hidden"));
        assertEquals(Uuid.ZERO_UUID, byName.topics().find("hidden").topicId());
        assertEquals(Errors.TOPIC_AUTHORIZATION_FAILED, error(byName, "missing"));
        var byId = call(LATEST, byId(hidden.id())).topics().iterator().next();
        assertEquals(Errors.TOPIC_AUTHORIZATION_FAILED.code(), byId.errorCode());
        assertNull(byId.name());
        assertEquals(hidden.id(), byId.topicId());
    }

    @Test
    void creationNeedsPermission() {
        fixture.permit(a -> a.operation() == Authorizer.Operation.DESCRIBE
                || a.operation() == Authorizer.Operation.CREATE
                        && a.resourceName().equals("mine"));

        var answer = call(LATEST, named("mine", "theirs").setAllowAutoTopicCreation(true));

        assertEquals(Errors.NONE, error(answer, "mine"));
        assertEquals(Errors.TOPIC_AUTHORIZATION_FAILED, error(answer, "theirs"));
        assertTrue(fixture.metadata.image().topics().byName("theirs").isEmpty());
    }

    @Test
    void anUnknownIdIsSaidToBe() {
        var answer = call(LATEST, byId(new Uuid(5, 5))).topics().iterator().next();

        assertEquals(Errors.UNKNOWN_TOPIC_ID.code(), answer.errorCode());
        assertEquals(new Uuid(5, 5), answer.topicId());
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 11})
    void idsAndNullNamesComeWithVersionTwelve(int version) {
        fixture.topic("a", 1);

        var answer = call(version, byId(new Uuid(5, 5)));

        assertEquals(
                List.of(),
                answer.topics().stream().filter(t -> t.errorCode() == 0).toList());
    }

    @Test
    void aFencedReplicaIsOfflineAndALeaderlessPartitionSaysSo() {
        fixture.register(2, Optional.empty(), "PLAINTEXT");
        fixture.metadata.apply(
                new CreateTopic(Uuid.randomUuid(), "both", -1, (short) -1, Map.of(0, List.of(1, 2)), Map.of()));
        fixture.metadata.apply(
                new CreateTopic(Uuid.randomUuid(), "second", -1, (short) -1, Map.of(0, List.of(2)), Map.of()));
        fixture.metadata.apply(new FenceBroker(
                2, fixture.metadata.image().broker(2).orElseThrow().epoch()));

        var answer = call(LATEST, named("both", "second"));

        assertEquals(List.of(1), answer.brokers().stream().map(b -> b.nodeId()).toList());
        var both = answer.topics().find("both").partitions().get(0);
        assertEquals(List.of(1, 2), both.replicaNodes());
        assertEquals(List.of(2), both.offlineReplicas());
        var second = answer.topics().find("second").partitions().get(0);
        assertEquals(-1, second.leaderId());
        assertEquals(Errors.LEADER_NOT_AVAILABLE.code(), second.errorCode());
        // Version 0 lists replicas in service alone, and says that some are missing.
        var old = call(0, named("both").setAllowAutoTopicCreation(true))
                .topics()
                .find("both")
                .partitions()
                .get(0);
        assertEquals(List.of(1), old.replicaNodes());
        assertEquals(Errors.REPLICA_NOT_AVAILABLE.code(), old.errorCode());
    }

    @Test
    void aLeaderWithoutTheClientsListenerIsNotFoundSinceVersionSix() {
        fixture.register(3, Optional.empty(), "INTERNAL");
        fixture.metadata.apply(
                new CreateTopic(Uuid.randomUuid(), "inner", -1, (short) -1, Map.of(0, List.of(3)), Map.of()));

        assertEquals(Errors.LEADER_NOT_AVAILABLE.code(), partitionError(call(5, named("inner"))));
        assertEquals(Errors.LISTENER_NOT_FOUND.code(), partitionError(call(6, named("inner"))));
    }

    @Test
    void authorizedOperationsComeWhenAskedFor() {
        fixture.topic("a", 1);

        var plain = call(8, named("a"));
        var asked = call(
                8, named("a").setIncludeTopicAuthorizedOperations(true).setIncludeClusterAuthorizedOperations(true));

        assertEquals(Integer.MIN_VALUE, plain.clusterAuthorizedOperations());
        assertEquals(Integer.MIN_VALUE, plain.topics().find("a").topicAuthorizedOperations());
        assertEquals(3576, asked.topics().find("a").topicAuthorizedOperations());
        assertFalse(asked.clusterAuthorizedOperations() <= 0);
    }

    @Test
    void internalTopicsAreMarked() {
        fixture.topic("__consumer_offsets", 1);
        fixture.topic("a", 1);

        var answer = call(LATEST, all());

        assertTrue(answer.topics().find("__consumer_offsets").isInternal());
        assertFalse(answer.topics().find("a").isInternal());
    }

    private MetadataResponseData call(int version, MetadataRequestData request) {
        boolean alwaysAllowed = version < 4;
        return fixture.call(METADATA, version, alwaysAllowed ? request.setAllowAutoTopicCreation(true) : request);
    }

    private static MetadataRequestData all() {
        return new MetadataRequestData().setTopics(null);
    }

    private static MetadataRequestData named(String... names) {
        return new MetadataRequestData()
                .setAllowAutoTopicCreation(false)
                .setTopics(Arrays.stream(names)
                        .map(name -> new MetadataRequestTopic().setName(name))
                        .toList());
    }

    private static MetadataRequestData byId(Uuid id) {
        return named().setTopics(
                        List.of(new MetadataRequestTopic().setName(null).setTopicId(id)));
    }

    private static List<String> names(MetadataResponseData answer) {
        return answer.topics().stream().map(t -> t.name()).toList();
    }

    private static Errors error(MetadataResponseData answer, String topic) {
        return Errors.forCode(answer.topics().find(topic).errorCode());
    }

    private static short partitionError(MetadataResponseData answer) {
        return answer.topics().iterator().next().partitions().get(0).errorCode();
    }
}
