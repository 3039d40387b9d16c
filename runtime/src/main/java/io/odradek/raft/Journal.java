package io.odradek.raft;

import java.io.IOException;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The segment files of a log: writes and syncs frames, reads records back, begins and deletes segments. Any failure closes the
 * {@link FailStop}. Guarded by {@link RaftLog}.
 */
final class Journal {
    static final String SEGMENT_SUFFIX = ".log";
    static final String TEMPORARY_SUFFIX = ".tmp";

    private final LogStorage storage;
    private final FailStop failStop;
    private final LogIdentity owner;
    private final int segmentBytes;
    private final NavigableMap<Long, Segment> segments = new TreeMap<>();
    private long nextSequence;
    private long bytes;

    private static final class Segment {
        private final LogFile file;
        private final int headerLength;
        private int size;

        private Segment(LogFile file, int headerLength, int size) {
            this.file = file;
            this.headerLength = headerLength;
            this.size = size;
        }
    }

    /** Where a frame was written. */
    record Written(long segment, int position, Frame frame) {
        int position(int record) {
            return position + frame.position(record);
        }
    }

    @FunctionalInterface
    private interface Io<T> {
        T run() throws IOException;
    }

    Journal(LogStorage storage, FailStop failStop, LogIdentity owner, int segmentBytes) {
        this.storage = storage;
        this.failStop = failStop;
        this.owner = owner;
        this.segmentBytes = segmentBytes;
    }

    static String fileName(long number) {
        var digits = Long.toString(number); // not by a format: this is on the way of every write
        return "0".repeat(20 - digits.length()) + digits + SEGMENT_SUFFIX;
    }

    /** A segment found by {@link LogRecovery}, which calls this in their order. */
    void adopt(long number, LogFile file, int headerLength, int size, long nextFrame) {
        segments.put(number, new Segment(file, headerLength, size));
        bytes += size - headerLength;
        nextSequence = nextFrame;
    }

    /** Size of all frames in all segments. */
    long bytes() {
        return bytes;
    }

    long activeSegment() {
        return segments.lastKey();
    }

    boolean isFull() {
        return segments.lastEntry().getValue().size >= segmentBytes;
    }

    /** Returns once the records are durable. */
    Written append(List<LogRecord> records) {
        failStop.check();
        var frame = Frame.of(nextSequence, records);
        var segment = segments.lastEntry().getValue();
        int position = segment.size;
        io("writing " + fileName(activeSegment()), () -> {
            writeFully(segment.file, position, frame.bytes());
            segment.file.sync();
            return null;
        });
        nextSequence++;
        segment.size += frame.bytes().length;
        bytes += frame.bytes().length;
        return new Written(activeSegment(), position, frame);
    }

    /** Reads a record back and checks it. */
    LogRecord read(long number, int position) {
        failStop.check();
        var segment = segments.get(number);
        return io("reading " + fileName(number) + " at position " + position, () -> {
            var bytes = read(segment, position, Math.min(4096, segment.size - position));
            int length = LogRecord.encodedLength(bytes, 0);
            if (length > bytes.length && length <= segment.size - position) {
                bytes = read(segment, position, length);
            }
            return LogRecord.decode(bytes, 0, bytes.length);
        });
    }

    /** Begins a new segment unless the active one has no frame yet; it is durable, under its name, before any frame goes there. */
    void begin(LogState state) {
        failStop.check();
        if (!segments.isEmpty()) {
            var active = segments.lastEntry().getValue();
            if (active.size == active.headerLength) {
                return;
            }
        }
        long number = segments.isEmpty() ? 1 : activeSegment() + 1;
        if (segments.isEmpty()) {
            nextSequence = 1;
        }
        var header = new FileHeader.OfSegment(
                        owner, number, nextSequence, state.term(), state.vote(), state.commitIndex())
                .encode();
        var name = fileName(number);
        var file = io("creating " + name, () -> {
            var created = storage.create(name + TEMPORARY_SUFFIX);
            try {
                writeFully(created, 0, header);
                created.sync();
                storage.rename(name + TEMPORARY_SUFFIX, name);
                storage.syncDirectory();
                return created;
            } catch (IOException | RuntimeException e) {
                created.close();
                throw e;
            }
        });
        segments.put(number, new Segment(file, header.length, header.length));
    }

    /** Deletes the segments before this one, which a durable snapshot has made void. */
    void deleteBefore(long number) {
        failStop.check();
        var old = segments.headMap(number);
        for (var each : List.copyOf(old.entrySet())) {
            io("deleting " + fileName(each.getKey()), () -> {
                each.getValue().file.close();
                storage.delete(fileName(each.getKey()));
                return null;
            });
            bytes -= each.getValue().size - each.getValue().headerLength;
            old.remove(each.getKey());
        }
    }

    void close() throws IOException {
        IOException first = null;
        for (var each : segments.values()) {
            try {
                each.file.close();
            } catch (IOException e) {
                first = e;
            }
        }
        segments.clear();
        if (first != null) {
            throw first;
        }
    }

    static void writeFully(LogFile file, long position, byte[] source) throws IOException {
        for (int done = 0; done < source.length; ) {
            int written = file.write(position + done, source, done, source.length - done);
            if (written <= 0) {
                throw new IOException("wrote " + written + " of " + (source.length - done) + " bytes");
            }
            done += written;
        }
    }

    private static byte[] read(Segment segment, int position, int length) throws IOException {
        var target = new byte[length];
        for (int done = 0; done < length; ) {
            int read = segment.file.read(position + done, target, done, length - done);
            if (read <= 0) {
                throw new IOException("the file ends at " + (position + done));
            }
            done += read;
        }
        return target;
    }

    private <T> T io(String what, Io<T> operation) {
        try {
            return operation.run();
        } catch (IOException | RuntimeException | Error e) {
            throw failStop.fail(
                    "Raft log " + storage.location() + ": " + what + " failed (" + FailStop.reason(e) + ")", e);
        }
    }
}
