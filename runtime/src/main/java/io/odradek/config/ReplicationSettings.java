package io.odradek.config;

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
        boolean uncleanLeaderElection) {}
