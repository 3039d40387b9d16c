package io.odradek.log;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.apache.kafka.common.utils.ByteUtils;

/**
 * Writes a batch anew with another compression. Keys, values and headers pass through as the bytes they are; timestamps
 * keep the base of the original batch, so their deltas stay true.
 */
final class BatchRewriter implements RecordSink {
    private final ByteBuffer original;
    private final Compression compression;
    private final int maxBatchBytes;
    private final ByteBufferOutputStream batch;
    private final OutputStream records;

    /** @param original from 0 to its limit exactly one batch */
    BatchRewriter(ByteBuffer original, Compression compression, int maxBatchBytes) {
        this.original = original;
        this.compression = compression;
        this.maxBatchBytes = maxBatchBytes;
        this.batch = new ByteBufferOutputStream(original.limit());
        batch.write(original.slice(0, BatchHeader.SIZE));
        this.records = compression.wrapForOutput(batch, RecordBatch.MAGIC_VALUE_V2);
    }

    @Override
    public boolean begin(int offsetDelta, long originalTimestampDelta, long restBytes) {
        if (tooLarge()) {
            return false;
        }
        // A producer that claims append time means its largest timestamp for all records; kept, as in Kafka.
        var timestampDelta = BatchHeader.hasLogAppendTime(original, 0)
                ? BatchHeader.maxTimestamp(original, 0) - BatchHeader.baseTimestamp(original, 0)
                : originalTimestampDelta;
        var size = 1 + ByteUtils.sizeOfVarlong(timestampDelta) + ByteUtils.sizeOfVarint(offsetDelta) + restBytes;
        var header = ByteBuffer.allocate(21);
        ByteUtils.writeVarint(Math.toIntExact(size), header);
        header.put((byte) 0);
        ByteUtils.writeVarlong(timestampDelta, header);
        ByteUtils.writeVarint(offsetDelta, header);
        write(header.array(), 0, header.position());
        return true;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        if (tooLarge()) {
            return; // Refused in the end anyway: a record that inflates enormously must not be held in memory.
        }
        try {
            records.write(bytes, offset, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // into memory: cannot happen
        }
    }

    private boolean tooLarge() {
        return batch.position() > maxBatchBytes;
    }

    /**
     * The new batch; its timestamp type, largest timestamp and CRC are still those of the original.
     *
     * @throws RecordTooLargeException if it is larger than allowed
     */
    ByteBuffer finish() {
        close();
        if (tooLarge()) {
            throw new RecordTooLargeException("Message batch size is " + batch.position()
                    + " bytes after recompression, which exceeds the maximum configured size of " + maxBatchBytes);
        }
        var result = batch.buffer().flip();
        result.putInt(BatchHeader.LENGTH_OFFSET, result.limit() - BatchHeader.LOG_OVERHEAD);
        var attributes = BatchHeader.attributes(original, 0) & ~(BatchHeader.COMPRESSION | BatchHeader.DELETE_HORIZON);
        result.putShort(BatchHeader.ATTRIBUTES_OFFSET, (short) (attributes | compression.type().id));
        return result;
    }

    /** Gives back what the compressor holds outside the heap. Idempotent. */
    void close() {
        try {
            records.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // into memory: cannot happen
        }
    }
}
