package io.odradek.transaction;

import io.odradek.log.AppendOrigin;
import io.odradek.replication.Acknowledgement;
import io.odradek.replication.PartitionLeader;
import io.odradek.replication.PartitionWaiter;
import io.odradek.replication.Subscription;
import io.odradek.replication.Timer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.TransactionResult;

/** A marker on its way into one partition that this broker leads: appended, and waiting for the in-sync replicas. */
final class MarkerAppend implements PartitionWaiter {
    private final PartitionLeader leader;
    private final long lastOffset;
    private final CompletableFuture<Errors> settled = new CompletableFuture<>();
    /** Guarded by the monitor. */
    private Optional<Subscription> subscription = Optional.empty();

    private MarkerAppend(PartitionLeader leader, long lastOffset) {
        this.leader = leader;
        this.lastOffset = lastOffset;
    }

    /**
     * @param timeoutMs how long to wait for the replicas
     * @return never fails
     */
    static CompletionStage<Errors> start(
            PartitionLeader leader, TransactionMarker marker, long nowMs, Timer timer, long timeoutMs) {
        long lastOffset;
        try {
            lastOffset = leader.append(
                            records(marker, nowMs),
                            AppendOrigin.COORDINATOR,
                            PartitionLeader.ACKS_ALL,
                            marker.transactionVersion())
                    .lastOffset();
        } catch (ApiException e) {
            return CompletableFuture.completedStage(Errors.forException(e));
        }
        leader.wake();
        var append = new MarkerAppend(leader, lastOffset);
        append.look();
        if (!append.settled.isDone()) {
            append.await(timer, timeoutMs);
        }
        return append.settled;
    }

    private static MemoryRecords records(TransactionMarker marker, long nowMs) {
        var type = marker.result() == TransactionResult.COMMIT ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
        return MemoryRecords.withEndTransactionMarker(
                nowMs,
                marker.producerId(),
                marker.producerEpoch(),
                new EndTransactionMarker(type, marker.coordinatorEpoch()));
    }

    private void await(Timer timer, long timeoutMs) {
        synchronized (this) {
            subscription = Optional.of(leader.subscribe(this));
        }
        // What has happened before the subscription has woken nobody.
        look();
        var timeout = timer.schedule(timeoutMs, () -> settled.complete(Errors.REQUEST_TIMED_OUT));
        settled.whenComplete((error, failure) -> {
            timeout.cancel();
            synchronized (this) {
                subscription.ifPresent(Subscription::close);
            }
        });
    }

    @Override
    public void onProgress() {
        look();
    }

    private void look() {
        var acknowledgement = leader.acknowledgement(PartitionLeader.ACKS_ALL, lastOffset);
        if (acknowledgement == Acknowledgement.GIVEN) {
            settled.complete(Errors.NONE);
        } else if (acknowledgement == Acknowledgement.NOT_ENOUGH_REPLICAS) {
            settled.complete(Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
        } else if (leader.resignedBecause() != Errors.NONE) {
            settled.complete(leader.resignedBecause());
        }
    }
}
