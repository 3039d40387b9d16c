package io.odradek.replication;

import java.util.function.LongSupplier;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.utils.Time;
import org.jboss.logging.Logger;

/**
 * Fetches from one leader over one connection, one request after the other, as {@link FetchPlan} says. Has no thread of its
 * own: it goes on where an answer arrives, where a partition is added, and on the timer. Thread-safe.
 */
final class ReplicaFetcher {
    private static final Logger LOG = Logger.getLogger(ReplicaFetcher.class);

    private final FetchPlan plan;
    private final int leader;
    private final LeaderConnection connection;
    private final LongSupplier brokerEpoch;
    private final Time time;
    private final Timer timer;
    /** Guarded by the monitor, as is the rest. */
    private boolean underWay;

    private boolean closed;
    private Timer.Timeout wakeUp = () -> {};
    private long wakeUpAtMs = Long.MAX_VALUE;

    /** @param brokerEpoch this broker's, as the metadata has it now */
    ReplicaFetcher(
            FetcherConfig config,
            int leader,
            LeaderConnection connection,
            LongSupplier brokerEpoch,
            Time time,
            Timer timer) {
        this.plan = new FetchPlan(config);
        this.leader = leader;
        this.connection = connection;
        this.brokerEpoch = brokerEpoch;
        this.time = time;
        this.timer = timer;
    }

    /** {@link #goOn} has to follow, once all partitions of a change are added. */
    void add(FollowedPartition partition) {
        plan.add(partition);
        partition.log().onDurable(offset -> onDurable(partition));
    }

    void remove(FollowedPartition partition) {
        plan.remove(partition);
    }

    boolean isEmpty() {
        return plan.isEmpty();
    }

    /** In the thread that appends what was fetched, or in the directory's flush thread. */
    private void onDurable(FollowedPartition partition) {
        if (plan.durable(partition)) {
            goOn();
        }
    }

    /** Sends the next request unless one is under way, or there is nothing to ask for. */
    void goOn() {
        long nowMs = time.milliseconds();
        FetchRequest.Builder request;
        synchronized (this) {
            if (underWay || closed) {
                return;
            }
            var next = plan.next(nowMs, brokerEpoch.getAsLong());
            if (next.isEmpty()) {
                wakeUpAt(plan.wakeUpAtMs(), nowMs);
                return;
            }
            underWay = true;
            request = next.get();
        }
        connection.fetch(request, this::answered);
    }

    private void answered(FetchResponse response, Throwable failure) {
        try {
            if (failure == null) {
                plan.answered(response, time.milliseconds());
            } else {
                LOG.debugf("Fetching from broker %d failed: %s", leader, failure.toString());
                plan.failed(time.milliseconds());
            }
        } catch (RuntimeException e) {
            LOG.errorf(e, "What broker %d answered to a fetch could not be used", leader);
            plan.failed(time.milliseconds());
        }
        synchronized (this) {
            underWay = false;
        }
        goOn();
    }

    private void wakeUpAt(long atMs, long nowMs) {
        if (atMs == wakeUpAtMs) {
            return;
        }
        wakeUp.cancel();
        wakeUpAtMs = atMs;
        wakeUp = atMs == Long.MAX_VALUE ? () -> {} : timer.schedule(Math.max(1, atMs - nowMs), this::wakeUp);
    }

    private void wakeUp() {
        synchronized (this) {
            wakeUpAtMs = Long.MAX_VALUE;
        }
        goOn();
    }

    /** What is under way fails; nothing is fetched any more. */
    void close() {
        synchronized (this) {
            closed = true;
            wakeUp.cancel();
        }
        connection.close();
    }
}
