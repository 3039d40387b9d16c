package io.odradek.log;

import java.io.IOException;

/**
 * From timestamp to offset, sparse. An entry says: no record at or before this offset (4 bytes, relative to the base
 * offset) has a larger timestamp than this (8 bytes), as in Kafka. Timestamps and offsets both grow.
 */
final class TimeIndex {
    static final int ENTRY_SIZE = 12;
    private static final long UNKNOWN = Long.MIN_VALUE;

    private final IndexFile file;
    private final long baseOffset;
    private volatile long lastTimestamp = UNKNOWN;

    TimeIndex(LogFile file, long baseOffset, int entriesInFile) {
        this.file = new IndexFile(file, ENTRY_SIZE, entriesInFile);
        this.baseOffset = baseOffset;
    }

    private long readLastTimestamp() throws IOException {
        try (var view = file.view()) {
            return view.count() == 0 ? -1 : view.getLong(view.count() - 1, 0);
        }
    }

    IndexFile file() {
        return file;
    }

    /** Appends unless the timestamp did not grow. */
    void maybeAppend(long timestamp, long offset) throws IOException {
        if (timestamp > lastTimestamp()) {
            file.beginEntry().putLong(timestamp).putInt((int) (offset - baseOffset));
            file.commitEntry();
            lastTimestamp = timestamp;
        }
    }

    /** Timestamp of the last entry, -1 if there is none. */
    long lastTimestamp() throws IOException {
        if (lastTimestamp == UNKNOWN) {
            lastTimestamp = readLastTimestamp();
        }
        return lastTimestamp;
    }

    /** Drops all entries. */
    void reset() throws IOException {
        file.truncateTo(0);
        lastTimestamp = -1;
    }

    /** Offset of the last entry, the base offset if there is none. */
    long lastOffset() throws IOException {
        try (var view = file.view()) {
            return view.count() == 0 ? baseOffset : baseOffset + view.getInt(view.count() - 1, 8);
        }
    }

    /** The largest offset up to which all timestamps are known to be below {@code timestamp}, else the base offset. */
    long offsetBefore(long timestamp) throws IOException {
        try (var view = file.view()) {
            var low = 0;
            var high = view.count() - 1;
            while (low <= high) {
                var middle = (low + high) >>> 1;
                if (view.getLong(middle, 0) < timestamp) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return high < 0 ? baseOffset : baseOffset + view.getInt(high, 8);
        }
    }

    /** Drops the entries at or beyond {@code offset}. */
    void truncateTo(long offset) throws IOException {
        int keep;
        try (var view = file.view()) {
            keep = view.count();
            while (keep > 0 && baseOffset + view.getInt(keep - 1, 8) >= offset) {
                keep--;
            }
        }
        file.truncateTo(keep);
        lastTimestamp = readLastTimestamp();
    }

    boolean isFull(int maxIndexBytes) {
        return file.sizeInBytes() + ENTRY_SIZE > maxIndexBytes;
    }
}
