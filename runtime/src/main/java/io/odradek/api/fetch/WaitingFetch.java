package io.odradek.api.fetch;

import io.odradek.replication.PartitionWaiter;
import io.odradek.replication.ReadablePartition;
import io.odradek.replication.Subscription;
import io.odradek.replication.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.DisconnectException;

/**
 * A fetch that has not found enough records. Ends when its partitions have them, when one of them has something urgent to
 * tell, or when its time is over; then it reads again and takes what there is.
 *
 * <p>Each progress of a partition makes this look at that partition alone. Guarded by its monitor, which is not held while
 * reading.
 */
final class WaitingFetch {
    private final FetchReader reader;
    private final List<PlannedPartition> plan;
    private final FetchLimits limits;
    private final List<Wait> waits = new ArrayList<>();
    private final CompletableFuture<FetchedPartitions> result = new CompletableFuture<>();
    private long available;
    private boolean over;

    WaitingFetch(FetchReader reader, List<PlannedPartition> plan, FetchLimits limits) {
        this.reader = reader;
        this.plan = plan;
        this.limits = limits;
    }

    CompletionStage<FetchedPartitions> start(Timer timer) {
        try {
            subscribe();
        } catch (ApiException e) {
            // The partition has been lost since the first read; the answer tells how.
            finish();
            return result;
        }
        // What has happened before the subscriptions has woken nobody.
        for (var wait : waits) {
            wait.look();
        }
        if (!result.isDone()) {
            var timeout = timer.schedule(limits.maxWaitMs(), this::finish);
            result.whenComplete((fetched, failure) -> timeout.cancel());
        }
        return result;
    }

    private void subscribe() {
        for (var planned : plan) {
            if (planned.readable()) {
                waits.add(new Wait(reader.partition(planned, limits), planned.target()));
            }
        }
        for (var wait : waits) {
            wait.subscribe();
        }
    }

    /** Takes what there is. Idempotent. */
    void finish() {
        if (!end()) {
            return;
        }
        try {
            result.complete(reader.read(plan, limits, false));
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
        }
    }

    /** The client has gone. */
    void abandon() {
        if (end()) {
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
        for (var wait : waits) {
            wait.unsubscribe();
        }
        return true;
    }

    private final class Wait implements PartitionWaiter {
        private final ReadablePartition partition;
        private final FetchTarget target;
        private Subscription subscription;
        private int bytes;

        Wait(ReadablePartition partition, FetchTarget target) {
            this.partition = partition;
            this.target = target;
        }

        void subscribe() {
            var subscribed = partition.subscribe(this);
            synchronized (WaitingFetch.this) {
                subscription = subscribed;
                if (!over) {
                    return;
                }
            }
            subscribed.close();
        }

        void unsubscribe() {
            Subscription subscribed;
            synchronized (WaitingFetch.this) {
                subscribed = subscription;
            }
            if (subscribed != null) {
                subscribed.close();
            }
        }

        @Override
        public void onProgress() {
            look();
        }

        void look() {
            boolean enough;
            try {
                int now = FetchReader.availableBytes(partition, target, limits);
                synchronized (WaitingFetch.this) {
                    available += now - bytes;
                    bytes = now;
                    enough = available >= limits.minBytes();
                }
            } catch (ApiException e) {
                enough = true;
            }
            if (enough) {
                finish();
            }
        }
    }
}
