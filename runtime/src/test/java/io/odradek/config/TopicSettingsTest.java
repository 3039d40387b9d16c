package io.odradek.config;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the definitions of Apache Kafka itself. */
class TopicSettingsTest {
    private final Map<String, ConfigDef.ConfigKey> kafka =
            org.apache.kafka.storage.internals.log.LogConfig.configKeys();

    @Test
    void everyTopicConfigOfKafkaIsThereAndOneOfOurs() {
        var expected = new TreeSet<>(kafka.keySet());
        expected.add("odradek.durability");

        assertEquals(expected, new TreeSet<>(TopicSettings.definitions().keySet()));
    }

    @Test
    void typesDefaultsAndImportanceAreKafkas() {
        assertAll(kafka.values().stream().map(key -> () -> {
            var ours = TopicSettings.definitions().get(key.name);
            assertEquals(key.type, ours.type, key.name);
            assertEquals(key.importance, ours.importance, key.name);
            assertEquals(key.internalConfig, ours.internalConfig, key.name);
            assertEquals(
                    ConfigDef.convertToString(key.defaultValue, key.type),
                    ConfigDef.convertToString(ours.defaultValue, ours.type),
                    key.name);
        }));
    }

    @Test
    void configsAcceptAndRefuseWhatKafkaDoesInTheSameWords() {
        var candidates = List.of(
                "",
                "-2",
                "-1",
                "0",
                "1",
                "9",
                "10",
                "17",
                "18",
                "22",
                "23",
                "0.5",
                "1.5",
                "1048576",
                "9999999999",
                "true",
                "false",
                "x",
                "*",
                "0:1,1:2",
                "0:",
                "gzip",
                "producer",
                "compact",
                "compact,delete",
                "delete,x",
                "delete,delete",
                "CreateTime",
                "LogAppendTime");
        assertAll(kafka.keySet().stream().flatMap(name -> candidates.stream().map(value -> () -> {
            if (!(name.startsWith("remote.") && value.equals("true"))) {
                assertEquals(kafkaRefusal(Map.of(name, value)), refusal(Map.of(name, value)), name + "=" + value);
            }
        })));
    }

    @Test
    void configsThatContradictEachOtherAreRefusedInKafkasWords() {
        var configs = Map.of("min.compaction.lag.ms", "10", "max.compaction.lag.ms", "9");

        assertEquals(
                Optional.of("conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (9)"),
                refusal(configs));
        assertEquals(kafkaRefusal(configs), refusal(configs));
    }

    @Test
    void anUnknownConfigIsRefusedInKafkasWords() {
        assertEquals(Optional.of("Unknown topic config name: segment.bites"), refusal(Map.of("segment.bites", "1")));
        assertEquals(kafkaRefusal(Map.of("segment.bites", "1")), refusal(Map.of("segment.bites", "1")));
    }

    private static Optional<String> kafkaRefusal(Map<String, String> configs) {
        try {
            org.apache.kafka.storage.internals.log.LogConfig.validate(configs);
            return Optional.empty();
        } catch (ConfigException | InvalidConfigurationException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static Optional<String> refusal(Map<String, String> configs) {
        try {
            TopicSettings.validate(configs);
            return Optional.empty();
        } catch (InvalidConfigurationException e) {
            return Optional.of(e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"remote.storage.enable", "remote.log.copy.disable", "remote.log.delete.on.disable"})
    void tieredStorageIsRefusedByName(String name) {
        assertEquals(
                Optional.of("Invalid value true for configuration " + name + ": tiered storage is not offered."),
                refusal(Map.of(name, "true")));
        assertEquals(Optional.empty(), refusal(Map.of(name, "false")));
    }

    @Test
    void synonymsAreKafkas() {
        ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.forEach((name, synonyms) -> {
            var ours = TopicSynonyms.of(name);
            assertEquals(
                    synonyms.stream().map(s -> s.name()).toList(),
                    ours.stream().map(TopicSynonyms.Synonym::name).toList(),
                    name);
            for (int i = 0; i < ours.size(); i++) {
                assertEquals(synonyms.get(i).converter().apply("7"), ours.get(i).converted("7"), name);
            }
        });
    }

    @Test
    void aTypedConfigHasEveryValue() {
        var config = LogConfig.of(Map.of(
                "internal.segment.bytes", "1000",
                "cleanup.policy", "compact,delete",
                "compression.type", "gzip",
                "compression.gzip.level", "7",
                "message.timestamp.type", "LogAppendTime",
                "odradek.durability", "fsync",
                "segment.ms", "5000",
                "max.compaction.lag.ms", "4000",
                "leader.replication.throttled.replicas", "0:1,1:2"));

        assertEquals(1000, config.segmentBytes());
        assertEquals(List.of(true, true), List.of(config.cleanupCompact(), config.cleanupDelete()));
        assertEquals(CompressionType.GZIP, config.compression().orElseThrow().type());
        assertEquals(TimestampType.LOG_APPEND_TIME, config.timestampType());
        assertEquals(Durability.FSYNC, config.durability());
        assertEquals(4000, config.maxSegmentMs());
        assertTrue(config.leaderThrottledReplicas().contains(1, 2));
        assertFalse(config.leaderThrottledReplicas().contains(1, 1));
        assertEquals(LogConfig.defaults().retentionMs(), config.retentionMs());
    }

    @Test
    void defaultsNeedNoConfigs() {
        assertEquals(LogConfig.of(Map.of()), LogConfig.defaults());
        assertThrows(IllegalArgumentException.class, () -> Durability.of("sometimes"));
    }
}
