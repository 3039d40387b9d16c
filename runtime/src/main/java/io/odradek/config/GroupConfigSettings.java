package io.odradek.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InvalidConfigurationException;

/** Configs of one group. The broker setting of the same meaning is what a group has that sets none. */
public final class GroupConfigSettings {
    private static final List<Setting> SETTINGS = SettingTable.parse("""
            consumer.session.timeout.ms       | int | 45000 | 1.. | medium | cluster-wide | yes | How long a member of a consumer group may be silent.
            consumer.heartbeat.interval.ms    | int | 5000  | 1.. | medium | cluster-wide | yes | How often a member of a consumer group sends a heartbeat.
            consumer.assignment.interval.ms   | int | 1000  | 0.. | medium | cluster-wide | yes | How long to wait before the assignment of a consumer group is computed again.
            share.session.timeout.ms          | int | 45000 | 1.. | medium | cluster-wide | no | How long a member of a share group may be silent.
            share.heartbeat.interval.ms       | int | 5000  | 1.. | medium | cluster-wide | no | How often a member of a share group sends a heartbeat.
            share.record.lock.duration.ms     | int | 30000 | 1000.. | medium | cluster-wide | no | How long a record is locked for the member that acquired it.
            share.delivery.count.limit        | int | 5     | 2.. | medium | cluster-wide | no | How often a record is delivered at most.
            share.partition.max.record.locks  | int | 2000  | 100.. | medium | cluster-wide | no | How many records of a partition may be locked at a time.
            share.auto.offset.reset           | string | latest |  | medium | cluster-wide | no | Where a share group starts: earliest, latest or by_duration:PnDTnHnMn.nS.
            share.isolation.level             | string | read_uncommitted | {read_committed,read_uncommitted} | medium | cluster-wide | no | Whether records of open and aborted transactions are delivered.
            share.renew.acknowledge.enable    | boolean | true |  | medium | cluster-wide | no | Whether a member may renew the lock of a record.
            share.assignment.interval.ms      | int | 1000  | 0.. | medium | cluster-wide | no | How long to wait before the assignment of a share group is computed again.
            streams.session.timeout.ms        | int | 45000 | 1.. | medium | cluster-wide | no | How long a member of a streams group may be silent.
            streams.heartbeat.interval.ms     | int | 5000  | 1.. | medium | cluster-wide | no | How often a member of a streams group sends a heartbeat.
            streams.num.standby.replicas      | int | 0     | 0.. | medium | cluster-wide | no | How many standby tasks there are for each stateful task.
            streams.initial.rebalance.delay.ms | int | 3000 | 0.. | medium | cluster-wide | no | How long to wait for further members before the first assignment of a streams group.
            streams.assignment.interval.ms    | int | 1000  | 0.. | medium | cluster-wide | no | How long to wait before the assignment of a streams group is computed again.
            """);

    private static final ConfigDef DEFINITIONS = SettingTable.definitions(SETTINGS);

    private GroupConfigSettings() {}

    public static Map<String, ConfigDef.ConfigKey> definitions() {
        return DEFINITIONS.configKeys();
    }

    /** The broker setting that a group config falls back to, if there is one. */
    public static Optional<String> synonym(String name) {
        var setting = "group." + name;
        return BrokerSettings.setting(setting).map(Setting::name);
    }

    /**
     * Checks what can be checked without a broker.
     *
     * @throws InvalidConfigurationException with Kafka's message
     */
    public static void validate(Map<String, String> configs) {
        for (var name : configs.keySet()) {
            if (!definitions().containsKey(name)) {
                throw new InvalidConfigurationException("Unknown group config name: " + name);
            }
        }
        Map<String, Object> values;
        try {
            values = DEFINITIONS.parse(configs);
        } catch (ConfigException e) {
            throw new InvalidConfigurationException(e.getMessage());
        }
        validateOffsetReset((String) values.get("share.auto.offset.reset"));
        for (var protocol : List.of("consumer", "share", "streams")) {
            var session = protocol + ".session.timeout.ms";
            var heartbeat = protocol + ".heartbeat.interval.ms";
            if (configs.containsKey(session)
                    && configs.containsKey(heartbeat)
                    && (Integer) values.get(session) <= (Integer) values.get(heartbeat)) {
                throw new InvalidConfigurationException(session + " must be greater than " + heartbeat);
            }
        }
    }

    /**
     * Checks a group's configs against what the broker allows, and against what the group has from the broker.
     *
     * @param configs that {@link #validate} has accepted
     * @throws InvalidConfigurationException with Kafka's message
     */
    public static void validateBounds(Map<String, String> configs, BrokerConfig broker) {
        var brokerValues = BrokerSettings.parse(broker.originals());
        var values = DEFINITIONS.parse(configs);
        for (var name : DEFINITIONS.names()) {
            if (configs.containsKey(name) && values.get(name) instanceof Integer value) {
                bound(name, "min")
                        .ifPresent(min -> require(
                                value >= brokerValues.integer(min), name + " must be greater than or equal to " + min));
                bound(name, "max")
                        .ifPresent(max -> require(
                                value <= brokerValues.integer(max), name + " must be less than or equal to " + max));
            }
        }
        for (var protocol : List.of("consumer", "share", "streams")) {
            var session = protocol + ".session.timeout.ms";
            var heartbeat = protocol + ".heartbeat.interval.ms";
            require(
                    effective(session, configs, values, brokerValues)
                            > effective(heartbeat, configs, values, brokerValues),
                    session + " must be greater than " + heartbeat);
        }
    }

    private static int effective(
            String name, Map<String, String> configs, Map<String, Object> values, SettingValues brokerValues) {
        return configs.containsKey(name)
                ? (Integer) values.get(name)
                : brokerValues.integer(synonym(name).orElseThrow());
    }

    /** {@code group.consumer.min.session.timeout.ms} for {@code consumer.session.timeout.ms}, if there is one. */
    private static Optional<String> bound(String name, String which) {
        var bound = name.equals("streams.num.standby.replicas")
                ? "group.streams." + which + ".standby.replicas"
                : "group." + name.replaceFirst("\\.", "." + which + ".");
        return BrokerSettings.setting(bound).map(Setting::name);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new InvalidConfigurationException(otherwise);
        }
    }

    private static void validateOffsetReset(String value) {
        try {
            if (value.equals("earliest")
                    || value.equals("latest")
                    || value.startsWith("by_duration:")
                            && !Duration.parse(value.substring("by_duration:".length()))
                                    .isNegative()) {
                return;
            }
        } catch (DateTimeParseException e) {
            // Told below, in the words that Kafka has for every malformed value.
        }
        throw new InvalidConfigurationException("Invalid value `" + value + "` for configuration"
                + " share.auto.offset.reset. The value must be either 'earliest', 'latest' or of the format"
                + " 'by_duration:<PnDTnHnMn.nS>'.");
    }
}
