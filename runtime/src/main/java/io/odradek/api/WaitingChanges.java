package io.odradek.api;

import io.odradek.replication.PartitionWaiter;
import io.odradek.replication.Subscription;
import io.odradek.replication.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.Errors;

/**
 * A request whose changes have not all reached enough replicas yet: appends that are to be acknowledged, deletions. Ends
 * when all are settled, or when its time is over. Guarded by its monitor; the future is completed without it.
 */
final class WaitingChanges implements PartitionWaiter {
    private final List<PendingChange> pending;
    private final List<Subscription> subscriptions;
    private final CompletableFuture<Void> settled = new CompletableFuture<>();
    private boolean over;

    private WaitingChanges(List<? extends PendingChange> changes) {
        this.pending = new ArrayList<>(changes);
        this.subscriptions = new ArrayList<>(changes.size());
    }

    /** Whether all are settled. */
    static boolean settle(List<? extends PendingChange> changes) {
        boolean all = true;
        for (var change : changes) {
            all &= change.settle();
        }
        return all;
    }

    /**
     * Completes when the answers of all changes are final.
     *
     * @param changes of which some are not settled
     * @param timeoutMs what is not settled then fails with REQUEST_TIMED_OUT
     */
    static CompletionStage<Void> await(List<? extends PendingChange> changes, Timer timer, long timeoutMs) {
        return new WaitingChanges(changes).start(timer, Math.max(0, timeoutMs));
    }

    private CompletionStage<Void> start(Timer timer, long timeoutMs) {
        synchronized (this) {
            for (var change : pending) {
                subscriptions.add(change.leader().subscribe(this));
            }
        }
        // What has happened before the subscriptions has woken nobody.
        onProgress();
        if (!settled.isDone()) {
            var timeout = timer.schedule(timeoutMs, this::expire);
            settled.whenComplete((done, failure) -> timeout.cancel());
        }
        return settled;
    }

    @Override
    public void onProgress() {
        synchronized (this) {
            if (over) {
                return;
            }
            pending.removeIf(PendingChange::settle);
            if (!pending.isEmpty()) {
                return;
            }
            end();
        }
        settled.complete(null);
    }

    private void expire() {
        synchronized (this) {
            if (over) {
                return;
            }
            for (var change : pending) {
                if (!change.settle()) {
                    change.fail(Errors.REQUEST_TIMED_OUT);
                }
            }
            end();
        }
        settled.complete(null);
    }

    private void end() {
        over = true;
        subscriptions.forEach(Subscription::close);
    }
}
