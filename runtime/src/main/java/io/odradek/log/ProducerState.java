package io.odradek.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * All producers that wrote to a log with an id and did not expire, and the transactions that are not over. Covers the log
 * up to {@link #endOffset()}. Pure state: snapshots and replay are driven from outside. Touched under the log's lock,
 * but for {@link #firstUnstableOffset()}.
 */
final class ProducerState {
    private final LogId log;
    /** As it is now: it may be changed while the broker runs. */
    private final LongSupplier expirationMs;

    private final Map<Long, ProducerEntry> producers = new HashMap<>(0);
    /** First offset to the producer of the open transaction. */
    private final NavigableMap<Long, Long> ongoing = new TreeMap<>();
    /** First to last offset of transactions whose marker is not below the high watermark yet. */
    private final NavigableMap<Long, Long> unreplicated = new TreeMap<>();

    private final Verifications verifications = new Verifications();

    private long endOffset;
    private volatile long firstUnstableOffset = Long.MAX_VALUE;

    ProducerState(LogId log, LongSupplier expirationMs) {
        this.log = log;
        this.expirationMs = expirationMs;
    }

    /** The state is that of the log up to here, exclusive. */
    long endOffset() {
        return endOffset;
    }

    void advanceTo(long offset) {
        endOffset = offset;
    }

    Collection<ProducerEntry> producers() {
        return producers.values();
    }

    boolean isEmpty() {
        return producers.isEmpty() && ongoing.isEmpty() && unreplicated.isEmpty();
    }

    /** First offset of the oldest transaction that is open or not fully replicated; the largest long if there is none. */
    long firstUnstableOffset() {
        return firstUnstableOffset;
    }

    void clear(long offset) {
        producers.clear();
        ongoing.clear();
        unreplicated.clear();
        verifications.clear();
        endOffset = offset;
        updateFirstUnstable();
    }

    void load(List<ProducerEntry> entries, long offset, long nowMs) {
        clear(offset);
        for (var entry : entries) {
            if (!expired(entry, nowMs)) {
                producers.put(entry.producerId, entry);
                if (entry.txnFirstOffset >= 0) {
                    ongoing.put(entry.txnFirstOffset, entry.producerId);
                }
            }
        }
        updateFirstUnstable();
    }

    /** The same batch if it is in the log already, null if it is new. */
    DuplicateBatch duplicateOf(ByteBuffer b, int at) {
        var entry = producers.get(BatchHeader.producerId(b, at));
        return entry == null
                ? null
                : entry.duplicateOf(
                        BatchHeader.producerEpoch(b, at),
                        BatchHeader.baseSequence(b, at),
                        BatchHeader.lastSequence(b, at));
    }

    ProducerAppend prepare(long producerId, AppendOrigin origin) {
        return prepare(producerId, origin, false);
    }

    /** @param mustBeVerified the first batch of a transaction has to be */
    ProducerAppend prepare(long producerId, AppendOrigin origin, boolean mustBeVerified) {
        var entry = producers.get(producerId);
        return new ProducerAppend(
                log,
                entry == null ? new ProducerEntry(producerId) : entry,
                origin,
                verifications.of(producerId),
                mustBeVerified);
    }

    Verifications verifications() {
        return verifications;
    }

    long startVerification(long producerId, short epoch, int sequence, boolean addsPartitions, long nowMs) {
        return verifications.start(producers.get(producerId), producerId, epoch, sequence, addsPartitions, nowMs);
    }

    boolean confirmVerification(long producerId, short epoch, long guard) {
        return verifications.confirm(producers.get(producerId), producerId, epoch, guard);
    }

    /** The records of {@code append} were written. */
    void commit(ProducerAppend append) {
        append.commit();
        var entry = append.entry();
        producers.put(entry.producerId, entry);
        if (append.hasMarker()) {
            verifications.markerAppended(entry.producerId, entry.epoch);
        } else if (append.isTransactional()) {
            verifications.dataAppended(entry.producerId);
        }
        for (var first : append.startedTxns()) {
            ongoing.put(first, entry.producerId);
        }
        if (!append.startedTxns().isEmpty()) {
            updateFirstUnstable();
        }
    }

    /** The last stable offset as it is right after the marker of {@code txn}, before replication. */
    long lastStableOffsetAfter(CompletedTxn txn) {
        for (var open : ongoing.entrySet()) {
            if (open.getValue() != txn.producerId()) {
                return open.getKey();
            }
        }
        return txn.lastOffset() + 1;
    }

    /** Call after {@link #commit} of the append that completed it. */
    void complete(CompletedTxn txn) {
        ongoing.remove(txn.firstOffset());
        unreplicated.put(txn.firstOffset(), txn.lastOffset());
        updateFirstUnstable();
    }

    /** Whether a higher watermark can make a difference. */
    boolean hasUnreplicated() {
        return !unreplicated.isEmpty();
    }

    /** Markers below {@code offset} are replicated, or before the log start. */
    void onHighWatermark(long offset) {
        if (unreplicated.values().removeIf(last -> last < offset)) {
            updateFirstUnstable();
        }
    }

    private void updateFirstUnstable() {
        var open = ongoing.isEmpty() ? Long.MAX_VALUE : ongoing.firstKey();
        var incomplete = unreplicated.isEmpty() ? Long.MAX_VALUE : unreplicated.firstKey();
        firstUnstableOffset = Math.min(open, incomplete);
    }

    void removeExpired(long nowMs) {
        producers.values().removeIf(p -> expired(p, nowMs));
        verifications.removeStartedBefore(nowMs - expirationMs.getAsLong());
    }

    private boolean expired(ProducerEntry entry, long nowMs) {
        return entry.txnFirstOffset < 0 && nowMs - entry.lastTimestamp >= expirationMs.getAsLong();
    }

    Map<Long, LastProducerRecord> lastRecords() {
        var result = new HashMap<Long, LastProducerRecord>(producers.size() * 2);
        for (var p : producers.values()) {
            result.put(p.producerId, new LastProducerRecord(p.lastOffset(), p.epoch));
        }
        return result;
    }

    List<ActiveProducer> describe() {
        var result = new ArrayList<ActiveProducer>(producers.size());
        for (var p : producers.values()) {
            result.add(new ActiveProducer(
                    p.producerId, p.epoch, p.lastSequence(), p.lastTimestamp, p.coordinatorEpoch, p.txnFirstOffset));
        }
        return result;
    }

    /**
     * Follows a batch that is in the log already: replication and recovery.
     *
     * @return the aborted transaction it ends, for the transaction index; null if none
     */
    AbortedTxn replay(ByteBuffer b, int at) {
        AbortedTxn aborted = null;
        var producerId = BatchHeader.producerId(b, at);
        if (producerId >= 0) {
            var append = prepare(producerId, AppendOrigin.REPLICATION);
            CompletedTxn completed = null;
            if (BatchHeader.isControl(b, at)) {
                completed = append.marker(b, at, (short) 0);
            } else {
                append.data(b, at);
            }
            commit(append);
            if (completed != null) {
                if (completed.aborted()) {
                    aborted = new AbortedTxn(
                            producerId,
                            completed.firstOffset(),
                            completed.lastOffset(),
                            lastStableOffsetAfter(completed));
                }
                complete(completed);
            }
        }
        endOffset = BatchHeader.lastOffset(b, at) + 1;
        return aborted;
    }
}
