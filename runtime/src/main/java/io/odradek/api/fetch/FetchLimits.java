package io.odradek.api.fetch;

import io.odradek.replication.FetchIsolation;
import java.util.Optional;
import org.apache.kafka.common.replica.ClientMetadata;

/**
 * What a fetch says for all its partitions.
 *
 * @param replicaId the follower's broker id; below 0 for consumers
 * @param replicaEpoch the follower's broker epoch; -1 if it does not say
 * @param consumer who asks, if it is a consumer that may be sent to a follower and read from one (KIP-392)
 * @param minBytes wait until there are that many bytes of records
 * @param maxBytes of records in the whole response; only the first batch may be larger
 * @param maxWaitMs for how long to wait
 */
public record FetchLimits(
        int replicaId,
        long replicaEpoch,
        Optional<ClientMetadata> consumer,
        FetchIsolation isolation,
        int minBytes,
        int maxBytes,
        long maxWaitMs) {
    boolean fromFollower() {
        return replicaId >= 0;
    }
}
