package io.odradek.broker;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.apache.kafka.common.utils.ByteUtils;
import org.apache.kafka.common.utils.Crc32C;

/** A batch with one record whose value is very many zeros, made without ever holding them. */
final class ZipBomb {
    private static final int LENGTH_OFFSET = 8;
    private static final int CRC_OFFSET = 17;
    private static final int ATTRIBUTES_OFFSET = 21;
    private static final int RECORDS_OFFSET = 61;

    private ZipBomb() {}

    static ByteBuffer of(CompressionType type, int valueBytes) throws IOException {
        var header = BesiegedBroker.records("v").buffer();
        var out = new ByteBufferOutputStream(1 << 20);
        for (int i = 0; i < RECORDS_OFFSET; i++) {
            out.write(header.get(i));
        }
        var compression = Compression.of(type).build();
        try (var records = new DataOutputStream(compression.wrapForOutput(out, RecordBatch.MAGIC_VALUE_V2))) {
            ByteUtils.writeVarint(5 + ByteUtils.sizeOfVarint(valueBytes) + valueBytes, records);
            records.write(new byte[] {0, 0, 0, 1}); // attributes, timestamp and offset deltas, no key
            ByteUtils.writeVarint(valueBytes, records);
            var zeros = new byte[1 << 16];
            for (int left = valueBytes; left > 0; left -= zeros.length) {
                records.write(zeros, 0, Math.min(left, zeros.length));
            }
            records.write(0); // headers
        }
        return sealed(out.buffer().flip(), type);
    }

    private static ByteBuffer sealed(ByteBuffer batch, CompressionType type) {
        batch.putInt(LENGTH_OFFSET, batch.limit() - 12).putShort(ATTRIBUTES_OFFSET, type.id);
        int crc = (int) Crc32C.compute(batch, ATTRIBUTES_OFFSET, batch.limit() - ATTRIBUTES_OFFSET);
        return MemoryRecords.readableRecords(batch.putInt(CRC_OFFSET, crc)).buffer();
    }
}
