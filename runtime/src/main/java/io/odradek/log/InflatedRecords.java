package io.odradek.log;

import java.io.InputStream;
import java.nio.ByteBuffer;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.Utils;

/**
 * Walks the records of a batch as they come out of its decompressor, with the same checks as {@link PlainRecords}. No
 * record is ever held as a whole. Not thread-safe: the buffers belong to one thread.
 */
final class InflatedRecords {
    private static final int WINDOW_BYTES = 32 * 1024;

    private final BufferSupplier decompressionBuffers = BufferSupplier.create();
    private final byte[] window = new byte[WINDOW_BYTES];

    /**
     * Checks the records of a batch of any compression, and hands them to {@code sink} as long as none was refused.
     *
     * @param batch from 0 to its limit exactly one batch
     * @param maxInflatedBytes what the records may inflate to
     * @throws InvalidRecordException if it does not inflate to as many whole records as it declares, and nothing else
     * @throws org.apache.kafka.common.errors.RecordTooLargeException if it inflates beyond the limit
     */
    void check(ByteBuffer batch, CompressionType type, long maxInflatedBytes, RecordChecks checks, RecordSink sink) {
        var compressed = batch.slice(BatchHeader.SIZE, batch.limit() - BatchHeader.SIZE);
        if (type == CompressionType.SNAPPY) {
            SnappyFraming.check(compressed, maxInflatedBytes);
        }
        var stream = open(compressed, type);
        try {
            walk(new InflatedInput(stream, window, maxInflatedBytes), BatchHeader.recordCount(batch, 0), checks, sink);
        } finally {
            Utils.closeQuietly(stream, "record stream");
        }
    }

    private InputStream open(ByteBuffer compressed, CompressionType type) {
        try {
            return Compression.of(type)
                    .build()
                    .wrapForInput(compressed, RecordBatch.MAGIC_VALUE_V2, decompressionBuffers);
        } catch (RuntimeException e) {
            throw new InvalidRecordException("Failed to decompress record stream", e);
        }
    }

    private void walk(InflatedInput in, int count, RecordChecks checks, RecordSink sink) {
        for (int index = 0; index < count; index++) {
            var size = in.varint();
            var start = in.position();
            if (size < 0) {
                throw new InvalidRecordException("Invalid record size: " + size);
            }
            var end = start + size;
            in.next(); // attributes: none is defined
            var timestampDelta = in.varlong();
            var offsetDelta = in.varint();
            var wanted = sink.begin(index, timestampDelta, end - in.position());
            if (wanted) {
                in.tap(sink);
            }
            var keySize = in.varint();
            skip(in, keySize, end);
            skip(in, in.varint(), end);
            skipHeaders(in, in.varint(), end);
            if (in.position() != end) {
                throw new InvalidRecordException("Invalid record size: " + size + " bytes declared, "
                        + (in.position() - start) + " bytes found");
            }
            if (wanted) {
                in.untap();
            }
            checks.record(index, offsetDelta, timestampDelta, keySize >= 0);
            if (checks.anyRefused()) {
                sink = RecordSink.NONE;
            }
        }
        if (!in.atEnd()) {
            throw new InvalidRecordException("Incorrect declared batch size, records still remaining");
        }
    }

    private static void skipHeaders(InflatedInput in, int headers, long end) {
        if (headers < 0 || headers > end - in.position()) {
            throw new InvalidRecordException("Found invalid number of record headers " + headers);
        }
        for (int i = 0; i < headers; i++) {
            var keySize = in.varint();
            if (keySize < 0) {
                throw new InvalidRecordException("Invalid negative header key size " + keySize);
            }
            skip(in, keySize, end);
            skip(in, in.varint(), end);
        }
    }

    private static void skip(InflatedInput in, int size, long end) {
        if (size > end - in.position()) {
            throw new InvalidRecordException("Found invalid record structure: a field of " + size + " bytes where "
                    + (end - in.position()) + " are left");
        }
        if (size > 0) {
            in.skip(size);
        }
    }
}
