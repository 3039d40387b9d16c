package io.odradek.api;

import static org.apache.kafka.common.protocol.ApiKeys.ALTER_CONFIGS;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.protocol.ApiKeys.INCREMENTAL_ALTER_CONFIGS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.metadata.DynamicSettings;
import java.util.List;
import java.util.Map;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.ConfigResource.Type;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigHandlersTest {
    private final AdminFixture fixture = new AdminFixture();

    @Test
    void aTopicsConfigsComeWithWhereTheyAreFrom() {
        fixture.with("log.segment.bytes", "2097152").topic("a", 1);
        alter(Type.TOPIC, "a", set("retention.ms", "1000"));
        alter(Type.BROKER, "", set("message.max.bytes", "5000"));

        var configs = describe(Type.TOPIC, "a");

        assertEquals("1000", configs.get("retention.ms").value());
        assertEquals(1, configs.get("retention.ms").configSource());
        assertEquals("2097152", configs.get("segment.bytes").value());
        assertEquals(4, configs.get("segment.bytes").configSource());
        assertEquals("5000", configs.get("max.message.bytes").value());
        assertEquals(3, configs.get("max.message.bytes").configSource());
        assertEquals(5, configs.get("cleanup.policy").configSource());
        assertEquals(
                List.of("message.max.bytes 3", "message.max.bytes 5"),
                configs.get("max.message.bytes").synonyms().stream()
                        .map(s -> s.name() + " " + s.source())
                        .toList());
    }

    @Test
    void keysFilterAndNoneMeanAll() {
        fixture.topic("a", 1);

        assertEquals(1, describe(Type.TOPIC, "a", List.of("retention.ms")).size());
        assertTrue(describe(Type.TOPIC, "a", List.of()).size() > 20);
    }

    @ParameterizedTest
    @CsvSource({
        "TOPIC, missing, UNKNOWN_TOPIC_OR_PARTITION",
        "TOPIC, 'a b', INVALID_TOPIC_EXCEPTION",
        "BROKER, 2, INVALID_REQUEST",
        "BROKER, one, INVALID_REQUEST",
        "BROKER_LOGGER, '', INVALID_REQUEST",
        "GROUP, '', INVALID_REQUEST",
        "CLIENT_METRICS, '', INVALID_REQUEST"
    })
    void whatCannotBeDescribedIsRefused(Type type, String name, Errors expected) {
        assertEquals(expected.code(), describeResult(type, name, null).errorCode());
    }

    @Test
    void secretsAreNotTold() {
        fixture.with("ssl.keystore.password", "secret");

        var password = describe(Type.BROKER, "1").get("ssl.keystore.password");

        assertNull(password.value());
        assertTrue(password.isSensitive());
    }

    @Test
    void validateOnlyAndWhatIsRefusedChangeNothing() {
        fixture.topic("a", 1);
        var before = fixture.metadata.image().topics().byName("a").orElseThrow();

        var request = request(Type.TOPIC, "a", set("retention.ms", "5")).setValidateOnly(true);
        IncrementalAlterConfigsResponseData valid = fixture.call(INCREMENTAL_ALTER_CONFIGS, 1, request);
        assertEquals(0, valid.responses().get(0).errorCode());
        assertEquals(
                Errors.INVALID_CONFIG, alter(Type.TOPIC, "a", set("retention.ms", "5"), set("segment.ms", "soon")));

        assertEquals(
                before.configs(),
                fixture.metadata.image().topics().byName("a").orElseThrow().configs());
    }

    @ParameterizedTest
    @CsvSource({
        "TOPIC, a, SET, no.such.config, 1, INVALID_CONFIG",
        "TOPIC, a, APPEND, retention.ms, 1, INVALID_CONFIG",
        "TOPIC, a, SET, retention.ms, , INVALID_REQUEST",
        "TOPIC, missing, SET, retention.ms, 1, UNKNOWN_TOPIC_OR_PARTITION",
        "BROKER, 1, SET, num.partitions, 5, INVALID_REQUEST",
        "BROKER, 1, SET, message.max.bytes, many, INVALID_REQUEST",
        "BROKER, 2, SET, message.max.bytes, 5000, INVALID_REQUEST",
        "BROKER, '', SET, message.max.bytes, 5000, NONE",
        "BROKER, 1, SET, message.max.bytes, 5000, NONE",
        "UNKNOWN, x, SET, message.max.bytes, 5000, INVALID_REQUEST",
        "BROKER_LOGGER, 1, SET, no.such.logger, INFO, INVALID_CONFIG",
        "BROKER_LOGGER, 1, SET, root, LOUD, INVALID_CONFIG",
        "BROKER_LOGGER, 1, APPEND, root, INFO, INVALID_REQUEST",
        "BROKER_LOGGER, 1, DELETE, root, , INVALID_REQUEST",
        "BROKER_LOGGER, 2, SET, root, INFO, INVALID_REQUEST"
    })
    void eachChangeIsChecked(Type type, String resource, OpType operation, String name, String value, Errors expected) {
        fixture.topic("a", 1);

        assertEquals(expected, alter(type, resource, op(operation, name, value)));
    }

    @Test
    void aResourceOrANameTwiceIsRefused() {
        fixture.topic("a", 1);
        var twice = request(Type.TOPIC, "a", set("retention.ms", "5"));
        twice.resources().mustAdd(resource(Type.TOPIC, "a", set("retention.ms", "6")));

        IncrementalAlterConfigsResponseData answer = fixture.call(INCREMENTAL_ALTER_CONFIGS, 1, twice);

        assertEquals(
                List.of(Errors.INVALID_REQUEST.code(), Errors.INVALID_REQUEST.code()),
                answer.responses().stream().map(r -> r.errorCode()).toList());
        assertEquals(
                Errors.INVALID_REQUEST, alter(Type.TOPIC, "a", set("retention.ms", "5"), set("retention.ms", "6")));
    }

    @Test
    void alteringNeedsPermission() {
        fixture.topic("a", 1);
        fixture.permit(action -> false);

        assertEquals(Errors.TOPIC_AUTHORIZATION_FAILED, alter(Type.TOPIC, "a", set("retention.ms", "5")));
        assertEquals(Errors.CLUSTER_AUTHORIZATION_FAILED, alter(Type.BROKER, "1", set("message.max.bytes", "5")));
        assertEquals(Errors.CLUSTER_AUTHORIZATION_FAILED, alter(Type.BROKER_LOGGER, "1", set("root", "INFO")));
        assertEquals(
                Errors.GROUP_AUTHORIZATION_FAILED, alter(Type.GROUP, "g", set("consumer.session.timeout.ms", "50000")));
    }

    @Test
    void theOldRequestReplacesAllThatWasSet() {
        fixture.topic("a", 1);
        alter(Type.TOPIC, "a", set("retention.ms", "5"), set("segment.ms", "6"));
        var request = new AlterConfigsRequestData();
        var resource = new AlterConfigsRequestData.AlterConfigsResource()
                .setResourceType(Type.TOPIC.id())
                .setResourceName("a");
        resource.configs()
                .add(new AlterConfigsRequestData.AlterableConfig()
                        .setName("segment.ms")
                        .setValue("7"));
        request.resources().add(resource);

        AlterConfigsResponseData answer = fixture.call(ALTER_CONFIGS, 2, request);

        assertEquals(0, answer.responses().get(0).errorCode());
        assertEquals(Map.of("segment.ms", "7"), fixture.metadata.image().configs(new ConfigResource(Type.TOPIC, "a")));
    }

    @Test
    void aLoggersLevelChangesAtOnceAndIsForgotten() {
        var logger = Logger.getLogger("io.odradek.api.ConfigHandlersTest");
        var name = logger.getName();
        try {
            assertEquals(Errors.NONE, alter(Type.BROKER_LOGGER, "1", set(name, "TRACE")));
            assertEquals("TRACE", describe(Type.BROKER_LOGGER, "1").get(name).value());
            assertEquals(6, describe(Type.BROKER_LOGGER, "1").get(name).configSource());
        } finally {
            assertEquals(Errors.NONE, alter(Type.BROKER_LOGGER, "1", op(OpType.DELETE, name, null)));
        }
        assertNull(logger.getLevel());
    }

    @Test
    void dynamicSettingsOfABrokerAreInForceAtOnce() {
        var settings = new DynamicSettings(fixture.config());
        fixture.metadata.addListener(settings);
        assertFalse(settings.current().replication().uncleanLeaderElection());

        alter(Type.BROKER, "", set("unclean.leader.election.enable", "true"));
        assertTrue(settings.current().replication().uncleanLeaderElection());
        alter(Type.BROKER, "1", set("unclean.leader.election.enable", "false"));
        assertFalse(settings.current().replication().uncleanLeaderElection());
        alter(Type.BROKER, "1", op(OpType.DELETE, "unclean.leader.election.enable", null));
        assertTrue(settings.current().replication().uncleanLeaderElection());
        alter(Type.BROKER, "", op(OpType.DELETE, "unclean.leader.election.enable", null));
        assertFalse(settings.current().replication().uncleanLeaderElection());
    }

    private Errors alter(Type type, String name, AlterableConfig... changes) {
        IncrementalAlterConfigsResponseData answer =
                fixture.call(INCREMENTAL_ALTER_CONFIGS, 1, request(type, name, changes));
        return Errors.forCode(answer.responses().get(0).errorCode());
    }

    private static IncrementalAlterConfigsRequestData request(Type type, String name, AlterableConfig... changes) {
        var request = new IncrementalAlterConfigsRequestData();
        request.resources().add(resource(type, name, changes));
        return request;
    }

    private static AlterConfigsResource resource(Type type, String name, AlterableConfig... changes) {
        var resource = new AlterConfigsResource().setResourceType(type.id()).setResourceName(name);
        List.of(changes).forEach(resource.configs()::mustAdd);
        return resource;
    }

    private static AlterableConfig set(String name, String value) {
        return op(OpType.SET, name, value);
    }

    private static AlterableConfig op(OpType operation, String name, String value) {
        return new AlterableConfig()
                .setConfigOperation(operation.id())
                .setName(name)
                .setValue(value);
    }

    private Map<String, DescribeConfigsResourceResult> describe(Type type, String name) {
        return describe(type, name, null);
    }

    private Map<String, DescribeConfigsResourceResult> describe(Type type, String name, List<String> keys) {
        var result = describeResult(type, name, keys);
        assertEquals(0, result.errorCode(), result.errorMessage());
        return result.configs().stream().collect(Collectors.toMap(DescribeConfigsResourceResult::name, c -> c));
    }

    private DescribeConfigsResponseData.DescribeConfigsResult describeResult(
            Type type, String name, List<String> keys) {
        DescribeConfigsResponseData answer = fixture.call(
                DESCRIBE_CONFIGS,
                4,
                new DescribeConfigsRequestData()
                        .setIncludeSynonyms(true)
                        .setResources(List.of(new DescribeConfigsResource()
                                .setResourceType(type.id())
                                .setResourceName(name)
                                .setConfigurationKeys(keys))));
        return answer.results().get(0);
    }
}
