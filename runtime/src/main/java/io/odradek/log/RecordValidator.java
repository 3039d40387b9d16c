package io.odradek.log;

import io.odradek.config.LogConfig;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnsupportedCompressionTypeException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * Decides whether records may be appended by a leader, and makes them ready for it. Answers as Apache Kafka 4.3 does
 * (its request check, log analysis and log validator together), with these differences:
 *
 * <ul>
 *   <li>Records whose offsets are not 0, 1, 2, … relative to their batch are {@code INVALID_RECORD}. Kafka stores them as
 *       they are in an uncompressed batch, where consumers see an offset twice or never; renumbers them when it
 *       recompresses; and fails with {@code UNKNOWN_SERVER_ERROR} on any other compressed batch.
 *   <li>In a compressed batch the declared size of each record must be true. Kafka looks at it only when it has to
 *       recompress; else it stores what no consumer can read.
 *   <li>What makes Kafka fail with {@code UNKNOWN_SERVER_ERROR} has a name: records that do not decompress are {@code
 *       INVALID_RECORD}, an unknown compression is {@code UNSUPPORTED_COMPRESSION_TYPE}, a batch smaller than its header
 *       is {@code CORRUPT_MESSAGE}.
 *   <li>A batch that inflates beyond a limit is refused with {@code MESSAGE_TOO_LARGE}, on which a producer splits it.
 *       Kafka has no such limit, and a zip bomb of 1 MB keeps it busy for as long as it takes to inflate 32 GB.
 * </ul>
 *
 * <p>Thread-safe. Whatever the records claim, a call holds at most a few buffers of fixed size (one set for each thread
 * that meets compressed records) and, when it must recompress, the new batch, at most about twice {@code
 * max.message.bytes}. Nothing here needs the log's lock.
 */
final class RecordValidator {
    /**
     * What a batch may inflate to unless {@code odradek.max.decompressed.batch.bytes} says otherwise: 128 MiB. A producer
     * cannot reach it honestly: the Java client bounds a record by {@code max.request.size} (1 MiB) and all records that
     * it holds by {@code buffer.memory} (32 MiB), librdkafka a batch by {@code message.max.bytes} (1 MB) before
     * compression. Inflating this much takes a fraction of a second, which bounds what a malicious megabyte can cost. A
     * topic whose {@code max.message.bytes} is larger has that as its limit.
     */
    static final long DEFAULT_MAX_DECOMPRESSED_BATCH_BYTES = 128L * 1024 * 1024;

    /** Kafka's oldest record header; a shorter "batch" is no record of any format. */
    private static final int MIN_LENGTH = 14;

    private final long maxDecompressedBatchBytes;
    private final ThreadLocal<InflatedRecords> inflated = ThreadLocal.withInitial(InflatedRecords::new);

    /** @param maxDecompressedBatchBytes what the records of one compressed batch may take uncompressed */
    RecordValidator(long maxDecompressedBatchBytes) {
        this.maxDecompressedBatchBytes = maxDecompressedBatchBytes;
    }

    /**
     * Checks the one batch in {@code records} and sets its timestamps as the topic wants them, in place: the buffer must
     * be writable and belongs to the result from now on. A torn batch after it is ignored, as in Kafka.
     *
     * @param origin anything but {@link AppendOrigin#REPLICATION}, for such records are appended as they are
     * @param nowMs the append time in ms since the epoch
     * @throws org.apache.kafka.common.errors.ApiException the error for the client
     * @throws RecordValidationException the error for the client, with the records at fault
     */
    ValidatedRecords validate(MemoryRecords records, LogConfig config, AppendOrigin origin, long nowMs) {
        var batch = onlyBatch(records.buffer());
        if (origin == AppendOrigin.CLIENT && BatchHeader.baseOffset(batch, 0) != 0) {
            throw new InvalidRecordException(
                    "The baseOffset of the record batch should be 0, but it is " + BatchHeader.baseOffset(batch, 0));
        }
        if (batch.limit() > config.maxMessageBytes()) {
            throw new RecordTooLargeException("The record batch size in the append is " + batch.limit()
                    + " bytes which exceeds the maximum configured value of " + config.maxMessageBytes());
        }
        if (BatchHeader.crc(batch, 0) != crc(batch)) {
            throw new CorruptRecordException(
                    "Record is corrupt (stored crc = " + Integer.toUnsignedLong(BatchHeader.crc(batch, 0)) + ")");
        }
        checkHeader(batch, origin);
        return checkRecords(batch, config, nowMs);
    }

    /** The first batch from 0 to its limit, and sure to have a whole header of magic 2. */
    private static ByteBuffer onlyBatch(ByteBuffer records) {
        var size = batchSize(records, 0);
        if (size < 0) {
            throw new InvalidRecordException("There must be at least one record batch per partition");
        }
        if (BatchHeader.magic(records, 0) != RecordBatch.MAGIC_VALUE_V2) {
            throw new InvalidRecordException("Only record batches with magic version 2 are allowed");
        }
        if (batchSize(records, size) >= 0) {
            throw new InvalidRecordException("There must be exactly one record batch per partition");
        }
        if (size < BatchHeader.SIZE) {
            throw new CorruptRecordException("Record batch is corrupt (the size " + size
                    + " is smaller than the minimum allowed overhead " + BatchHeader.SIZE + ")");
        }
        return records.slice(0, size);
    }

    /** -1 if there is no whole batch at {@code position}. */
    private static int batchSize(ByteBuffer records, int position) {
        var remaining = records.limit() - position;
        if (remaining < BatchHeader.LOG_OVERHEAD) {
            return -1;
        }
        var length = BatchHeader.length(records, position);
        if (length < MIN_LENGTH) {
            throw new CorruptRecordException("Record size " + length + " is less than the minimum record overhead");
        }
        if (remaining <= BatchHeader.MAGIC_OFFSET) {
            return -1;
        }
        var magic = BatchHeader.magic(records, position);
        if (magic < 0 || magic > RecordBatch.CURRENT_MAGIC_VALUE) {
            throw new CorruptRecordException("Invalid magic found in record: " + magic);
        }
        return length > remaining - BatchHeader.LOG_OVERHEAD ? -1 : length + BatchHeader.LOG_OVERHEAD;
    }

    private static void checkHeader(ByteBuffer batch, AppendOrigin origin) {
        var count = BatchHeader.recordCount(batch, 0);
        var lastOffsetDelta = BatchHeader.lastOffsetDelta(batch, 0);
        if (count <= 0 || lastOffsetDelta != count - 1) {
            throw new InvalidRecordException(
                    "Inconsistent batch offset range [0, " + lastOffsetDelta + "] and count of records " + count);
        }
        if (origin != AppendOrigin.CLIENT) {
            return;
        }
        if (BatchHeader.isControl(batch, 0)) {
            throw new InvalidRecordException("Clients are not allowed to write control records");
        }
        var producerId = BatchHeader.producerId(batch, 0);
        if (producerId > RecordBatch.NO_PRODUCER_ID && BatchHeader.baseSequence(batch, 0) < 0) {
            throw new InvalidRecordException("Invalid sequence number " + BatchHeader.baseSequence(batch, 0)
                    + " in record batch with producerId " + producerId);
        }
    }

    private ValidatedRecords checkRecords(ByteBuffer batch, LogConfig config, long nowMs) {
        var source = compressionType(batch);
        var target = target(batch, source, config);
        if (target.type() != source) {
            return rewrite(batch, source, target, config, nowMs);
        }
        var checks = new RecordChecks(batch, config, nowMs);
        if (source == CompressionType.NONE) {
            PlainRecords.check(batch, BatchHeader.recordCount(batch, 0), checks);
        } else {
            inflated.get().check(batch, source, maxInflatedBytes(config), checks, RecordSink.NONE);
        }
        checks.throwIfAnyRefused();
        return finish(batch, batch, checks, config, nowMs);
    }

    private ValidatedRecords rewrite(
            ByteBuffer batch, CompressionType source, Compression target, LogConfig config, long nowMs) {
        var checks = new RecordChecks(batch, config, nowMs);
        var rewriter = new BatchRewriter(batch, target, config.maxMessageBytes());
        try {
            inflated.get().check(batch, source, maxInflatedBytes(config), checks, rewriter);
            checks.throwIfAnyRefused();
            return finish(batch, rewriter.finish(), checks, config, nowMs);
        } finally {
            rewriter.close();
        }
    }

    private static ValidatedRecords finish(
            ByteBuffer original, ByteBuffer batch, RecordChecks checks, LogConfig config, long nowMs) {
        var appendTime = config.timestampType() == TimestampType.LOG_APPEND_TIME;
        var maxTimestamp = appendTime ? nowMs : checks.maxTimestamp();
        var attributes = BatchHeader.attributes(batch, 0) & ~BatchHeader.LOG_APPEND_TIME
                | (appendTime ? BatchHeader.LOG_APPEND_TIME : 0);
        if (batch != original
                || attributes != BatchHeader.attributes(batch, 0)
                || maxTimestamp != BatchHeader.maxTimestamp(batch, 0)) {
            batch.putShort(BatchHeader.ATTRIBUTES_OFFSET, (short) attributes);
            batch.putLong(BatchHeader.MAX_TIMESTAMP_OFFSET, maxTimestamp);
            batch.putInt(BatchHeader.CRC_OFFSET, crc(batch));
        }
        return new ValidatedRecords(
                batch, BatchHeader.recordCount(batch, 0), maxTimestamp, appendTime ? nowMs : RecordBatch.NO_TIMESTAMP);
    }

    private static CompressionType compressionType(ByteBuffer batch) {
        var id = BatchHeader.compression(batch, 0);
        if (id > CompressionType.ZSTD.id) {
            throw new UnsupportedCompressionTypeException("Unknown compression type id: " + id);
        }
        return CompressionType.forId(id);
    }

    private static Compression target(ByteBuffer batch, CompressionType source, LogConfig config) {
        var control = BatchHeader.isControl(batch, 0);
        if (config.compression().isEmpty() || control && source == CompressionType.NONE) {
            return Compression.of(source).build();
        }
        return config.compression().get();
    }

    private long maxInflatedBytes(LogConfig config) {
        return Math.max(maxDecompressedBatchBytes, config.maxMessageBytes());
    }

    private static int crc(ByteBuffer batch) {
        var crc = new CRC32C();
        crc.update(batch.slice(BatchHeader.ATTRIBUTES_OFFSET, batch.limit() - BatchHeader.ATTRIBUTES_OFFSET));
        return (int) crc.getValue();
    }
}
