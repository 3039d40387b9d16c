package io.odradek.replication;

import io.odradek.config.ReplicationSettings;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.apache.kafka.common.utils.Time;
import org.jboss.logging.Logger;

/**
 * The replication of a broker's partitions, while it runs: fetchers for what other brokers lead, a regular look at the
 * followers of what is led here. Thread-safe.
 */
public final class Replication implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Replication.class);

    private final PartitionRegistry partitions;
    private final ReplicaFetchers fetchers;
    private final Timer timer;
    private final Executor background;
    private final long checkIntervalMs;
    private volatile boolean closed;

    /**
     * What it needs of the world.
     *
     * @param connections to other brokers
     * @param proposals to the controller
     * @param timer for back-off and the look at followers
     * @param traffic where it is counted and limited
     */
    public record Environment(
            ReplicationSettings settings,
            LeaderConnections connections,
            IsrProposals proposals,
            Time time,
            Timer timer,
            ReplicationTraffic traffic) {
        LeaderContext leaders(int brokerId, KnownBrokers brokers) {
            return new LeaderContext(
                    brokerId, time, settings.replicaLagTimeMaxMs(), brokers, proposals, traffic.leader());
        }

        ReplicaFetchers fetchers(int brokerId, LongSupplier brokerEpoch) {
            return new ReplicaFetchers(
                    FetcherConfig.of(brokerId, settings),
                    traffic,
                    settings.numReplicaFetchers(),
                    connections,
                    brokerEpoch,
                    time,
                    timer);
        }
    }

    Replication(PartitionRegistry partitions, ReplicaFetchers fetchers, Environment environment, Executor background) {
        this.partitions = partitions;
        this.fetchers = fetchers;
        this.timer = environment.timer();
        this.background = background;
        // As in Kafka: a follower that lags behind leaves after at most one and a half times the time it is given.
        this.checkIntervalMs = Math.max(1, environment.settings().replicaLagTimeMaxMs() / 2);
        checkLater();
    }

    private void checkLater() {
        timer.schedule(checkIntervalMs, () -> {
            if (!closed) {
                background.execute(this::check);
                checkLater();
            }
        });
    }

    private void check() {
        try {
            partitions.checkIsrs();
        } catch (RuntimeException e) {
            LOG.errorf(e, "The look at the in-sync replicas failed");
        }
    }

    /** @param perLeader {@code num.replica.fetchers} from now on */
    public void resizeFetchers(int perLeader) {
        fetchers.resize(perLeader, partitions.followed());
    }

    /** Fetches nothing any more, and takes nobody out of ISRs. Idempotent. */
    @Override
    public void close() {
        closed = true;
        fetchers.close();
    }
}
