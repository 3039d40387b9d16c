package io.odradek.api.fetch;

import io.odradek.replication.FetchIsolation;

/**
 * What a fetch says for all its partitions.
 *
 * @param replicaId the follower's broker id; below 0 for consumers
 * @param replicaEpoch the follower's broker epoch; -1 if it does not say
 * @param minBytes wait until there are that many bytes of records
 * @param maxBytes of records in the whole response; only the first batch may be larger
 * @param maxWaitMs for how long to wait
 */
public record FetchLimits(
        int replicaId, long replicaEpoch, FetchIsolation isolation, int minBytes, int maxBytes, long maxWaitMs) {
    boolean fromFollower() {
        return replicaId >= 0;
    }
}
