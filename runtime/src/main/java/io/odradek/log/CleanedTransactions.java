package io.odradek.log;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * Follows the transactions while a log is read from its beginning, and says what of them can go: the records of aborted
 * ones, and markers of which no record is left. Not thread-safe.
 */
final class CleanedTransactions {
    private static final class Aborted {
        final AbortedTxn txn;
        boolean hasBatches;

        Aborted(AbortedTxn txn) {
            this.txn = txn;
        }
    }

    private final PriorityQueue<AbortedTxn> upcoming =
            new PriorityQueue<>(Comparator.comparingLong(AbortedTxn::firstOffset));
    private final Map<Long, Aborted> openAborted = new HashMap<>();
    private final Set<Long> openCommitted = new HashSet<>();
    private final Consumer<AbortedTxn> retained;

    /** @param retained told of each aborted transaction whose marker must stay, in the order of the markers */
    CleanedTransactions(Consumer<AbortedTxn> retained) {
        this.retained = retained;
    }

    /** Transactions that are aborted within what is read next. */
    void expect(Collection<AbortedTxn> aborted) {
        upcoming.addAll(aborted);
    }

    /** The next batch. Returns whether nobody needs its records any more. */
    boolean canDiscard(RecordBatch batch) {
        while (!upcoming.isEmpty() && upcoming.peek().firstOffset() <= batch.lastOffset()) {
            var txn = upcoming.poll();
            openAborted.putIfAbsent(txn.producerId(), new Aborted(txn));
        }
        if (batch.isControlBatch()) {
            return canDiscardMarker(batch);
        }
        if (!batch.isTransactional()) {
            return false;
        }
        var aborted = openAborted.get(batch.producerId());
        if (aborted == null) {
            openCommitted.add(batch.producerId());
            return false;
        }
        aborted.hasBatches = true;
        return true;
    }

    private boolean canDiscardMarker(RecordBatch batch) {
        var records = batch.iterator();
        if (!records.hasNext()) {
            return true; // its marker was removed before
        }
        return switch (ControlRecordType.parse(records.next().key())) {
            case COMMIT -> !openCommitted.remove(batch.producerId());
            case ABORT -> {
                // Batches that are discarded now are still in older fetches: the marker goes the next time.
                var aborted = openAborted.remove(batch.producerId());
                if (aborted != null && aborted.hasBatches) {
                    retained.accept(aborted.txn);
                    yield false;
                }
                yield true;
            }
            default -> false;
        };
    }
}
