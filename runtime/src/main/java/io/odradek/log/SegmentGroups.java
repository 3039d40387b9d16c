package io.odradek.log;

import io.odradek.config.LogConfig;
import java.util.ArrayList;
import java.util.List;

/** Puts neighbouring segments together that will be cleaned into one, so that compaction does not leave crumbs. Pure. */
final class SegmentGroups {
    /** What counts of a segment; {@code indexBytes} is that of its larger index. */
    record Size(long baseOffset, long bytes, long indexBytes) {}

    private SegmentGroups() {}

    /**
     * @param sizes of the segments to clean, in order
     * @param endOffset the first offset after the last of them
     * @return how many segments each group has
     */
    static List<Integer> of(List<Size> sizes, LogConfig config, long endOffset) {
        var groups = new ArrayList<Integer>();
        for (int first = 0; first < sizes.size(); ) {
            var bytes = sizes.get(first).bytes();
            var indexBytes = sizes.get(first).indexBytes();
            var next = first + 1;
            while (next < sizes.size()) {
                var lastOffset = (next + 1 < sizes.size() ? sizes.get(next + 1).baseOffset() : endOffset) - 1;
                bytes += sizes.get(next).bytes();
                indexBytes += sizes.get(next).indexBytes();
                if (bytes > config.segmentBytes()
                        || indexBytes > config.segmentIndexBytes()
                        || lastOffset - sizes.get(first).baseOffset() > Integer.MAX_VALUE) {
                    break;
                }
                next++;
            }
            groups.add(next - first);
            first = next;
        }
        return groups;
    }
}
