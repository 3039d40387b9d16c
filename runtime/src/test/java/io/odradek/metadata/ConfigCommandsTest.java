package io.odradek.metadata;

import static io.odradek.metadata.ImageUnderTest.brokerResource;
import static io.odradek.metadata.ImageUnderTest.change;
import static io.odradek.metadata.ImageUnderTest.topic;
import static io.odradek.metadata.ImageUnderTest.topicResource;
import static org.apache.kafka.clients.admin.AlterConfigOp.OpType.APPEND;
import static org.apache.kafka.clients.admin.AlterConfigOp.OpType.DELETE;
import static org.apache.kafka.clients.admin.AlterConfigOp.OpType.SET;
import static org.apache.kafka.clients.admin.AlterConfigOp.OpType.SUBTRACT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigCommandsTest {
    private static final ConfigResource TOPIC = topicResource("t");

    private final ImageUnderTest cluster = ImageUnderTest.withBrokers(1);

    @BeforeEach
    void createTopic() {
        cluster.ok(topic("t", 1, 1));
    }

    @Test
    void aConfigIsSetAndDeleted() {
        cluster.ok(change(TOPIC, "retention.ms", SET, "5"));
        assertEquals(Map.of("retention.ms", "5"), cluster.image().configs(TOPIC));
        assertEquals(Set.of(ImageUnderTest.id("t")), cluster.lastChange().topics());

        cluster.ok(change(TOPIC, "retention.ms", DELETE, null));
        assertEquals(Map.of(), cluster.image().configs(TOPIC));
    }

    @Test
    void listsGrowAndShrinkFromTheirDefault() {
        cluster.ok(change(TOPIC, "cleanup.policy", APPEND, "compact"));
        assertEquals(Map.of("cleanup.policy", "delete,compact"), cluster.image().configs(TOPIC));

        cluster.ok(change(TOPIC, "cleanup.policy", APPEND, "compact"));
        assertEquals(Map.of("cleanup.policy", "delete,compact"), cluster.image().configs(TOPIC));

        cluster.ok(change(TOPIC, "cleanup.policy", SUBTRACT, "delete,nothing"));
        assertEquals(Map.of("cleanup.policy", "compact"), cluster.image().configs(TOPIC));
    }

    @Test
    void aResourceChangesAltogetherOrNotAtAll() {
        cluster.refused(
                new Command.IncrementalAlterConfigs(
                        TOPIC,
                        List.of(
                                new Command.ConfigChange("retention.ms", SET, Optional.of("5")),
                                new Command.ConfigChange("segment.bytes", SET, Optional.of("5")))),
                Errors.INVALID_CONFIG,
                "Invalid value 5 for configuration segment.bytes: Value must be at least 1048576");
    }

    @Test
    void configsAreCheckedTogetherWithThoseThatStay() {
        cluster.ok(change(TOPIC, "max.compaction.lag.ms", SET, "10"));

        cluster.refused(
                change(TOPIC, "min.compaction.lag.ms", SET, "11"),
                Errors.INVALID_CONFIG,
                "conflict topic config setting min.compaction.lag.ms (11) > max.compaction.lag.ms (10)");
    }

    @Test
    void replacingForgetsWhatIsNotNamed() {
        cluster.ok(change(TOPIC, "retention.ms", SET, "5"));

        cluster.ok(new Command.ReplaceConfigs(TOPIC, Map.of("segment.ms", Optional.of("7"))));

        assertEquals(Map.of("segment.ms", "7"), cluster.image().configs(TOPIC));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            TOPIC   | t   | retention.ms   | SET    | x    | INVALID_CONFIG | Invalid value x for configuration retention.ms: Not a number of type LONG
            TOPIC   | t   | retention.ms   | SET    |      | INVALID_REQUEST | Null value not supported for : retention.ms
            TOPIC   | t   | retention.ms   | APPEND | 5    | INVALID_CONFIG | Can't APPEND to key retention.ms because its type is not LIST.
            TOPIC   | t   | no.such        | SUBTRACT | 5  | INVALID_CONFIG | Can't SUBTRACT to key no.such because its type is not LIST.
            TOPIC   | t   | no.such        | SET    | 5    | INVALID_CONFIG | Unknown topic config name: no.such
            TOPIC   | t   | remote.storage.enable | SET | true | INVALID_CONFIG | Invalid value true for configuration remote.storage.enable: tiered storage is not offered.
            TOPIC   | u   | retention.ms   | SET    | 5    | UNKNOWN_TOPIC_OR_PARTITION | The topic 'u' does not exist.
            TOPIC   | ''  | retention.ms   | SET    | 5    | INVALID_REQUEST | Default topic resources are not allowed.
            TOPIC   | a/b | retention.ms   | SET    | 5    | INVALID_TOPIC_EXCEPTION | Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'
            BROKER  | 1   | node.id        | SET    | 5    | INVALID_REQUEST | Cannot update these configs dynamically: [node.id]
            BROKER  | 2   | num.io.threads | SET    | 5    | BROKER_ID_NOT_REGISTERED | No node with id 2 found.
            BROKER  | x   | num.io.threads | SET    | 5    | INVALID_REQUEST | Unable to parse broker name as a base 10 number.
            BROKER  | -1  | num.io.threads | SET    | 5    | INVALID_REQUEST | Invalid negative broker ID.
            GROUP   | ''  | consumer.session.timeout.ms | SET | 50000 | INVALID_REQUEST | Default group resources are not allowed.
            GROUP   | g   | no.such        | SET    | 5    | INVALID_CONFIG | Unknown group config name: no.such
            CLIENT_METRICS | '' | interval.ms | SET  | 500  | INVALID_REQUEST | Subscription name can't be empty
            CLIENT_METRICS | s | interval.ms | SET   | 5    | INVALID_REQUEST | Invalid value 5 for interval.ms, interval must be between 100 and 3600000 (1 hour)
            BROKER_LOGGER | 1 | io.odradek  | SET   | INFO | INVALID_REQUEST | Unknown resource type BROKER_LOGGER
            """)
    void aBadChangeIsRefused(
            ConfigResource.Type type,
            String resource,
            String name,
            OpType operation,
            String value,
            Errors error,
            String message) {
        cluster.refused(change(new ConfigResource(type, resource), name, operation, value), error, message);
    }

    @Test
    void aNameIsChangedOnce() {
        var change = new Command.ConfigChange("retention.ms", SET, Optional.of("5"));

        cluster.refused(
                new Command.IncrementalAlterConfigs(TOPIC, List.of(change, change)),
                Errors.INVALID_REQUEST,
                "Error due to duplicate config keys");
    }

    @Test
    void aValueHasALimit() {
        cluster.refused(
                change(TOPIC, "leader.replication.throttled.replicas", SET, "0:1,".repeat(10_000)),
                Errors.INVALID_CONFIG,
                "The configuration value cannot be added because it exceeds the maximum value size of 32767 bytes.");
        cluster.refused(
                topic("u", 1, 1, "leader.replication.throttled.replicas", "0:1,".repeat(10_000)),
                Errors.INVALID_CONFIG,
                "The configuration value cannot be added because it exceeds the maximum value size of 32767 bytes.");
    }

    @Test
    void resourcesOfAllKindsKeepConfigsUntilTheLastIsGone() {
        var cluster = ImageUnderTest.withoutElr(1);
        var resources = Map.of(
                brokerResource("1"),
                "num.io.threads=5",
                brokerResource(""),
                "log.retention.ms=5",
                new ConfigResource(ConfigResource.Type.GROUP, "g"),
                "consumer.session.timeout.ms=50000",
                new ConfigResource(ConfigResource.Type.CLIENT_METRICS, "s"),
                "interval.ms=500");
        resources.forEach((resource, config) -> {
            var name = config.split("=")[0];
            var value = config.split("=")[1];

            cluster.ok(change(resource, name, SET, value));
            assertEquals(Map.of(name, value), cluster.image().configs(resource));
            assertEquals(Set.of(resource), cluster.lastChange().configs());

            cluster.ok(change(resource, name, DELETE, null));
            assertEquals(Map.of(), cluster.image().configs(resource));
        });
        assertEquals(Map.of(), cluster.image().configs());
    }
}
