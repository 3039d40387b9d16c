package io.odradek.config;

import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.Type.INT;
import static org.apache.kafka.common.config.ConfigDef.Type.LIST;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ValidList;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;

/** Configs of a subscription to clients' metrics (KIP-714). */
public final class ClientMetricsSettings {
    private static final String INTERVAL_MS = "interval.ms";
    private static final String MATCH = "match";
    private static final int MIN_INTERVAL_MS = 100;
    private static final int MAX_INTERVAL_MS = 3_600_000;

    private static final Set<String> MATCHED = Set.of(
            "client_instance_id",
            "client_id",
            "client_software_name",
            "client_software_version",
            "client_source_address",
            "client_source_port");

    private static final ConfigDef DEFINITIONS = new ConfigDef()
            .define(
                    "metrics",
                    LIST,
                    List.of(),
                    ValidList.anyNonDuplicateValues(true, false),
                    MEDIUM,
                    "Prefixes of the names of the metrics that clients are to send; * is all of them.")
            .define(INTERVAL_MS, INT, 5 * 60 * 1000, MEDIUM, "How often clients send their metrics, in milliseconds.")
            .define(
                    MATCH,
                    LIST,
                    List.of(),
                    ValidList.anyNonDuplicateValues(true, false),
                    MEDIUM,
                    "Which clients are meant: name=pattern, all of which must match; empty is all clients.");

    private ClientMetricsSettings() {}

    public static Map<String, ConfigDef.ConfigKey> definitions() {
        return DEFINITIONS.configKeys();
    }

    /** @throws org.apache.kafka.common.errors.ApiException with Kafka's error and message */
    public static void validate(Map<String, String> configs) {
        for (var name : configs.keySet()) {
            if (!definitions().containsKey(name)) {
                throw new InvalidRequestException("Unknown client metrics configuration: " + name);
            }
        }
        Map<String, Object> values;
        try {
            values = DEFINITIONS.parse(configs);
        } catch (ConfigException e) {
            throw new InvalidConfigurationException(e.getMessage());
        }
        int intervalMs = (Integer) values.get(INTERVAL_MS);
        if (intervalMs < MIN_INTERVAL_MS || intervalMs > MAX_INTERVAL_MS) {
            throw new InvalidRequestException("Invalid value " + intervalMs + " for " + INTERVAL_MS
                    + ", interval must be between 100 and 3600000 (1 hour)");
        }
        for (var pattern : (List<?>) values.get(MATCH)) {
            validatePattern(pattern.toString());
        }
    }

    private static void validatePattern(String pattern) {
        var parts = pattern.split("=");
        try {
            if (parts.length == 2 && MATCHED.contains(parts[0].trim())) {
                Pattern.compile(parts[1].trim());
                return;
            }
        } catch (PatternSyntaxException e) {
            // Told below, in the words that Kafka has for every malformed pattern.
        }
        throw new InvalidConfigurationException("Illegal client matching pattern: " + pattern);
    }
}
