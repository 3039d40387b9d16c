package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DirtyLogTest {
    private static final long NOW_MS = 1_000_000;

    /** Four segments of 10 offsets and 100 bytes, aged 400, 300, 200 and (active) 100 ms. */
    private static List<SegmentSummary> segments() {
        var result = new ArrayList<SegmentSummary>();
        for (int i = 0; i < 4; i++) {
            result.add(new SegmentSummary(i * 10L, (i + 1) * 10L, 100, NOW_MS - (4 - i) * 100L, 0, i == 3));
        }
        return result;
    }

    @ParameterizedTest
    @CsvSource({
        // cleaned up to, log start, last stable offset, min lag: first dirty, end, clean bytes, dirty bytes
        "-1, 0, 40, 0, 0, 30, 0, 300",
        "10, 0, 40, 0, 10, 30, 100, 200",
        "30, 0, 40, 0, 30, 30, 300, 0",
        "15, 0, 40, 0, 15, 30, 100, 200", // a segment that is partly clean counts as dirty
        "-1, 0, 29, 0, 0, 20, 0, 200", // whole segments below the last stable offset only
        "-1, 0, 9, 0, 0, 0, 0, 0",
        "-1, 0, 40, 250, 0, 20, 0, 200",
        "-1, 0, 40, 500, 0, 0, 0, 0",
        "20, 0, 40, 500, 20, 20, 200, 0", // the lag does not protect what is clean already
        "5, 12, 40, 0, 12, 30, 100, 200", // deleted records need no cleaning
        "50, 0, 40, 0, 0, 30, 0, 300" // a checkpoint beyond the end is that of lost records
    })
    void findsWhatToClean(
            long cleanedUpTo,
            long logStartOffset,
            long lastStableOffset,
            String minLagMs,
            long firstDirty,
            long end,
            long cleanBytes,
            long dirtyBytes) {
        var config = LogFixture.config(Map.of("min.compaction.lag.ms", minLagMs));
        assertEquals(
                new DirtyLog(firstDirty, end, cleanBytes, dirtyBytes),
                DirtyLog.of(segments(), config, cleanedUpTo, logStartOffset, lastStableOffset, NOW_MS));
    }

    @Test
    void isOverdueWhenItsFirstRecordIs() {
        var config = LogFixture.config(Map.of("max.compaction.lag.ms", "350"));
        var dirty = new DirtyLog(0, 30, 0, 300);
        assertTrue(dirty.isOverdue(config, NOW_MS - 351, NOW_MS));
        assertFalse(dirty.isOverdue(config, NOW_MS - 350, NOW_MS));
        assertFalse(dirty.isOverdue(config, Long.MAX_VALUE, NOW_MS));
        assertFalse(new DirtyLog(0, 30, 300, 0).isOverdue(config, 0, NOW_MS));
    }

    @Test
    void groupsNeighboursUpToASegmentsSize() {
        var config = LogFixture.config(Map.of("internal.segment.bytes", "250", "segment.index.bytes", "100"));
        assertEquals(List.of(2, 2), SegmentGroups.of(sizes(0, 100, 10, 100, 20, 100, 30, 100), config, 40));
        assertEquals(List.of(1, 3), SegmentGroups.of(sizes(0, 300, 10, 100, 20, 0, 30, 100), config, 40));
        // Offsets in a segment are four bytes relative to its begin.
        assertEquals(List.of(1, 1), SegmentGroups.of(sizes(0, 1, 3_000_000_000L, 1), config, 3_000_000_001L));
        assertEquals(List.of(1, 1), SegmentGroups.of(sizes(0, 1, 10, 1), config, 3_000_000_001L));
        var largeIndexes = List.of(new SegmentGroups.Size(0, 1, 60), new SegmentGroups.Size(10, 1, 60));
        assertEquals(List.of(1, 1), SegmentGroups.of(largeIndexes, config, 20));
        assertEquals(List.of(), SegmentGroups.of(List.of(), config, 0));
    }

    private static List<SegmentGroups.Size> sizes(long... offsetsAndBytes) {
        var result = new ArrayList<SegmentGroups.Size>();
        for (int i = 0; i < offsetsAndBytes.length; i += 2) {
            result.add(new SegmentGroups.Size(offsetsAndBytes[i], offsetsAndBytes[i + 1], 8));
        }
        return result;
    }
}
