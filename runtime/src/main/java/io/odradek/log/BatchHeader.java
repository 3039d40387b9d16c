package io.odradek.log;

import java.nio.ByteBuffer;

/**
 * The header of a record batch of format v2, read and changed where it lies in a buffer: a view object per batch would
 * be the only allocation of an append. Base offset and leader epoch are outside the CRC and may be changed freely.
 */
final class BatchHeader {
    /** Base offset and length: what is before the bytes that {@link #length} counts. */
    static final int LOG_OVERHEAD = 12;
    /** Bytes of a whole header; the records follow. */
    static final int SIZE = 61;
    /** Enough of a header to know which offsets the batch has and where the next one begins. */
    static final int OFFSETS_SIZE = 27;

    static final int BASE_OFFSET_OFFSET = 0;
    static final int LENGTH_OFFSET = 8;
    static final int LEADER_EPOCH_OFFSET = 12;
    static final int MAGIC_OFFSET = 16;
    static final int CRC_OFFSET = 17;
    static final int ATTRIBUTES_OFFSET = 21;
    static final int BASE_TIMESTAMP_OFFSET = 27;
    static final int MAX_TIMESTAMP_OFFSET = 35;
    static final byte MAGIC = 2;

    static final int COMPRESSION = 0x07;
    static final int LOG_APPEND_TIME = 0x08;
    private static final int TRANSACTIONAL = 0x10;
    private static final int CONTROL = 0x20;
    static final int DELETE_HORIZON = 0x40;

    private BatchHeader() {}

    static long baseOffset(ByteBuffer b, int at) {
        return b.getLong(at);
    }

    static int length(ByteBuffer b, int at) {
        return b.getInt(at + LENGTH_OFFSET);
    }

    /** Bytes of the whole batch; long, because a damaged length may be anything. */
    static long sizeInBytes(ByteBuffer b, int at) {
        return (long) LOG_OVERHEAD + length(b, at);
    }

    static int leaderEpoch(ByteBuffer b, int at) {
        return b.getInt(at + LEADER_EPOCH_OFFSET);
    }

    static byte magic(ByteBuffer b, int at) {
        return b.get(at + MAGIC_OFFSET);
    }

    static int crc(ByteBuffer b, int at) {
        return b.getInt(at + CRC_OFFSET);
    }

    static short attributes(ByteBuffer b, int at) {
        return b.getShort(at + ATTRIBUTES_OFFSET);
    }

    static int compression(ByteBuffer b, int at) {
        return attributes(b, at) & COMPRESSION;
    }

    static boolean hasLogAppendTime(ByteBuffer b, int at) {
        return (attributes(b, at) & LOG_APPEND_TIME) != 0;
    }

    static boolean isTransactional(ByteBuffer b, int at) {
        return (attributes(b, at) & TRANSACTIONAL) != 0;
    }

    static boolean isControl(ByteBuffer b, int at) {
        return (attributes(b, at) & CONTROL) != 0;
    }

    static boolean hasDeleteHorizon(ByteBuffer b, int at) {
        return (attributes(b, at) & DELETE_HORIZON) != 0;
    }

    static int lastOffsetDelta(ByteBuffer b, int at) {
        return b.getInt(at + 23);
    }

    static long lastOffset(ByteBuffer b, int at) {
        return baseOffset(b, at) + lastOffsetDelta(b, at);
    }

    static long baseTimestamp(ByteBuffer b, int at) {
        return b.getLong(at + BASE_TIMESTAMP_OFFSET);
    }

    static long maxTimestamp(ByteBuffer b, int at) {
        return b.getLong(at + MAX_TIMESTAMP_OFFSET);
    }

    static long producerId(ByteBuffer b, int at) {
        return b.getLong(at + 43);
    }

    static short producerEpoch(ByteBuffer b, int at) {
        return b.getShort(at + 51);
    }

    static int baseSequence(ByteBuffer b, int at) {
        return b.getInt(at + 53);
    }

    /** Sequences wrap around at {@link Integer#MAX_VALUE}. */
    static int lastSequence(ByteBuffer b, int at) {
        var base = baseSequence(b, at);
        return base < 0 ? base : (int) ((base + (long) lastOffsetDelta(b, at)) & Integer.MAX_VALUE);
    }

    static int recordCount(ByteBuffer b, int at) {
        return b.getInt(at + 57);
    }
}
