package io.odradek.log;

import io.odradek.config.LogConfig;
import java.util.List;

/**
 * How much of a compacted log is worth cleaning. Whole segments are cleaned: those below {@code endOffset}, of which those
 * from {@code firstDirtyOffset} on were not cleaned before. Pure.
 *
 * @param firstDirtyOffset everything before has at most one record of each key
 * @param endOffset nothing at or beyond it is cleaned: the active segment, what is not below the last stable offset, or
 *     younger than {@code min.compaction.lag.ms}
 * @param cleanBytes bytes of the segments below the dirty ones
 * @param dirtyBytes bytes of the dirty segments below {@code endOffset}
 */
record DirtyLog(long firstDirtyOffset, long endOffset, long cleanBytes, long dirtyBytes) {
    /**
     * @param cleanedUpTo what the last cleaning covered, exclusive; -1 if the log was never cleaned
     * @param lastStableOffset not beyond the high watermark
     */
    static DirtyLog of(
            List<SegmentSummary> segments,
            LogConfig config,
            long cleanedUpTo,
            long logStartOffset,
            long lastStableOffset,
            long nowMs) {
        var active = segments.get(segments.size() - 1);
        // A checkpoint beyond the end belongs to what was lost, one before the start to what was deleted.
        var valid = cleanedUpTo >= logStartOffset && cleanedUpTo <= active.endOffset();
        var firstDirty = valid ? cleanedUpTo : logStartOffset;
        var bound = Math.max(firstDirty, Math.min(lastStableOffset, active.baseOffset()));
        long end = segments.get(0).baseOffset();
        long cleanBytes = 0;
        long dirtyBytes = 0;
        for (var segment : segments) {
            if (segment.active() || segment.endOffset() > bound) {
                break;
            }
            var dirty = segment.endOffset() > firstDirty;
            if (dirty
                    && config.minCompactionLagMs() > 0
                    && segment.largestTimestampMs() > nowMs - config.minCompactionLagMs()) {
                break;
            }
            end = segment.endOffset();
            if (dirty) {
                dirtyBytes += segment.sizeInBytes();
            } else {
                cleanBytes += segment.sizeInBytes();
            }
        }
        return new DirtyLog(firstDirty, Math.max(firstDirty, end), cleanBytes, dirtyBytes);
    }

    /** The dirty part of what could be cleaned, 0 to 1. */
    double ratio() {
        return dirtyBytes == 0 ? 0.0 : (double) dirtyBytes / (cleanBytes + dirtyBytes);
    }

    /**
     * @param firstTimestampMs the earliest timestamp that a dirty segment begins with; the largest long if unknown
     * @return whether some of it must be compacted by now, however little it is
     */
    boolean isOverdue(LogConfig config, long firstTimestampMs, long nowMs) {
        return dirtyBytes > 0 && firstTimestampMs < nowMs - config.maxCompactionLagMs();
    }
}
