package io.odradek.log;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The segments of a log in the order of their base offsets. Immutable: a change makes a new list. Never empty. */
final class SegmentList {
    private final LogSegment[] segments;

    SegmentList(List<LogSegment> segments) {
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("a log has at least one segment");
        }
        this.segments = segments.toArray(LogSegment[]::new);
        Arrays.sort(this.segments, Comparator.comparingLong(LogSegment::baseOffset));
    }

    int count() {
        return segments.length;
    }

    LogSegment get(int i) {
        return segments[i];
    }

    LogSegment first() {
        return segments[0];
    }

    /** The one that is appended to. */
    LogSegment last() {
        return segments[segments.length - 1];
    }

    List<LogSegment> all() {
        return List.of(segments);
    }

    /** Index of the last segment that begins at or before {@code offset}, -1 if none does. */
    int floorIndex(long offset) {
        // Mostly the end of the log is wanted.
        if (segments[segments.length - 1].baseOffset() <= offset) {
            return segments.length - 1;
        }
        var low = 0;
        var high = segments.length - 1;
        while (low <= high) {
            var middle = (low + high) >>> 1;
            if (segments[middle].baseOffset() <= offset) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    SegmentList with(LogSegment added) {
        var list = new ArrayList<>(all());
        list.add(added);
        return new SegmentList(list);
    }

    SegmentList replace(List<LogSegment> removed, List<LogSegment> added) {
        var list = new ArrayList<>(all());
        list.removeAll(removed);
        list.addAll(added);
        return new SegmentList(list);
    }

    long sizeInBytes() {
        var sum = 0L;
        for (var segment : segments) {
            sum += segment.size();
        }
        return sum;
    }
}
