package io.odradek.config;

import java.util.List;
import java.util.Map;

/**
 * How many bytes a second throttled replication may take. Kafka has these only as dynamic settings.
 *
 * @param leader {@code leader.replication.throttled.rate}
 * @param follower {@code follower.replication.throttled.rate}
 * @param alterLogDirs {@code replica.alter.log.dirs.io.max.bytes.per.second}
 */
public record ReplicationRates(long leader, long follower, long alterLogDirs) {
    public static final ReplicationRates UNLIMITED =
            new ReplicationRates(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);

    private static final String LEADER = "leader.replication.throttled.rate";
    private static final String FOLLOWER = "follower.replication.throttled.rate";
    private static final String ALTER_LOG_DIRS = "replica.alter.log.dirs.io.max.bytes.per.second";

    static final List<Setting> SETTINGS = SettingTable.parse("""
            leader.replication.throttled.rate | long | 9223372036854775807 | 0.. | medium | cluster-wide | yes | Bytes a second that a leader sends to throttled followers.
            follower.replication.throttled.rate | long | 9223372036854775807 | 0.. | medium | cluster-wide | yes | Bytes a second that throttled followers fetch.
            replica.alter.log.dirs.io.max.bytes.per.second | long | 9223372036854775807 | 0.. | medium | cluster-wide | yes | Bytes a second that moves between log directories copy.
            """);

    /** From settings that have been validated, others among them. */
    static ReplicationRates of(Map<String, String> settings) {
        return new ReplicationRates(rate(settings, LEADER), rate(settings, FOLLOWER), rate(settings, ALTER_LOG_DIRS));
    }

    private static long rate(Map<String, String> settings, String name) {
        var rate = settings.get(name);
        return rate == null ? Long.MAX_VALUE : Long.parseLong(rate.trim());
    }
}
