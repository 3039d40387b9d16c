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
 * A DeleteRecords request whose deletions have not reached all replicas yet. Followers hear of a new log start offset with
 * an answer to their fetches, and tell theirs with the next one. Ends when all have, when it cannot be waited for any more,
 * or when its time is over. Guarded by its monitor; the future is completed without it.
 */
final class WaitingDeletion implements PartitionWaiter {
    private final List<PendingDeletion> pending;
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final CompletableFuture<Void> settled = new CompletableFuture<>();
    private boolean over;

    private WaitingDeletion(List<PendingDeletion> deletions) {
        this.pending = new ArrayList<>(deletions);
    }

    /** Completes when the answers of all deletions are final. */
    static CompletionStage<Void> await(List<PendingDeletion> deletions, Timer timer, long timeoutMs) {
        return deletions.isEmpty()
                ? CompletableFuture.completedStage(null)
                : new WaitingDeletion(deletions).start(timer, timeoutMs);
    }

    private CompletionStage<Void> start(Timer timer, long timeoutMs) {
        synchronized (this) {
            for (var deletion : pending) {
                subscriptions.add(deletion.leader().subscribe(this));
            }
        }
        // What has happened before the subscriptions has woken nobody.
        onProgress();
        if (!settled.isDone()) {
            var timeout = timer.schedule(Math.max(0, timeoutMs), this::expire);
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
            pending.removeIf(PendingDeletion::settle);
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
            for (var deletion : pending) {
                if (!deletion.settle()) {
                    deletion.answer().setErrorCode(Errors.REQUEST_TIMED_OUT.code());
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
