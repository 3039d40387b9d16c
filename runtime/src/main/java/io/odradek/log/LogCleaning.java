package io.odradek.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.jboss.logging.Logger;

/** One cleaning of one log, from the map of its keys to the last segments replaced. */
final class LogCleaning {
    private static final Logger LOG = Logger.getLogger(LogCleaning.class);

    private final PartitionLog log;
    private final DirtyLog dirty;
    private final SegmentCleaner segmentCleaner;
    private final long nowMs;
    private final int truncations;

    LogCleaning(
            PartitionLog log,
            DirtyLog dirty,
            int bufferBytes,
            IoThrottle throttle,
            BooleanSupplier stopped,
            long nowMs) {
        this.log = log;
        this.dirty = dirty;
        this.segmentCleaner = new SegmentCleaner(log, bufferBytes, throttle, stopped);
        this.nowMs = nowMs;
        this.truncations = log.truncations();
    }

    /**
     * Cleans.
     *
     * @param maxKeyBytes memory for the map of keys
     * @return the first offset that is not clean
     * @throws SegmentCleaner.AbandonedException if it was stopped, or the log was truncated meanwhile
     * @throws org.apache.kafka.common.errors.CorruptRecordException if a batch is damaged
     */
    long run(long maxKeyBytes, double loadFactor) throws IOException {
        var segments = log.maintenance().segments().stream()
                .filter(s -> s.baseOffset() < dirty.endOffset())
                .toList();
        var keys = new KeyOffsets(maxKeyBytes, loadFactor, dirty.endOffset() - dirty.firstDirtyOffset());
        try {
            return run(segments, keys);
        } catch (IOException | CorruptRecordException e) {
            // Files that vanish or shrink under the reader look like damage.
            if (truncations != log.truncations()
                    || !log.maintenance().segments().containsAll(segments)) {
                throw new SegmentCleaner.AbandonedException(log + " was truncated, or its segments deleted, meanwhile");
            }
            throw e;
        }
    }

    private long run(List<LogSegment> segments, KeyOffsets keys) throws IOException {
        segmentCleaner.index(
                segments.subList(floor(segments, dirty.firstDirtyOffset()), segments.size()),
                dirty.firstDirtyOffset(),
                dirty.endOffset(),
                keys);
        var cleanedUpTo = keys.latestOffset() + 1;
        if (cleanedUpTo <= dirty.firstDirtyOffset()) {
            throw new IllegalStateException("a batch has more than the " + keys.capacity()
                    + " keys that log.cleaner.dedupe.buffer.size has room for");
        }
        var before = log.sizeInBytes();
        replace(segments.stream().filter(s -> s.baseOffset() < cleanedUpTo).toList(), segments, keys);
        LOG.infof(
                "Cleaned %s: offsets %d to %d, %d keys, %d bytes became %d",
                log, dirty.firstDirtyOffset(), cleanedUpTo, keys.size(), before, log.sizeInBytes());
        return cleanedUpTo;
    }

    private static int floor(List<LogSegment> segments, long offset) {
        var i = segments.size() - 1;
        while (i > 0 && segments.get(i).baseOffset() > offset) {
            i--;
        }
        return i;
    }

    private void replace(List<LogSegment> cleanable, List<LogSegment> segments, KeyOffsets keys) throws IOException {
        var sizes = new ArrayList<SegmentGroups.Size>();
        for (var segment : cleanable) {
            var indexBytes = Math.max(
                    segment.offsetIndex().file().sizeInBytes(),
                    segment.timeIndex().file().sizeInBytes());
            sizes.add(new SegmentGroups.Size(segment.baseOffset(), segment.size(), indexBytes));
        }
        var target = new AtomicReference<LogSegment>();
        var transactions = new CleanedTransactions(
                txn -> SegmentCleaner.append(target.get().txnIndex(), txn));
        var round = new SegmentCleaner.Round(keys, transactions, dirty.endOffset(), nowMs);
        var first = 0;
        for (var count : SegmentGroups.of(sizes, log.config(), dirty.endOffset())) {
            var end = first + count;
            var nextBaseOffset = end < segments.size() ? segments.get(end).baseOffset() : dirty.endOffset();
            replace(cleanable.subList(first, end), nextBaseOffset, target, round);
            first = end;
        }
    }

    private void replace(
            List<LogSegment> group, long nextBaseOffset, AtomicReference<LogSegment> target, SegmentCleaner.Round round)
            throws IOException {
        var cleaned = log.maintenance().newCleaned(group.get(0).baseOffset());
        target.set(cleaned);
        var copied = false;
        try {
            segmentCleaner.copy(
                    group, nextBaseOffset, cleaned, round, log.maintenance().lastProducerRecords());
            // Retention goes by the age of the records, where they have no timestamps by that of the file.
            cleaned.setLastModifiedMs(group.get(group.size() - 1).lastModifiedMs());
            copied = true;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            if (!copied) {
                cleaned.delete();
            }
        }
        if (!log.maintenance().replace(List.of(cleaned), group, truncations)) {
            throw new SegmentCleaner.AbandonedException(log + " was truncated, or its segments deleted, meanwhile");
        }
    }
}
