package io.odradek.coordinator;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.AbstractRecords;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.TransactionResult;

/** Collects encoded records into one batch, so that many small operations cost one append. Used by one shard. */
final class BatchWriter {
    /** A buffer beyond this is not kept for the next batch. */
    private static final int KEPT_BUFFER_BYTES = 64 * 1024;

    private final Compression compression;
    private final List<SimpleRecord> records = new ArrayList<>();
    private int bytes;
    private ByteBuffer buffer = ByteBuffer.allocate(1024);

    BatchWriter(CompressionType compression) {
        this.compression = Compression.of(compression).build();
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    /** An upper bound of the size of a batch with these records. */
    static int batchBytes(List<SimpleRecord> records) {
        return AbstractRecords.estimateSizeInBytes(RecordBatch.MAGIC_VALUE_V2, CompressionType.NONE, records);
    }

    boolean fits(int moreBytes, int maxBatchBytes) {
        return bytes + moreBytes <= maxBatchBytes;
    }

    /** @param batchBytes as {@link #batchBytes} has it */
    void add(List<SimpleRecord> more, int batchBytes) {
        records.addAll(more);
        bytes += batchBytes;
    }

    /** All that was added since the last call. The buffer is good until the next call. */
    MemoryRecords take() {
        return build(RecordBatch.NO_PRODUCER_ID, RecordBatch.NO_PRODUCER_EPOCH, false);
    }

    /** As {@link #take}, as part of a producer's transaction. */
    MemoryRecords takeTransactional(long producerId, short producerEpoch) {
        return build(producerId, producerEpoch, true);
    }

    private MemoryRecords build(long producerId, short producerEpoch, boolean transactional) {
        if (buffer.capacity() < bytes) {
            buffer = ByteBuffer.allocate(bytes);
        }
        buffer.clear();
        var builder = new MemoryRecordsBuilder(
                buffer,
                RecordBatch.MAGIC_VALUE_V2,
                compression,
                TimestampType.CREATE_TIME,
                0,
                RecordBatch.NO_TIMESTAMP,
                producerId,
                producerEpoch,
                producerId == RecordBatch.NO_PRODUCER_ID ? RecordBatch.NO_SEQUENCE : 0,
                transactional,
                false,
                RecordBatch.NO_PARTITION_LEADER_EPOCH,
                buffer.capacity());
        records.forEach(builder::append);
        discard();
        var built = builder.build();
        if (buffer.capacity() > KEPT_BUFFER_BYTES) {
            buffer = ByteBuffer.allocate(1024);
        }
        return built;
    }

    /** Forgets what was collected. */
    void discard() {
        records.clear();
        bytes = 0;
    }

    static MemoryRecords marker(
            long timestampMs, long producerId, short producerEpoch, int coordinatorEpoch, TransactionResult result) {
        var type = result == TransactionResult.COMMIT ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
        return MemoryRecords.withEndTransactionMarker(
                timestampMs, producerId, producerEpoch, new EndTransactionMarker(type, coordinatorEpoch));
    }
}
