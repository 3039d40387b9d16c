package io.odradek.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;

/**
 * Settings of consumer groups. Each of the three times is what a group has that sets none of its own, between what a group
 * may set.
 *
 * @param served whether {@code group.coordinator.rebalance.protocols} has them
 * @param sessionTimeoutMs {@code group.consumer.session.timeout.ms} and its bounds
 * @param heartbeatIntervalMs {@code group.consumer.heartbeat.interval.ms} and its bounds
 * @param assignmentIntervalMs {@code group.consumer.assignment.interval.ms} and its bounds
 * @param maxSize {@code group.consumer.max.size}
 * @param assignors {@code group.consumer.assignors}: names of those that members may ask for, the default first
 * @param migrationPolicy {@code group.consumer.migration.policy}
 * @param regexRefreshIntervalMs {@code group.consumer.regex.refresh.interval.ms}
 */
public record ConsumerGroupSettings(
        boolean served,
        Bounded sessionTimeoutMs,
        Bounded heartbeatIntervalMs,
        Bounded assignmentIntervalMs,
        int maxSize,
        List<String> assignors,
        MigrationPolicy migrationPolicy,
        int regexRefreshIntervalMs) {
    /** Those that there are. */
    private static final List<String> ASSIGNORS = List.of("uniform", "range");

    /** A default, and what a group may set instead. */
    public record Bounded(int value, int min, int max) {
        private static Bounded of(SettingValues v, String name) {
            var bounded = new Bounded(
                    v.integer("group.consumer." + name),
                    v.integer("group.consumer.min." + name),
                    v.integer("group.consumer.max." + name));
            Check.that(
                    bounded.max >= bounded.min,
                    "group.consumer.max." + name + " must be greater than or equal to group.consumer.min." + name);
            Check.that(
                    bounded.value >= bounded.min,
                    "group.consumer." + name + " must be greater than or equal to group.consumer.min." + name);
            Check.that(
                    bounded.value <= bounded.max,
                    "group.consumer." + name + " must be less than or equal to group.consumer.max." + name);
            return bounded;
        }

        /** What a group has: bounds may have changed after it set its own value. */
        private int of(Map<String, String> groupConfigs, String name) {
            var own = groupConfigs.get(name);
            return own == null ? value : Math.max(min, Math.min(max, Integer.parseInt(own.trim())));
        }
    }

    /** Which groups may turn into the other kind while they have members (KIP-848). */
    public enum MigrationPolicy {
        BIDIRECTIONAL,
        /** From classic to consumer groups only. */
        UPGRADE,
        /** From consumer to classic groups only. */
        DOWNGRADE,
        DISABLED;

        public boolean allowsUpgrade() {
            return this == BIDIRECTIONAL || this == UPGRADE;
        }

        public boolean allowsDowngrade() {
            return this == BIDIRECTIONAL || this == DOWNGRADE;
        }
    }

    static ConsumerGroupSettings of(SettingValues v) {
        var settings = new ConsumerGroupSettings(
                v.list("group.coordinator.rebalance.protocols").contains("consumer"),
                Bounded.of(v, "session.timeout.ms"),
                Bounded.of(v, "heartbeat.interval.ms"),
                Bounded.of(v, "assignment.interval.ms"),
                v.integer("group.consumer.max.size"),
                List.copyOf(v.list("group.consumer.assignors")),
                MigrationPolicy.valueOf(
                        v.string("group.consumer.migration.policy").toUpperCase(Locale.ROOT)),
                v.integer("group.consumer.regex.refresh.interval.ms"));
        Check.that(
                settings.sessionTimeoutMs.value > settings.heartbeatIntervalMs.value,
                "group.consumer.session.timeout.ms must be greater than group.consumer.heartbeat.interval.ms");
        for (var assignor : settings.assignors) {
            if (!ASSIGNORS.contains(assignor)) {
                throw new ConfigException("group.consumer.assignors: there is no assignor " + assignor
                        + ", only those that come with the broker: " + String.join(", ", ASSIGNORS));
            }
        }
        return settings;
    }

    /** @param groupConfigs what the group has set */
    public int sessionTimeoutMs(Map<String, String> groupConfigs) {
        return sessionTimeoutMs.of(groupConfigs, "consumer.session.timeout.ms");
    }

    /** @param groupConfigs what the group has set */
    public int heartbeatIntervalMs(Map<String, String> groupConfigs) {
        return heartbeatIntervalMs.of(groupConfigs, "consumer.heartbeat.interval.ms");
    }

    /** @param groupConfigs what the group has set */
    public int assignmentIntervalMs(Map<String, String> groupConfigs) {
        return assignmentIntervalMs.of(groupConfigs, "consumer.assignment.interval.ms");
    }
}
