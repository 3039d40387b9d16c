package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.RecordBatch;

/** What was appended to a compacted log, and what must be true of it whatever the cleaner did. */
final class CompactedLogModel {
    /** How a record counts for those who read committed records. */
    enum Fate {
        COMMITTED,
        ABORTED,
        OPEN
    }

    static final class Written {
        final long offset;
        final String key;
        final String value;
        final long appendedMs;
        Fate fate;

        Written(long offset, String key, String value, long appendedMs, Fate fate) {
            this.offset = offset;
            this.key = key;
            this.value = value;
            this.appendedMs = appendedMs;
            this.fate = fate;
        }
    }

    record Found(long offset, String key, String value) {}

    private final TreeMap<Long, Written> written = new TreeMap<>();

    void add(Written record) {
        written.put(record.offset, record);
    }

    /** @param cleanedUpTo -1 if never cleaned */
    void check(PartitionLog log, long cleanedUpTo, long nowMs, long deleteRetentionMs, String context)
            throws IOException {
        var all = read(log, false);
        var committed = read(log, true);
        checkContents(all, context);
        checkOrder(all, context);
        for (var found : committed) {
            assertTrue(
                    written.get(found.offset).fate != Fate.ABORTED, context + ": an aborted record is seen " + found);
        }
        var left = new HashMap<Long, Found>();
        committed.forEach(f -> left.put(f.offset, f));
        all.forEach(f -> assertTrue(
                left.containsKey(f.offset) || written.get(f.offset).fate == Fate.ABORTED,
                context + ": a committed record is hidden " + f));
        checkNothingLost(left, cleanedUpTo, nowMs, deleteRetentionMs, context);
        checkClean(all, cleanedUpTo, context);
    }

    private void checkContents(List<Found> all, String context) {
        for (var found : all) {
            var original = written.get(found.offset);
            assertNotNull(original, context + ": nothing was written there " + found);
            assertEquals(original.key, found.key, context);
            assertEquals(original.value, found.value, context);
        }
    }

    private static void checkOrder(List<Found> all, String context) {
        for (int i = 1; i < all.size(); i++) {
            assertTrue(all.get(i - 1).offset < all.get(i).offset, context + ": out of order " + all.get(i));
        }
    }

    /** Every key's latest record is there, but for tombstones that are old enough. */
    private void checkNothingLost(
            Map<Long, Found> left, long cleanedUpTo, long nowMs, long deleteRetentionMs, String context) {
        var seen = new HashSet<String>();
        for (var record : written.descendingMap().values()) {
            if (record.fate == Fate.ABORTED) {
                continue;
            }
            var mayBeGone = record.offset < cleanedUpTo
                    && (seen.contains(record.key)
                            || record.value == null && nowMs - record.appendedMs >= deleteRetentionMs);
            assertTrue(
                    mayBeGone || left.containsKey(record.offset),
                    context + ": lost " + record.key + "=" + record.value + " at " + record.offset);
            if (record.fate == Fate.COMMITTED) {
                seen.add(record.key);
            }
        }
    }

    /** Below the checkpoint each key is there once, and nothing that was aborted. */
    private void checkClean(List<Found> all, long cleanedUpTo, String context) {
        var keys = new HashMap<String, Found>();
        for (var found : all) {
            if (found.offset < cleanedUpTo) {
                assertEquals(Fate.COMMITTED, written.get(found.offset).fate, context + ": left " + found);
                var other = keys.put(found.key, found);
                assertTrue(other == null, context + ": " + other + " is left beside " + found);
            }
        }
    }

    long tombstonesBelow(PartitionLog log, long offset) throws IOException {
        return read(log, false).stream()
                .filter(f -> f.offset < offset && f.value == null)
                .count();
    }

    /** Reads as a consumer does. */
    static List<Found> read(PartitionLog log, boolean committedOnly) throws IOException {
        var result = new ArrayList<Found>();
        var aborted = new PriorityQueue<>(Comparator.comparingLong(AbortedTxn::firstOffset));
        aborted.addAll(log.abortedTransactions(log.logStartOffset(), log.logEndOffset()));
        var abortedProducers = new HashSet<Long>();
        for (long offset = log.logStartOffset(); offset < log.logEndOffset(); ) {
            try (var slice = log.read(offset, 1 << 20, Long.MAX_VALUE, true)) {
                if (slice.isEmpty()) {
                    break;
                }
                for (var batch : slice.load().batches()) {
                    batch.ensureValid();
                    offset = batch.nextOffset();
                    while (!aborted.isEmpty() && aborted.peek().firstOffset() <= batch.lastOffset()) {
                        abortedProducers.add(aborted.poll().producerId());
                    }
                    if (batch.isControlBatch()) {
                        if (isAbort(batch)) {
                            abortedProducers.remove(batch.producerId());
                        }
                    } else if (!committedOnly
                            || !batch.isTransactional()
                            || !abortedProducers.contains(batch.producerId())) {
                        batch.forEach(r -> result.add(
                                new Found(r.offset(), text(r.key()), r.hasValue() ? text(r.value()) : null)));
                    }
                }
            }
        }
        return result;
    }

    private static boolean isAbort(RecordBatch batch) {
        var records = batch.iterator();
        return records.hasNext() && ControlRecordType.parse(records.next().key()) == ControlRecordType.ABORT;
    }

    private static String text(java.nio.ByteBuffer bytes) {
        var copy = new byte[Objects.requireNonNull(bytes).remaining()];
        bytes.duplicate().get(copy);
        return new String(copy);
    }
}
