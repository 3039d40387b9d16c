package io.odradek.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One append on its way: what it does to producers and transactions is checked first, with nothing changed, and applied
 * after the write. Used under the log's lock.
 */
final class LogAppend {
    private final ProducerState producers;
    private final AppendOrigin origin;
    private final short transactionVersion;
    private final boolean mustBeVerified;
    private List<ProducerAppend> updates = List.of();
    private List<CompletedTxn> completed = List.of();

    long firstOffset = -1;
    long lastOffset = -1;
    long maxTimestamp = -1;
    /** The batch in the log that this one repeats, null if it is new. */
    DuplicateBatch duplicateOf;

    LogAppend(ProducerState producers, AppendOrigin origin, short transactionVersion, boolean mustBeVerified) {
        this.producers = producers;
        this.origin = origin;
        this.transactionVersion = transactionVersion;
        this.mustBeVerified = mustBeVerified;
    }

    /** Checks a batch whose offsets are final. False if it is a duplicate; then nothing is to be appended. */
    boolean check(ByteBuffer b, int at) {
        if (BatchHeader.producerId(b, at) >= 0 && !checkProducer(b, at)) {
            return false;
        }
        if (firstOffset < 0) {
            firstOffset = BatchHeader.baseOffset(b, at);
        }
        lastOffset = BatchHeader.lastOffset(b, at);
        maxTimestamp = Math.max(maxTimestamp, BatchHeader.maxTimestamp(b, at));
        return true;
    }

    private boolean checkProducer(ByteBuffer b, int at) {
        if (origin == AppendOrigin.CLIENT) {
            duplicateOf = producers.duplicateOf(b, at);
            if (duplicateOf != null) {
                return false;
            }
        }
        var update = updateOf(BatchHeader.producerId(b, at));
        if (BatchHeader.isControl(b, at)) {
            var txn = update.marker(b, at, transactionVersion);
            if (txn != null) {
                if (completed.isEmpty()) {
                    completed = new ArrayList<>(1);
                }
                completed.add(txn);
            }
        } else {
            update.data(b, at);
        }
        return true;
    }

    private ProducerAppend updateOf(long producerId) {
        for (var update : updates) {
            if (update.entry().producerId == producerId) {
                return update;
            }
        }
        var update = producers.prepare(producerId, origin, mustBeVerified);
        if (updates.isEmpty()) {
            updates = new ArrayList<>(1);
        }
        updates.add(update);
        return update;
    }

    /** The batches are written: applies their effects. Returns the aborted transactions, for the index. */
    List<AbortedTxn> commit() {
        List<AbortedTxn> aborted = List.of();
        for (var update : updates) {
            producers.commit(update);
        }
        for (var txn : completed) {
            if (txn.aborted()) {
                if (aborted.isEmpty()) {
                    aborted = new ArrayList<>(1);
                }
                aborted.add(new AbortedTxn(
                        txn.producerId(), txn.firstOffset(), txn.lastOffset(), producers.lastStableOffsetAfter(txn)));
            }
            producers.complete(txn);
        }
        producers.advanceTo(lastOffset + 1);
        return aborted;
    }
}
