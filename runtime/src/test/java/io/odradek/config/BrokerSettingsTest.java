package io.odradek.config;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.server.config.QuotaConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the definitions of Apache Kafka itself. */
class BrokerSettingsTest {
    /** Where our default is another on purpose. */
    private static final Map<String, String> OUR_DEFAULTS = Map.of(
            "node.id", "1",
            "process.roles", "broker,controller",
            "controller.listener.names", "",
            "log.dir", "./data");

    private final Map<String, ConfigDef.ConfigKey> kafka = AbstractKafkaConfig.CONFIG_DEF.configKeys();

    @Test
    void everySettingOfKafkaIsThereAndAllOthersAreOurs() {
        var others = new TreeSet<>(BrokerSettings.settings().keySet());
        others.removeIf(name -> name.startsWith("odradek."));

        assertEquals(new TreeSet<>(kafka.keySet()), others);
    }

    @Test
    void typesDefaultsImportanceAndUpdateModesAreKafkas() {
        var modes = DynamicBrokerConfig.dynamicConfigUpdateModes();
        assertAll(kafka.values().stream().map(key -> () -> {
            var setting = BrokerSettings.setting(key.name).orElseThrow();
            assertEquals(key.type, setting.type(), key.name);
            assertEquals(key.importance, setting.importance(), key.name);
            assertEquals(key.internalConfig, setting.internal(), key.name);
            assertEquals(
                    modes.getOrDefault(key.name, "read-only"), setting.mode().text(), key.name);
            assertEquals(defaultOf(key), setting.defaultValue(), key.name);
        }));
    }

    private static Optional<String> defaultOf(ConfigDef.ConfigKey key) {
        if (OUR_DEFAULTS.containsKey(key.name)) {
            return Optional.of(OUR_DEFAULTS.get(key.name));
        }
        return Optional.ofNullable(ConfigDef.convertToString(key.defaultValue, key.type));
    }

    @Test
    void settingsAcceptAndRefuseWhatKafkaDoes() {
        var candidates =
                Set.of("", "-3", "-2", "-1", "0", "1", "9", "10", "0.5", "1.5", "4096", "9999999999", "true", "x");
        var known = BrokerSettings.definitions();
        assertAll(kafka.values().stream()
                .filter(key -> key.type != ConfigDef.Type.CLASS)
                // We need no controller's listener; where there is none the list is empty.
                .filter(key -> !key.name.equals("controller.listener.names"))
                // Kafka parses these two while it validates them; we do when we make voters of them.
                .filter(key -> !key.name.startsWith("controller.quorum.voters")
                        && !key.name.startsWith("controller.quorum.bootstrap"))
                .map(key -> () -> {
                    for (var value : candidates) {
                        assertEquals(accepts(key, value), accepts(known.get(key.name), value), key.name + "=" + value);
                    }
                }));
    }

    private static boolean accepts(ConfigDef.ConfigKey key, String value) {
        try {
            var parsed = ConfigDef.parseType(key.name, value, key.type);
            if (key.validator != null) {
                key.validator.ensureValid(key.name, parsed);
            }
            return true;
        } catch (ConfigException e) {
            return false;
        }
    }

    @Test
    void everySettingIsExplainedInASentence() {
        BrokerSettings.settings()
                .values()
                .forEach(s -> assertTrue(
                        s.documentation().matches("(?s)[A-Z].{9,}\\.")
                                && s.documentation().length() < 250,
                        s.name() + ": " + s.documentation()));
    }

    @Test
    void ratesOfThrottledReplicationExistAsDynamicSettings() {
        var kafkas = new TreeMap<>(QuotaConfig.brokerQuotaConfigs().configKeys());

        assertAll(kafkas.values().stream().map(key -> () -> {
            var ours = BrokerSettings.definitions().get(key.name);
            assertEquals(key.type, ours.type);
            assertEquals(key.defaultValue, ours.defaultValue);
        }));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "log.retention.ms",
                "leader.replication.throttled.rate",
                "num.io.threads",
                "something.of.a.plugin",
                "odradek.durability"
            })
    void aSettingOfAllBrokersMaySetDynamically(String name) {
        var value = name.endsWith("durability") ? "fsync" : "5";

        assertDoesNotThrow(() -> BrokerSettings.validateDynamic(Map.of(name, value), false));
        assertDoesNotThrow(() -> BrokerSettings.validateDynamic(Map.of(name, value), true));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            node.id                                | 7   | true  | Cannot update these configs dynamically: [node.id]
            log.dirs                               | /a  | true  | Cannot update these configs dynamically: [log.dirs]
            log.retention.hours                    | 7   | true  | Cannot update these configs dynamically: [log.retention.hours]
            ssl.keystore.location                  | /a  | true  | These security configs can be dynamically updated only per-listener using the listener prefix: [ssl.keystore.location]
            listener.name.a.ssl.keystore.location  | /a  | false | Cannot update these configs at default cluster level, broker id must be specified: [listener.name.a.ssl.keystore.location]
            listeners                              | A://:1 | false | Cannot update these configs at default cluster level, broker id must be specified: [listeners]
            num.io.threads                         | x   | true  | Invalid value x for configuration num.io.threads: Not a number of type INT
            num.io.threads                         | 0   | true  | Invalid value 0 for configuration num.io.threads: Value must be at least 1
            """)
    void aDynamicSettingIsRefusedAsInKafka(String name, String value, boolean perBroker, String message) {
        var refused = assertThrows(
                InvalidRequestException.class, () -> BrokerSettings.validateDynamic(Map.of(name, value), perBroker));

        assertEquals(message, refused.getMessage());
    }

    @Test
    void aListenersSettingMayBeSetForOneBroker() {
        assertDoesNotThrow(() -> BrokerSettings.validateDynamic(
                Map.of("listener.name.a.ssl.keystore.location", "/a", "listener.name.a.max.connections", "5"), true));
        assertDoesNotThrow(() -> BrokerSettings.validateDynamic(Map.of("listener.name.a.max.connections", "5"), false));
    }
}
