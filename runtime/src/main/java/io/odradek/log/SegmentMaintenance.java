package io.odradek.log;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What retention and compaction do to the segments of a log. Thread-safe. */
final class SegmentMaintenance {
    private final LogCore core;
    private final LogAccess access;
    private final LogWriter writer;
    private final LogResidence residence;

    SegmentMaintenance(LogCore core, LogAccess access, LogWriter writer, LogResidence residence) {
        this.core = core;
        this.access = access;
        this.writer = writer;
        this.residence = residence;
    }

    /** Oldest first. They are of one time: those of a log that has rested are other objects. */
    List<LogSegment> segments() {
        return access.state().segments.all();
    }

    /**
     * Deletes segments from the oldest on as long as {@code obsolete} says so, none that reaches beyond the high
     * watermark; if the active one is to go, a new one is rolled first. Returns how many.
     */
    int deleteOldest(Predicate<SegmentSummary> obsolete, String reason) {
        var first = residence.segments().get(0);
        if (first.active() && first.sizeInBytes() == 0 || !obsolete.test(first)) {
            return 0;
        }
        var count = new int[1];
        access.change("deleting segments of", current -> count[0] = writer.deleteOldest(current, obsolete, reason));
        return count[0];
    }

    /** As {@link #deleteOldest}, because they are too old or too many; tells whom it concerns. */
    void expire(Predicate<SegmentSummary> obsolete, String reason) {
        if (deleteOldest(obsolete, reason) > 0) {
            core.onRetention.run();
        }
    }

    /** A segment for the cleaner to write into; becomes part of the log with {@link #replace}. */
    LogSegment newCleaned(long baseOffset) {
        core.ensureUsable();
        try {
            return writer.create(baseOffset, SegmentFiles.CLEANED);
        } catch (IOException e) {
            throw core.failed("cleaning", e);
        }
    }

    /**
     * Puts cleaned segments in place of those they were made from. After a crash at any point the log has either the old
     * ones or the new ones (see {@link LogLoader}).
     *
     * @param truncations of the log ({@link PartitionLog#truncations}) before the old segments were looked at
     * @return false if the log was truncated or the old segments deleted meanwhile; then the cleaned ones are removed
     */
    boolean replace(List<LogSegment> cleaned, List<LogSegment> old, int truncations) {
        try {
            for (var segment : cleaned) {
                segment.finish();
                segment.forceLog();
                segment.forceIndexes();
            }
        } catch (IOException e) {
            throw core.failed("cleaning", e);
        }
        var replaced = new boolean[1];
        access.change(
                "replacing segments of", current -> replaced[0] = writer.replace(current, cleaned, old, truncations));
        return replaced[0];
    }

    /** Of each producer that is not expired, where its state comes from: the cleaner keeps those batches. */
    Map<Long, LastProducerRecord> lastProducerRecords() {
        var current = access.state();
        access.lock();
        try {
            return current.producers.lastRecords();
        } finally {
            access.unlock();
        }
    }
}
