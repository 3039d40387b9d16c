package io.odradek.api;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Record batches for tests. */
final class Batches {
    /** Of the first record of each batch; the others follow by a millisecond. */
    static final long TIMESTAMP = 1_700_000_000_000L;

    private Batches() {}

    static MemoryRecords of(String... values) {
        return of(Compression.NONE, values);
    }

    static MemoryRecords of(Compression compression, String... values) {
        return MemoryRecords.withRecords(compression, simple(values));
    }

    static MemoryRecords idempotent(long producerId, int epoch, int sequence, String... values) {
        return MemoryRecords.withIdempotentRecords(
                Compression.NONE, producerId, (short) epoch, sequence, simple(values));
    }

    static MemoryRecords transactional(long producerId, int epoch, int sequence, String... values) {
        return MemoryRecords.withTransactionalRecords(
                Compression.NONE, producerId, (short) epoch, sequence, simple(values));
    }

    static MemoryRecords marker(long producerId, int epoch, ControlRecordType type) {
        return MemoryRecords.withEndTransactionMarker(
                0, TIMESTAMP, 0, producerId, (short) epoch, new EndTransactionMarker(type, 0));
    }

    /** One after the other in one buffer. */
    static MemoryRecords concat(MemoryRecords... batches) {
        var buffer = ByteBuffer.allocate(1 << 16);
        for (var batch : batches) {
            buffer.put(batch.buffer());
        }
        return MemoryRecords.readableRecords(buffer.flip());
    }

    static List<String> values(MemoryRecords records) {
        var values = new ArrayList<String>();
        for (Record record : records.records()) {
            var bytes = new byte[record.valueSize()];
            record.value().get(bytes);
            values.add(new String(bytes));
        }
        return values;
    }

    private static SimpleRecord[] simple(String... values) {
        var records = new SimpleRecord[values.length];
        for (int i = 0; i < values.length; i++) {
            records[i] = new SimpleRecord(TIMESTAMP + i, ("k" + i).getBytes(), values[i].getBytes());
        }
        return records;
    }
}
