package io.odradek.replication;

import java.util.Arrays;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.utils.Time;
import org.jboss.logging.Logger;

/**
 * Fetches from one leader, one request after the other, as {@link FetchPlan} says. Has no thread of its own: it goes on
 * where an answer arrives, where a partition is added, and on the timer. Thread-safe.
 *
 * <p>A leader holds a request until there are records. What is to be fetched anew meanwhile, as after an election, does not
 * wait for that: another request overtakes the first one, over a second connection, which is made when it is first needed.
 */
final class ReplicaFetcher {
    private static final Logger LOG = Logger.getLogger(ReplicaFetcher.class);

    private static final int LANES = 2;
    private static final int NONE = -1;
    private static final long LATEST = -1;
    /** Between two looks whether there is something that may overtake. */
    private static final long MIN_PAUSE_MS = 20;

    private final FetchPlan plan;
    private final int leader;
    private final Supplier<LeaderConnection> connections;
    private final LongSupplier brokerEpoch;
    private final Time time;
    private final Timer timer;
    /** Held while an answer is taken: late and timely ones one after the other. */
    private final Object taking = new Object();
    /** Guarded by the monitor, as is the rest. Null until it is needed. */
    private final LeaderConnection[] lanes = new LeaderConnection[LANES];
    /** Which have a request under way. */
    private final boolean[] busy = new boolean[LANES];
    /** The numbers of their last requests. */
    private final long[] numbers = new long[LANES];
    /** Which of them has the last request, that was not overtaken; {@link #NONE} if it is answered. */
    private int current = NONE;
    /** How many threads take an answer, or are about to. Nothing is sent meanwhile. */
    private int takers;

    private boolean closed;
    private Timer.Timeout wakeUp = () -> {};
    private long wakeUpAtMs = Long.MAX_VALUE;

    /**
     * @param connections each to the leader
     * @param brokerEpoch this broker's, as the metadata has it now
     */
    ReplicaFetcher(
            FetcherConfig config,
            ReplicationTraffic traffic,
            int leader,
            Supplier<LeaderConnection> connections,
            LongSupplier brokerEpoch,
            Time time,
            Timer timer) {
        this.plan = new FetchPlan(config, traffic);
        this.leader = leader;
        this.connections = connections;
        this.brokerEpoch = brokerEpoch;
        this.time = time;
        this.timer = timer;
    }

    /** {@link #goOn} has to follow, once all partitions of a change are added. */
    void add(FollowedPartition partition) {
        plan.add(partition);
        partition.log().onDurable(offset -> onDurable());
    }

    /** {@link #goOn} has to follow. */
    void remove(FollowedPartition partition) {
        plan.remove(partition);
    }

    boolean isEmpty() {
        return plan.isEmpty();
    }

    /** In the thread that appends what was fetched, or in the directory's flush thread. */
    private void onDurable() {
        if (plan.waitsForDurability()) {
            goOn();
        }
    }

    /** Sends the next request, if there is anything to ask for that the one under way does not. */
    void goOn() {
        long nowMs = time.hiResClockMs();
        FetchRequest.Builder request;
        LeaderConnection connection;
        int lane;
        synchronized (this) {
            if (closed || takers > 0) {
                return;
            }
            lane = busy[0] ? 1 : 0;
            if (busy[lane]) {
                return;
            }
            long epoch = brokerEpoch.getAsLong();
            var next = current == NONE ? plan.next(nowMs, epoch) : plan.overtaking(nowMs, epoch);
            if (next.isEmpty()) {
                wakeUpAt(
                        current == NONE ? plan.wakeUpAtMs() : Math.max(plan.nextRetryAtMs(), nowMs + MIN_PAUSE_MS),
                        nowMs);
                return;
            }
            request = next.get();
            if (lanes[lane] == null) {
                lanes[lane] = connections.get();
            }
            connection = lanes[lane];
            busy[lane] = true;
            numbers[lane] = plan.requests();
            current = lane;
        }
        connection.fetch(request, (response, failure) -> answered(lane, response, failure));
    }

    private void answered(int lane, FetchResponse response, Throwable failure) {
        boolean late;
        long number;
        synchronized (this) {
            busy[lane] = false;
            late = current != lane;
            number = numbers[lane];
            if (!late) {
                current = NONE;
            }
            takers++;
        }
        try {
            synchronized (taking) {
                take(late ? number : LATEST, response, failure);
            }
        } finally {
            synchronized (this) {
                takers--;
            }
        }
        goOn();
    }

    /** @param request {@link #LATEST}, or the number of one that was overtaken */
    private void take(long request, FetchResponse response, Throwable failure) {
        try {
            if (failure == null) {
                if (request == LATEST) {
                    plan.answered(response, time.hiResClockMs());
                } else {
                    plan.answeredLate(response, request, time.hiResClockMs());
                }
                return;
            }
            LOG.debugf("Fetching from broker %d failed: %s", leader, failure.toString());
        } catch (RuntimeException e) {
            LOG.errorf(e, "What broker %d answered to a fetch could not be used", leader);
        }
        if (request == LATEST) {
            plan.failed(time.hiResClockMs());
        } else {
            plan.failedLate();
        }
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
        LeaderConnection[] open;
        synchronized (this) {
            closed = true;
            wakeUp.cancel();
            open = Arrays.stream(lanes).filter(lane -> lane != null).toArray(LeaderConnection[]::new);
        }
        for (var connection : open) {
            connection.close();
        }
    }
}
