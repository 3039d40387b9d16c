package io.odradek.raft;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What is written and synced at once: a batch of records. Layout: content length (4 bytes), CRC32C of the content (4), sequence
 * number (8), CRC32C of these (4), mark (4), records, zeros up to a multiple of eight.
 *
 * <p>Frames are numbered through all segments. As each is synced before the next is begun, only the very last can be
 * incomplete: {@link #read} tells an incomplete last write from damage.
 */
final class Frame {
    static final int HEADER = 24;
    static final int MAX_LENGTH = 256 << 20;
    private static final int MARK = 0x4652414d; // "FRAM"
    private static final int SECTOR = 512;

    private final byte[] bytes;
    private final int[] positions;

    private Frame(byte[] bytes, int[] positions) {
        this.bytes = bytes;
        this.positions = positions;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Where in the frame a record starts. */
    int position(int record) {
        return positions[record];
    }

    static Frame of(long sequence, List<LogRecord> records) {
        long length = 0;
        for (var each : records) {
            length += each.encodedLength();
        }
        if (length > MAX_LENGTH) {
            throw new IllegalArgumentException("batch of " + length + " bytes, at most " + MAX_LENGTH);
        }
        var out = ByteBuffer.allocate(HEADER + FileHeader.pad((int) length));
        var positions = new int[records.size()];
        out.position(HEADER);
        for (int i = 0; i < positions.length; i++) {
            positions[i] = out.position();
            records.get(i).encode(out);
        }
        out.putInt(0, (int) length).putInt(4, Checksum.of(out.array(), HEADER, out.capacity() - HEADER));
        out.putLong(8, sequence).putInt(16, Checksum.of(out.array(), 0, 16)).putInt(20, MARK);
        return new Frame(out.array(), positions);
    }

    /** What stands at a position of a file. */
    sealed interface Found {}

    /** A whole frame. */
    record Whole(List<Placed> records, int end) implements Found {}

    /** A record and its position in the file. */
    record Placed(LogRecord record, int position) {}

    /** Nothing more. */
    record End() implements Found {}

    /** The file's last write, not completed: never acknowledged. */
    record Torn() implements Found {}

    /** What was once complete and is no more. */
    record Damaged(String reason) implements Found {}

    /** @param sequence of the frame that must stand here */
    static Found read(byte[] file, int position, long sequence) {
        if (position == file.length) {
            return new End();
        }
        var here = whole(file, position, sequence);
        if (here != null) {
            return here;
        }
        if (laterFrame(file, position, sequence)) {
            return new Damaged("an unreadable record before readable ones");
        }
        if (file.length - position < HEADER) {
            return new Torn();
        }
        if (!isHeader(file, position)) {
            return unwritten(file, position, position + HEADER) ? new Torn() : new Damaged("frame header checksum");
        }
        var header = ByteBuffer.wrap(file);
        if (header.getLong(position + 8) != sequence) {
            return new Damaged("frame " + header.getLong(position + 8) + " in the place of frame " + sequence);
        }
        int end = end(header, position);
        if (end > file.length) {
            return new Torn();
        }
        return end == file.length && unwritten(file, position, end) ? new Torn() : new Damaged("frame checksum");
    }

    private static Whole whole(byte[] file, int position, long sequence) {
        if (!isHeader(file, position)) {
            return null;
        }
        var header = ByteBuffer.wrap(file);
        int end = end(header, position);
        if (header.getLong(position + 8) != sequence
                || end > file.length
                || Checksum.of(file, position + HEADER, end - position - HEADER) != header.getInt(position + 4)) {
            return null;
        }
        int contentEnd = position + HEADER + header.getInt(position);
        var records = new ArrayList<Placed>();
        for (int at = position + HEADER; at < contentEnd; ) {
            try {
                var each = LogRecord.decode(file, at, contentEnd);
                records.add(new Placed(each, at));
                at += each.encodedLength();
            } catch (IllegalArgumentException e) {
                return null;
            }
        }
        return new Whole(records, end);
    }

    private static boolean isHeader(byte[] file, int position) {
        if (file.length - position < HEADER) {
            return false;
        }
        var header = ByteBuffer.wrap(file);
        int length = header.getInt(position);
        return header.getInt(position + 20) == MARK
                && length >= 0
                && length <= MAX_LENGTH
                && Checksum.of(file, position, 16) == header.getInt(position + 16);
    }

    private static int end(ByteBuffer header, int position) {
        return position + HEADER + FileHeader.pad(header.getInt(position));
    }

    private static boolean laterFrame(byte[] file, int position, long sequence) {
        var bytes = ByteBuffer.wrap(file);
        for (int at = position + 8; at <= file.length - HEADER; at += 8) {
            if (bytes.getInt(at + 20) == MARK && isHeader(file, at) && bytes.getLong(at + 8) > sequence) {
                return true;
            }
        }
        return false;
    }

    /**
     * After a power cut the file may have its new length while some sectors were never written: they read as zeros. Frames start
     * at multiples of eight, so that the part of a frame in a sector is never just a byte that happens to be zero.
     */
    private static boolean unwritten(byte[] file, int from, int to) {
        for (int start = from; start < to; ) {
            int boundary = start / SECTOR * SECTOR + SECTOR;
            int end = Math.min(boundary, file.length);
            boolean zeros = true;
            for (int i = start; i < end && zeros; i++) {
                zeros = file[i] == 0;
            }
            if (zeros) {
                return true;
            }
            start = boundary;
        }
        return false;
    }
}
