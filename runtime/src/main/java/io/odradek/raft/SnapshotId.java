package io.odradek.raft;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Which snapshot: two of the same id are the same bytes, whichever node has them.
 *
 * @param index of the last entry that it covers
 * @param term of that entry
 * @param length of its content, in bytes
 * @param crc CRC32C of its content
 */
record SnapshotId(long index, long term, int length, int crc) {
    static final SnapshotId NONE = new SnapshotId(0, 0, 0, 0);

    byte[] encode() {
        return ByteBuffer.allocate(2 * Long.BYTES + 2 * Integer.BYTES)
                .putLong(index)
                .putLong(term)
                .putInt(length)
                .putInt(crc)
                .array();
    }

    /** Empty for what is none. */
    static Optional<SnapshotId> decode(byte[] bytes, int offset, int size) {
        var in = ByteBuffer.wrap(bytes, offset, size);
        try {
            var id = new SnapshotId(in.getLong(), in.getLong(), in.getInt(), in.getInt());
            return id.index > 0 && id.length > 0 ? Optional.of(id) : Optional.empty();
        } catch (BufferUnderflowException e) {
            return Optional.empty();
        }
    }
}
