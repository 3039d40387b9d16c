package io.odradek.log;

import java.nio.ByteBuffer;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * A look at the sizes that snappy data declares, before a decompressor believes them: snappy-java allocates whatever a
 * chunk says it inflates to, up to 2 GiB for a chunk of a few bytes.
 */
final class SnappyFraming {
    /** The longest copy, 64 bytes, takes three bytes: no honest chunk inflates further. */
    private static final int MAX_RATIO = 22;

    private static final byte[] MAGIC = {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
    private static final int MAGIC_START = 0x82534e41;
    private static final int HEADER_BYTES = 16;

    private SnappyFraming() {}

    /**
     * @param data snappy-java's framing, or one raw snappy block as librdkafka writes it
     * @throws InvalidRecordException if a declared size is impossible
     * @throws RecordTooLargeException if a chunk inflates to more than {@code maxBytes}
     */
    static void check(ByteBuffer data, long maxBytes) {
        if (data.limit() < HEADER_BYTES || !hasMagic(data)) {
            checkBlock(data, 0, data.limit(), maxBytes);
            return;
        }
        int position = HEADER_BYTES;
        while (data.limit() - position >= Integer.BYTES) {
            int size = data.getInt(position);
            if (size == MAGIC_START) { // streams may be concatenated
                position += HEADER_BYTES;
                continue;
            }
            position += Integer.BYTES;
            if (size < 0 || size > data.limit() - position) {
                throw new InvalidRecordException(
                        "Invalid snappy chunk of " + size + " bytes where " + (data.limit() - position) + " are left");
            }
            checkBlock(data, position, size, maxBytes);
            position += size;
        }
    }

    private static boolean hasMagic(ByteBuffer data) {
        for (int i = 0; i < MAGIC.length; i++) {
            if (data.get(i) != MAGIC[i]) {
                return false;
            }
        }
        return true;
    }

    private static void checkBlock(ByteBuffer data, int position, int size, long maxBytes) {
        long inflated = 0;
        for (int i = 0; i < Math.min(size, 5); i++) {
            int b = data.get(position + i);
            inflated |= (b & 0x7fL) << (7 * i);
            if (b >= 0) {
                break;
            }
        }
        if (inflated > (long) MAX_RATIO * size) {
            throw new InvalidRecordException("Invalid snappy chunk: " + size + " bytes cannot inflate to " + inflated);
        }
        if (inflated > maxBytes) {
            throw new RecordTooLargeException("A snappy chunk inflates to more than " + maxBytes + " bytes");
        }
    }
}
