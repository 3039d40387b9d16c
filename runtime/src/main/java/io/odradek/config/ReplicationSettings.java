package io.odradek.config;

import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;

/**
 * Replicas and the fetches of followers and consumers.
 *
 * @param defaultReplicationFactor {@code default.replication.factor}
 * @param replicaLagTimeMaxMs {@code replica.lag.time.max.ms}
 * @param numReplicaFetchers {@code num.replica.fetchers}
 * @param replicaFetchMaxBytes {@code replica.fetch.max.bytes}, of one partition
 * @param replicaFetchResponseMaxBytes {@code replica.fetch.response.max.bytes}
 * @param replicaFetchMinBytes {@code replica.fetch.min.bytes}
 * @param replicaFetchWaitMaxMs {@code replica.fetch.wait.max.ms}
 * @param replicaFetchBackoffMs {@code replica.fetch.backoff.ms}
 * @param replicaSocketTimeoutMs {@code replica.socket.timeout.ms}
 * @param replicaSocketReceiveBufferBytes {@code replica.socket.receive.buffer.bytes}
 * @param highWatermarkCheckpointIntervalMs {@code replica.high.watermark.checkpoint.interval.ms}
 * @param fetchMaxBytes {@code fetch.max.bytes}, of one response
 * @param maxIncrementalFetchSessionCacheSlots {@code max.incremental.fetch.session.cache.slots}
 * @param replicaSelectorClass {@code replica.selector.class}; empty where consumers read from leaders alone
 * @param uncleanLeaderElection {@code unclean.leader.election.enable}
 */
public record ReplicationSettings(
        short defaultReplicationFactor,
        long replicaLagTimeMaxMs,
        int numReplicaFetchers,
        int replicaFetchMaxBytes,
        int replicaFetchResponseMaxBytes,
        int replicaFetchMinBytes,
        int replicaFetchWaitMaxMs,
        int replicaFetchBackoffMs,
        int replicaSocketTimeoutMs,
        int replicaSocketReceiveBufferBytes,
        long highWatermarkCheckpointIntervalMs,
        int fetchMaxBytes,
        int maxIncrementalFetchSessionCacheSlots,
        Optional<String> replicaSelectorClass,
        boolean uncleanLeaderElection) {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            default.replication.factor | int | 1 | | medium | read-only | yes | Replicas of a topic that is created without a number.
            replica.lag.time.max.ms | long | 30000 | | high | read-only | no | A follower that did not catch up for so long leaves the in-sync replicas.
            num.replica.fetchers | int | 1 | 1.. | high | cluster-wide | no | Connections to each leader over which a broker fetches.
            replica.fetch.max.bytes | int | 1048576 | 0.. | medium | read-only | no | How much of one partition a follower fetches at a time.
            replica.fetch.response.max.bytes | int | 10485760 | 0.. | medium | read-only | no | How much a follower fetches at a time, over all partitions.
            replica.fetch.min.bytes | int | 1 | | high | read-only | no | A leader waits for so much before it answers a follower.
            replica.fetch.wait.max.ms | int | 500 | | high | read-only | no | How long a leader waits for `replica.fetch.min.bytes`.
            replica.fetch.backoff.ms | int | 1000 | 0.. | medium | read-only | no | Pause of a follower after a partition failed.
            replica.socket.timeout.ms | int | 30000 | | high | read-only | yes | How long a follower waits for an answer.
            replica.socket.receive.buffer.bytes | int | 65536 | | high | read-only | yes | Size of the receive buffer of a follower's socket; where it is not set, the operating system chooses.
            replica.high.watermark.checkpoint.interval.ms | long | 5000 | | high | read-only | no | How often high watermarks are written down.
            replica.selector.class | string | - | | medium | read-only | yes | Chooses the replica that a consumer reads from: `org.apache.kafka.common.replica.RackAwareReplicaSelector`, or another class of that interface; without it, consumers read from leaders.
            fetch.max.bytes | int | 57671680 | 1024.. | medium | read-only | yes | How much one answer to Fetch may carry.
            max.incremental.fetch.session.cache.slots | int | 1000 | 0.. | medium | read-only | yes | Fetch sessions that are kept at a time.
            fetch.purgatory.purge.interval.requests | int | 1000 | | medium | read-only | no | How often waiting fetches are swept: what waits is woken by events here.
            producer.purgatory.purge.interval.requests | int | 1000 | | medium | read-only | no | How often waiting produces are swept: what waits is woken by events here.
            delete.records.purgatory.purge.interval.requests | int | 1 | | medium | read-only | no | How often waiting deletions of records are swept: what waits is woken by events here.
            follower.fetch.last.tiered.offset.enable | boolean | false | | medium | cluster-wide | no | Whether an empty follower starts behind what tiered storage has.
            """);

    static ReplicationSettings of(SettingValues v) {
        int replicationFactor = v.integer("default.replication.factor");
        if (replicationFactor < 1 || replicationFactor > Short.MAX_VALUE) {
            throw new ConfigException("default.replication.factor", replicationFactor, "must be from 1 to 32767");
        }
        var settings = new ReplicationSettings(
                (short) replicationFactor,
                v.longValue("replica.lag.time.max.ms"),
                v.integer("num.replica.fetchers"),
                v.integer("replica.fetch.max.bytes"),
                v.integer("replica.fetch.response.max.bytes"),
                v.integer("replica.fetch.min.bytes"),
                v.integer("replica.fetch.wait.max.ms"),
                v.integer("replica.fetch.backoff.ms"),
                v.integer("replica.socket.timeout.ms"),
                v.integer("replica.socket.receive.buffer.bytes"),
                v.longValue("replica.high.watermark.checkpoint.interval.ms"),
                v.integer("fetch.max.bytes"),
                v.integer("max.incremental.fetch.session.cache.slots"),
                v.text("replica.selector.class"),
                v.flag("unclean.leader.election.enable"));
        Check.that(
                settings.replicaFetchWaitMaxMs <= settings.replicaSocketTimeoutMs,
                "replica.socket.timeout.ms must be at least replica.fetch.wait.max.ms, or fetches would time out for"
                        + " nothing");
        Check.that(
                settings.replicaFetchWaitMaxMs <= settings.replicaLagTimeMaxMs,
                "replica.fetch.wait.max.ms must be at most replica.lag.time.max.ms, or the in-sync replicas would"
                        + " change for nothing");
        return settings;
    }
}
