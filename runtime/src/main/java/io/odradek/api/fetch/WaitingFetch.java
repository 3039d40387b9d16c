package io.odradek.api.fetch;

import io.odradek.replication.Progressing;
import io.odradek.replication.ReadablePartition;
import io.odradek.replication.Timer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.DisconnectException;

/**
 * A fetch that has not found enough records. Ends when its partitions have them, when one of them has something urgent to
 * tell, or when its time is over; then it reads again and takes what there is.
 *
 * <p>Has to be {@linkplain FetchContext#hold held} before it starts. Each progress of a partition makes this look at that
 * partition alone. Guarded by its monitor, which is not held while reading.
 */
final class WaitingFetch implements HeldFetch {
    private final FetchReader reader;
    private final WatchedPartitions partitions;
    private final FetchPlanner planner;
    private final FetchLimits limits;
    private final CompletableFuture<FetchedPartitions> result = new CompletableFuture<>();
    /** Of those partitions that have some bytes. */
    private final Map<WatchedPartition, Integer> bytes = new HashMap<>();

    private long available;
    private boolean over;

    WaitingFetch(FetchReader reader, WatchedPartitions partitions, FetchPlanner planner, FetchLimits limits) {
        this.reader = reader;
        this.partitions = partitions;
        this.planner = planner;
        this.limits = limits;
    }

    CompletionStage<FetchedPartitions> start(Timer timer) {
        try {
            // What is quiet is watched already; if it has got on before this was held, it is restless.
            for (var planned : planner.plan(partitions.restless())) {
                if (planned.readable()) {
                    var partition = reader.partition(planned, limits);
                    planned.partition().watch(partition);
                    // What has happened before the subscription has woken nobody.
                    look(planned.partition(), partition, planned.target());
                }
            }
        } catch (ApiException e) {
            // The partition has been lost since the first read; the answer tells how.
            finish();
            return result;
        }
        if (!result.isDone()) {
            var timeout = timer.schedule(limits.maxWaitMs(), this::finish);
            result.whenComplete((fetched, failure) -> timeout.cancel());
        }
        return result;
    }

    @Override
    public void onProgress(WatchedPartition watched, Progressing where) {
        // Nothing but what was given to watch.
        look(watched, (ReadablePartition) where, watched.target());
    }

    private void look(WatchedPartition watched, ReadablePartition partition, FetchTarget target) {
        boolean enough;
        try {
            enough = isEnoughWith(watched, FetchReader.availableBytes(partition, target, limits));
        } catch (ApiException e) {
            enough = true;
        }
        if (enough) {
            finish();
        }
    }

    private synchronized boolean isEnoughWith(WatchedPartition watched, int now) {
        var before = now == 0 ? bytes.remove(watched) : bytes.put(watched, now);
        available += now - (before == null ? 0 : before);
        return available >= limits.minBytes();
    }

    @Override
    public void finish() {
        if (!end()) {
            return;
        }
        try {
            result.complete(reader.read(planner.plan(partitions.restless()), limits, false));
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
        }
    }

    @Override
    public void overtaken() {
        if (end()) {
            result.complete(FetchedPartitions.NONE);
        }
    }

    /** The client has gone. */
    void abandon() {
        if (end()) {
            partitions.unwatch();
            result.completeExceptionally(new DisconnectException("The client of a fetch has gone."));
        }
    }

    /** False if it is over already. */
    private boolean end() {
        synchronized (this) {
            if (over) {
                return false;
            }
            over = true;
        }
        partitions.release(this);
        return true;
    }
}
