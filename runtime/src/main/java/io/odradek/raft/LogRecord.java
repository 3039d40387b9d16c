package io.odradek.raft;

import java.nio.ByteBuffer;

/**
 * One record of the log: payload length (4 bytes), CRC32C of the rest (4), term (8), index (8), type (1), payload. The bytes of
 * the payload belong to whoever made the record and must not change.
 *
 * @param index of the entry; of the first entry that {@link Type#TRUNCATE} removes; the commit index for {@link Type#COMMIT};
 *     0 for {@link Type#HARD_STATE}
 */
record LogRecord(Type type, long term, long index, byte[] payload, int offset, int length) {
    static final int HEADER = 25;
    private static final byte[] NOTHING = {};

    enum Type {
        /** A command for the state machine. */
        COMMAND(1),
        /** A command of jgroups-raft itself (membership). */
        INTERNAL(2),
        /** The term and, as payload, whom this node voted for in it. */
        HARD_STATE(3),
        /** The entry at the index and all after it are void: they conflicted with a leader's. */
        TRUNCATE(4),
        /** Entries up to the index are known to be committed. */
        COMMIT(5);

        private static final Type[] BY_CODE = {null, COMMAND, INTERNAL, HARD_STATE, TRUNCATE, COMMIT};
        private final byte code;

        Type(int code) {
            this.code = (byte) code;
        }
    }

    static LogRecord hardState(long term, byte[] vote) {
        return new LogRecord(Type.HARD_STATE, term, 0, vote, 0, vote.length);
    }

    static LogRecord truncate(long term, long index) {
        return new LogRecord(Type.TRUNCATE, term, index, NOTHING, 0, 0);
    }

    static LogRecord commit(long term, long index) {
        return new LogRecord(Type.COMMIT, term, index, NOTHING, 0, 0);
    }

    int encodedLength() {
        return HEADER + length;
    }

    void encode(ByteBuffer out) {
        int start = out.position();
        out.putInt(length).putInt(0).putLong(term).putLong(index).put(type.code);
        out.put(payload, offset, length);
        out.putInt(start + 4, Checksum.of(out.array(), out.arrayOffset() + start + 8, out.position() - start - 8));
    }

    /** Size of the record whose header starts the bytes at the position. */
    static int encodedLength(byte[] bytes, int position) {
        return HEADER + ByteBuffer.wrap(bytes).getInt(position);
    }

    /**
     * @param end of what may be read
     * @throws IllegalArgumentException when the bytes are no record
     */
    static LogRecord decode(byte[] bytes, int position, int end) {
        if (end - position < HEADER) {
            throw new IllegalArgumentException("record header cut");
        }
        var in = ByteBuffer.wrap(bytes);
        int length = in.getInt(position);
        if (length < 0 || length > end - position - HEADER) {
            throw new IllegalArgumentException("record length " + length);
        }
        if (Checksum.of(bytes, position + 8, HEADER - 8 + length) != in.getInt(position + 4)) {
            throw new IllegalArgumentException("record checksum");
        }
        int code = bytes[position + 24];
        if (code < 1 || code >= Type.BY_CODE.length) {
            throw new IllegalArgumentException("record type " + code);
        }
        return new LogRecord(
                Type.BY_CODE[code],
                in.getLong(position + 8),
                in.getLong(position + 16),
                bytes,
                position + HEADER,
                length);
    }

    byte[] copyOfPayload() {
        var copy = new byte[length];
        System.arraycopy(payload, offset, copy, 0, length);
        return copy;
    }
}
