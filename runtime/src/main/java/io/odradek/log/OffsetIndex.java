package io.odradek.log;

import java.io.IOException;

/**
 * From offset to file position, sparse. An entry is the last offset of a batch, relative to the segment's base offset (4
 * bytes), and the position where that batch begins (4 bytes), as in Kafka.
 */
final class OffsetIndex {
    static final int ENTRY_SIZE = 8;

    private final IndexFile file;
    private final long baseOffset;

    OffsetIndex(LogFile file, long baseOffset, int entriesInFile) {
        this.file = new IndexFile(file, ENTRY_SIZE, entriesInFile);
        this.baseOffset = baseOffset;
    }

    IndexFile file() {
        return file;
    }

    void append(long offset, int position) throws IOException {
        file.beginEntry().putInt((int) (offset - baseOffset)).putInt(position);
        file.commitEntry();
    }

    /** The position of the last indexed batch that ends at or before {@code offset}: 0 if there is none. */
    int positionFor(long offset) throws IOException {
        try (var view = file.view()) {
            var entry = floor(view, 0, offset - baseOffset);
            return entry < 0 ? 0 : view.getInt(entry, 4);
        }
    }

    /** The largest indexed position that is at most {@code position}: 0 if there is none. */
    int positionBefore(int position) throws IOException {
        try (var view = file.view()) {
            var entry = floor(view, 4, position);
            return entry < 0 ? 0 : view.getInt(entry, 4);
        }
    }

    /** Offset of the last entry, the base offset if there is none. */
    long lastOffset() throws IOException {
        try (var view = file.view()) {
            return view.count() == 0 ? baseOffset : baseOffset + view.getInt(view.count() - 1, 0);
        }
    }

    int lastPosition() throws IOException {
        try (var view = file.view()) {
            return view.count() == 0 ? 0 : view.getInt(view.count() - 1, 4);
        }
    }

    /** Drops the entries at or beyond {@code offset}. */
    void truncateTo(long offset) throws IOException {
        int keep;
        try (var view = file.view()) {
            keep = floor(view, 0, offset - baseOffset - 1) + 1;
        }
        file.truncateTo(keep);
    }

    boolean isFull(int maxIndexBytes) {
        return file.sizeInBytes() + ENTRY_SIZE > maxIndexBytes;
    }

    /** The last entry whose field at {@code at} is not above {@code target}, -1 if there is none. */
    private static int floor(IndexFile.View view, int at, long target) throws IOException {
        var low = 0;
        var high = view.count() - 1;
        // Most look-ups are near the end of the log, and the end of the index is in the heap.
        if (view.firstCheap() <= high && view.getInt(view.firstCheap(), at) <= target) {
            low = view.firstCheap();
        }
        while (low <= high) {
            var middle = (low + high) >>> 1;
            if (view.getInt(middle, at) <= target) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }
}
