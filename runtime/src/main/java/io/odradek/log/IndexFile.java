package io.odradek.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;

/**
 * A sorted file of entries of equal size. The newest entries are kept in the heap and written some at a time; older ones
 * are read from the file, so an index costs the same memory however large it is, and none is mapped. What is not written
 * yet is lost in a crash, as is the tail of the log it points into; recovery rebuilds both.
 *
 * <p>One writer at a time (the log's lock); readers take no lock: they see the file up to where the tail they hold
 * begins.
 */
final class IndexFile {
    /** Entries held back: one write per 64 entries, which is one per 256 KiB of log or more. */
    private static final int TAIL_ENTRIES = 64;

    private static final int INITIAL_TAIL_ENTRIES = 4;

    /** Entries from {@code first} on; {@code count} of them are in {@code bytes}. */
    private static final class Tail {
        final int first;
        final ByteBuffer bytes;
        volatile int count;

        Tail(int first, ByteBuffer bytes, int count) {
            this.first = first;
            this.bytes = bytes;
            this.count = count;
        }
    }

    /** What readers look at: a consistent set of entries. Not for keeping. */
    final class View implements AutoCloseable {
        private final Tail tail = IndexFile.this.tail;
        private final int count = tail.first + tail.count;
        private FileChannel channel;
        private ByteBuffer scratch;

        int count() {
            return count;
        }

        int getInt(int entry, int at) throws IOException {
            if (entry >= tail.first) {
                return tail.bytes.getInt((entry - tail.first) * entrySize + at);
            }
            return fromFile(entry).getInt(at);
        }

        long getLong(int entry, int at) throws IOException {
            if (entry >= tail.first) {
                return tail.bytes.getLong((entry - tail.first) * entrySize + at);
            }
            return fromFile(entry).getLong(at);
        }

        /** The first entry that is in the heap. */
        int firstCheap() {
            return tail.first;
        }

        private ByteBuffer fromFile(int entry) throws IOException {
            if (channel == null) {
                channel = file.acquire();
                scratch = Scratch.small();
            }
            scratch.clear().limit(entrySize);
            ChannelIo.readFully(channel, scratch, (long) entry * entrySize);
            return scratch;
        }

        @Override
        public void close() {
            if (channel != null) {
                file.release();
                channel = null;
            }
        }
    }

    private final LogFile file;
    private final int entrySize;
    private volatile Tail tail;

    /** An index whose file does not exist or is to be forgotten starts with 0 entries. */
    IndexFile(LogFile file, int entrySize, int entriesInFile) {
        this.file = file;
        this.entrySize = entrySize;
        this.tail = emptyTail(entriesInFile);
    }

    private Tail emptyTail(int first) {
        return new Tail(first, ByteBuffer.allocate(0), 0);
    }

    LogFile file() {
        return file;
    }

    View view() {
        return new View();
    }

    int count() {
        var t = tail;
        return t.first + t.count;
    }

    long sizeInBytes() {
        return (long) count() * entrySize;
    }

    /** Begins one entry: the buffer is positioned at its first byte; {@link #commitEntry} makes it visible. */
    ByteBuffer beginEntry() throws IOException {
        var t = tail;
        var needed = (t.count + 1) * entrySize;
        if (t.count == TAIL_ENTRIES) {
            spill();
            t = tail;
            needed = entrySize;
        }
        if (t.bytes.capacity() < needed) {
            var entries = Math.min(TAIL_ENTRIES, Math.max(INITIAL_TAIL_ENTRIES, t.count * 4));
            var grown = ByteBuffer.allocate(entries * entrySize);
            grown.put(0, t.bytes, 0, t.count * entrySize);
            t = new Tail(t.first, grown, t.count);
            tail = t;
        }
        return t.bytes.position(t.count * entrySize);
    }

    /** Makes the entry visible that was written into the buffer of {@link #beginEntry}. */
    void commitEntry() {
        var t = tail;
        t.count = t.count + 1;
    }

    /** Writes all entries to the file. Not forced. */
    void spill() throws IOException {
        var t = tail;
        if (t.count == 0) {
            return;
        }
        var channel = file.acquireOrCreate();
        try {
            ChannelIo.write(
                    channel, t.bytes.duplicate().clear().limit(t.count * entrySize), (long) t.first * entrySize);
        } finally {
            file.release();
        }
        tail = emptyTail(t.first + t.count);
    }

    /** Forces what {@link #finish} wrote. Any thread. */
    void force() throws IOException {
        var channel = file.acquire();
        try {
            channel.force(true);
        } finally {
            file.release();
        }
    }

    /** Keeps the first {@code entries}. */
    void truncateTo(int entries) throws IOException {
        var t = tail;
        if (entries >= t.first) {
            var kept = Math.min(entries - t.first, t.count);
            // A new tail: a reader may hold the old one and must not see an entry change.
            var bytes = ByteBuffer.allocate(kept * entrySize).put(0, t.bytes, 0, kept * entrySize);
            tail = new Tail(t.first, bytes, kept);
        } else {
            tail = emptyTail(entries);
        }
        trimFile();
    }

    /** Cuts the file to the entries that are in it: creates it if there is none, drops what a crash left behind. */
    private void trimFile() throws IOException {
        var channel = file.acquireOrCreate();
        try {
            channel.truncate((long) tail.first * entrySize);
        } finally {
            file.release();
        }
    }

    /** Writes what there is and creates the file if it has no entry: Kafka expects an index beside each closed segment. */
    void finish() throws IOException {
        spill();
        if (!file.exists()) {
            trimFile();
        }
    }

    /** Entries a file has by its size, -1 if it is missing or not a whole number of entries. */
    static int entriesIn(LogFile file, int entrySize) throws IOException {
        if (!file.exists()) {
            return -1;
        }
        var size = Files.size(file.path());
        return size % entrySize == 0 ? (int) (size / entrySize) : -1;
    }
}
