package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.junit.jupiter.api.Test;

class CompactionFilterTest {
    private static final long NOW_MS = 1_000_000;
    private static final long RETENTION_MS = 100;

    private final KeyOffsets keys = new KeyOffsets(1 << 10, 0.9, 20);

    @Test
    void aTombstoneGetsItsHorizonWhenFirstSeen() {
        keys.coverUpTo(5);
        var kept = filter(tombstone(5, RecordBatch.NO_TIMESTAMP), 100);
        assertEquals(NOW_MS + RETENTION_MS, kept.get(0).deleteHorizonMs().getAsLong());
        assertEquals(NOW_MS - 7, kept.get(0).iterator().next().timestamp(), "its own time stays");
    }

    @Test
    void aTombstoneGoesAtItsHorizon() {
        keys.coverUpTo(5);
        assertEquals(1, filter(tombstone(5, NOW_MS + 1), 100).size());
        assertEquals(0, filter(tombstone(5, NOW_MS), 100).size());
    }

    /** The key's older value may be in front of it still: without the tombstone it would be alive again. */
    @Test
    void aTombstoneBeyondTheMapStaysHoweverOld() {
        keys.coverUpTo(4);
        assertEquals(1, filter(tombstone(5, NOW_MS - 1), 100).size());
    }

    @Test
    void theLastBatchOfTheRangeStaysEmpty() {
        keys.coverUpTo(5);
        var kept = filter(tombstone(5, NOW_MS - 1), 6);
        assertEquals(0, kept.get(0).countOrNull());
        assertEquals(5, kept.get(0).lastOffset());
    }

    private List<MutableRecordBatch> filter(MemoryRecords records, long endOffset) {
        var filter = new CompactionFilter(
                keys, new CleanedTransactions(txn -> {}), Map.of(), endOffset, NOW_MS, RETENTION_MS);
        var output = records.filterTo(filter, ByteBuffer.allocate(1000), BufferSupplier.NO_CACHING)
                .outputBuffer()
                .flip();
        var result = new ArrayList<MutableRecordBatch>();
        MemoryRecords.readableRecords(output).batches().forEach(result::add);
        return result;
    }

    private static MemoryRecords tombstone(long offset, long deleteHorizonMs) {
        var builder = new MemoryRecordsBuilder(
                new ByteBufferOutputStream(200),
                RecordBatch.MAGIC_VALUE_V2,
                Compression.NONE,
                TimestampType.CREATE_TIME,
                offset,
                RecordBatch.NO_TIMESTAMP,
                RecordBatch.NO_PRODUCER_ID,
                RecordBatch.NO_PRODUCER_EPOCH,
                RecordBatch.NO_SEQUENCE,
                false,
                false,
                0,
                200,
                deleteHorizonMs);
        builder.append(NOW_MS - 7, "k".getBytes(), null);
        return builder.build();
    }
}
