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
 * A Produce request whose appends are not all acknowledged yet. Ends when they are, when they cannot be any more, or when
 * its time is over. Guarded by its monitor; the future is completed without it.
 */
final class WaitingProduce implements PartitionWaiter {
    private final List<PendingAppend> pending;
    private final short acks;
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final CompletableFuture<Void> settled = new CompletableFuture<>();
    private boolean over;

    /** @param appends of which some are not settled */
    WaitingProduce(List<PendingAppend> appends, short acks) {
        this.pending = new ArrayList<>(appends);
        this.acks = acks;
    }

    /** Whether all are settled. */
    static boolean settle(List<PendingAppend> appends, short acks) {
        boolean all = true;
        for (var append : appends) {
            all &= append.settle(acks);
        }
        return all;
    }

    /** Completes when the answers of all appends are final. */
    CompletionStage<Void> start(Timer timer, long timeoutMs) {
        synchronized (this) {
            for (var append : pending) {
                subscriptions.add(append.leader().subscribe(this));
            }
        }
        // What has happened before the subscriptions has woken nobody.
        look();
        if (!settled.isDone()) {
            var timeout = timer.schedule(timeoutMs, this::expire);
            settled.whenComplete((done, failure) -> timeout.cancel());
        }
        return settled;
    }

    @Override
    public void onProgress() {
        look();
    }

    private void look() {
        synchronized (this) {
            if (over) {
                return;
            }
            pending.removeIf(append -> append.settle(acks));
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
            for (var append : pending) {
                if (!append.settle(acks)) {
                    append.answer().setErrorCode(Errors.REQUEST_TIMED_OUT.code());
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
