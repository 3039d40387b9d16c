package io.odradek.replication;

import io.odradek.config.ReplicationSettings;

/**
 * How a broker fetches as a follower.
 *
 * @param brokerId its own
 * @param maxWaitMs how long a leader may wait until it has {@code minBytes}
 * @param maxBytes of records in one response, but for the first batch
 * @param partitionMaxBytes of records of one partition in one response, but for the first batch
 * @param maxBackoffMs how long a fetcher or a partition rests after failures, at most
 */
record FetcherConfig(
        int brokerId, int maxWaitMs, int minBytes, int maxBytes, int partitionMaxBytes, long maxBackoffMs) {
    /** Short: after an election followers often ask a leader that does not know of it yet. */
    private static final long FIRST_BACKOFF_MS = 20;

    static FetcherConfig of(int brokerId, ReplicationSettings settings) {
        return new FetcherConfig(
                brokerId,
                settings.replicaFetchWaitMaxMs(),
                settings.replicaFetchMinBytes(),
                settings.replicaFetchResponseMaxBytes(),
                settings.replicaFetchMaxBytes(),
                settings.replicaFetchBackoffMs());
    }

    /** @param failures in a row, from 1 on */
    long backoffMs(int failures) {
        return Math.min(maxBackoffMs, FIRST_BACKOFF_MS << Math.min(failures - 1, 20));
    }
}
