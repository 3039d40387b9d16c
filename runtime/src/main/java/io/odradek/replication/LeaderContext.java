package io.odradek.replication;

import io.odradek.log.ByteQuota;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.utils.Time;

/**
 * What the leaders of a broker share.
 *
 * @param brokerId the broker's own
 * @param replicaLagTimeMaxMs {@code replica.lag.time.max.ms}
 * @param brokers what is known of the others
 * @param quota of what they send for throttled replicas
 */
record LeaderContext(
        int brokerId,
        Time time,
        long replicaLagTimeMaxMs,
        KnownBrokers brokers,
        IsrProposals proposals,
        ByteQuota quota) {
    /** How long a leader waits before it proposes again what was refused, or whose fate it does not know. */
    static final long PROPOSAL_BACKOFF_MS = 200;

    /** Of a broker that has no others beside it. */
    static LeaderContext alone(int brokerId, KnownBrokers brokers) {
        return new LeaderContext(
                brokerId,
                Time.SYSTEM,
                Long.MAX_VALUE,
                brokers,
                proposal -> CompletableFuture.failedStage(new NotControllerException("There is no controller")),
                ByteQuota.unlimited());
    }
}
