package io.odradek.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Whether bytes are a whole and undamaged record batch. */
final class BatchCheck {
    private BatchCheck() {}

    /**
     * Checks the batch at {@code at} against the buffer's limit, its CRC included.
     *
     * @return what is wrong with it, null if nothing is
     */
    static String problem(ByteBuffer b, int at) {
        var available = b.limit() - at;
        if (available < BatchHeader.SIZE) {
            return "is cut off within its header";
        }
        var size = BatchHeader.sizeInBytes(b, at);
        if (size < BatchHeader.SIZE) {
            return "has the impossible size " + size;
        }
        if (BatchHeader.magic(b, at) != BatchHeader.MAGIC) {
            return "has the unknown magic " + BatchHeader.magic(b, at);
        }
        if (size > available) {
            return "is cut off after " + available + " of " + size + " bytes";
        }
        if (BatchHeader.baseOffset(b, at) < 0 || BatchHeader.lastOffsetDelta(b, at) < 0) {
            return "has impossible offsets";
        }
        var crc = new CRC32C();
        crc.update(b.duplicate().limit(at + (int) size).position(at + BatchHeader.ATTRIBUTES_OFFSET));
        if ((int) crc.getValue() != BatchHeader.crc(b, at)) {
            return "fails its checksum";
        }
        return null;
    }
}
