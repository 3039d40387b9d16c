package io.odradek.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Record batches as clients and coordinators send them. */
final class Batches {
    private Batches() {}

    static MemoryRecords plain(long timestamp, String... values) {
        return MemoryRecords.withRecords(Compression.NONE, records(timestamp, values));
    }

    static MemoryRecords plain(long timestamp, int records, int valueBytes) {
        var result = new SimpleRecord[records];
        for (int i = 0; i < records; i++) {
            result[i] = new SimpleRecord(timestamp + i, null, new byte[valueBytes]);
        }
        return MemoryRecords.withRecords(Compression.NONE, result);
    }

    static MemoryRecords compressed(Compression compression, long timestamp, String... values) {
        return MemoryRecords.withRecords(compression, records(timestamp, values));
    }

    static MemoryRecords idempotent(long producerId, int epoch, int sequence, long timestamp, String... values) {
        return MemoryRecords.withIdempotentRecords(
                Compression.NONE, producerId, (short) epoch, sequence, records(timestamp, values));
    }

    static MemoryRecords transactional(long producerId, int epoch, int sequence, long timestamp, String... values) {
        return MemoryRecords.withTransactionalRecords(
                Compression.NONE, producerId, (short) epoch, sequence, records(timestamp, values));
    }

    static MemoryRecords marker(long producerId, int epoch, int coordinatorEpoch, boolean commit, long timestamp) {
        return MemoryRecords.withEndTransactionMarker(
                timestamp,
                producerId,
                (short) epoch,
                new EndTransactionMarker(
                        commit ? ControlRecordType.COMMIT : ControlRecordType.ABORT, coordinatorEpoch));
    }

    /** As a follower gets them: with offsets and epoch. */
    static MemoryRecords replicated(long baseOffset, int leaderEpoch, long timestamp, String... values) {
        return MemoryRecords.withRecords(baseOffset, Compression.NONE, leaderEpoch, records(timestamp, values));
    }

    static MemoryRecords concat(MemoryRecords... parts) {
        var bytes = ByteBuffer.allocate(
                List.of(parts).stream().mapToInt(MemoryRecords::sizeInBytes).sum());
        for (var part : parts) {
            bytes.put(part.buffer());
        }
        return MemoryRecords.readableRecords(bytes.flip());
    }

    private static SimpleRecord[] records(long timestamp, String... values) {
        var result = new SimpleRecord[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = new SimpleRecord(timestamp + i, null, values[i].getBytes());
        }
        return result;
    }

    /** {@code offset:value} of each data record, control batches left out. */
    static List<String> contents(MemoryRecords records) {
        var result = new ArrayList<String>();
        for (var batch : records.batches()) {
            batch.ensureValid();
            if (!batch.isControlBatch()) {
                for (Record record : batch) {
                    var value = new byte[record.valueSize()];
                    record.value().get(value);
                    result.add(record.offset() + ":" + new String(value));
                }
            }
        }
        return result;
    }
}
