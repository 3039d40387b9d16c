package io.odradek.log;

/**
 * One segment as retention sees it.
 *
 * @param baseOffset the segment's first offset
 * @param endOffset the first offset after it: the next segment's base offset or the log end offset
 * @param largestTimestampMs largest record timestamp in it, the file's modification time if no record has one
 * @param active true for the last segment, the one that is appended to
 */
record SegmentSummary(
        long baseOffset,
        long endOffset,
        int sizeInBytes,
        long largestTimestampMs,
        long lastModifiedMs,
        boolean active) {}
