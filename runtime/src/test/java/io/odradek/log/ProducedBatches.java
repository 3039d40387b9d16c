package io.odradek.log;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32C;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;

/** Batches as producers send them, good ones, and the same with one thing wrong. */
final class ProducedBatches {
    static final long NOW_MS = 1_700_000_000_000L;

    private final Random random;

    ProducedBatches(Random random) {
        this.random = random;
    }

    ByteBuffer good() {
        var type = CompressionType.values()[random.nextInt(CompressionType.values().length)];
        var idempotent = random.nextInt(3) == 0;
        var buffer = ByteBuffer.allocate(64 * 1024);
        var builder = MemoryRecords.builder(
                buffer,
                RecordBatch.MAGIC_VALUE_V2,
                Compression.of(type).build(),
                TimestampType.CREATE_TIME,
                0L,
                RecordBatch.NO_TIMESTAMP,
                idempotent ? random.nextInt(1000) : RecordBatch.NO_PRODUCER_ID,
                idempotent ? (short) random.nextInt(5) : RecordBatch.NO_PRODUCER_EPOCH,
                idempotent ? random.nextInt(100) : RecordBatch.NO_SEQUENCE,
                idempotent && random.nextBoolean(),
                -1);
        var keyed = random.nextInt(4) != 0;
        var aged = random.nextInt(4) == 0;
        for (int n = 1 + random.nextInt(random.nextBoolean() ? 4 : 40); n > 0; n--) {
            builder.append(
                    timestamp(aged),
                    keyed || random.nextInt(3) != 0 ? bytes(20) : null,
                    random.nextInt(6) == 0 ? null : bytes(random.nextInt(8) == 0 ? 2000 : 100),
                    headers());
        }
        return builder.build().buffer().duplicate();
    }

    private long timestamp(boolean aged) {
        if (random.nextInt(10) == 0) {
            return RecordBatch.NO_TIMESTAMP;
        }
        return NOW_MS
                + (aged && random.nextInt(4) == 0 ? random.nextInt(20_000_000) - 10_000_000 : -random.nextInt(5000));
    }

    private Header[] headers() {
        var headers = new Header[random.nextInt(4) == 0 ? random.nextInt(4) : 0];
        for (int i = 0; i < headers.length; i++) {
            headers[i] = new RecordHeader("h" + random.nextInt(100), random.nextInt(4) == 0 ? null : bytes(30));
        }
        return headers;
    }

    private byte[] bytes(int max) {
        var bytes = new byte[random.nextInt(max + 1)];
        if (random.nextBoolean()) {
            random.nextBytes(bytes);
        }
        return bytes;
    }

    /** One thing wrong; the CRC is right in most cases, so that what is behind it is reached. */
    ByteBuffer broken() {
        var batch = good();
        var size = batch.limit();
        switch (random.nextInt(16)) {
            case 0 -> batch.put(BatchHeader.MAGIC_OFFSET, (byte) (random.nextInt(5) - 1));
            case 1 -> flipBit(batch, random.nextInt(size));
            case 2 -> withCrc(batch, () -> batch.putInt(57, nearby(batch.getInt(57))));
            case 3 -> withCrc(batch, () -> batch.putInt(23, nearby(batch.getInt(23))));
            case 4 ->
                withCrc(batch, () -> {
                    var count = Math.max(0, nearby(batch.getInt(57)));
                    batch.putInt(57, count).putInt(23, count - 1);
                });
            case 5 -> withCrc(batch, () -> batch.putLong(35, NOW_MS + random.nextInt(100)));
            case 6 -> withCrc(batch, () -> batch.putShort(21, (short) (batch.getShort(21) ^ (1 << random.nextInt(8)))));
            case 7 -> withCrc(batch, () -> batch.putInt(53, -1 - random.nextInt(2)));
            case 8 -> batch.putInt(8, random.nextInt(4) == 0 ? random.nextInt() : nearby(batch.getInt(8)));
            case 9 -> batch.putLong(0, random.nextInt(3));
            case 10 -> {
                return concat(batch, good());
            }
            case 11 -> {
                return concat(batch, good().limit(random.nextInt(70)));
            }
            case 12 -> {
                return batch.limit(random.nextInt(size)).slice();
            }
            case 13 -> {
                return misnumbered();
            }
            default -> withCrc(batch, () -> flipBit(batch, 61 + random.nextInt(size - 61)));
        }
        return batch;
    }

    private ByteBuffer misnumbered() {
        var type = CompressionType.values()[random.nextInt(CompressionType.values().length)];
        var builder = MemoryRecords.builder(
                ByteBuffer.allocate(4096), Compression.of(type).build(), TimestampType.CREATE_TIME, 0L);
        var count = 2 + random.nextInt(5);
        long offset = random.nextInt(3);
        for (int i = 0; i < count; i++) {
            builder.appendWithOffset(offset, timestamp(false), bytes(5), bytes(50));
            offset += 1 + random.nextInt(3);
        }
        var batch = builder.build().buffer().duplicate();
        withCrc(batch, () -> batch.putInt(23, count - 1));
        return batch;
    }

    private int nearby(int value) {
        return value + (random.nextBoolean() ? 1 : -1) * (1 + random.nextInt(3));
    }

    private void flipBit(ByteBuffer batch, int at) {
        batch.put(at, (byte) (batch.get(at) ^ (1 << random.nextInt(8))));
    }

    private static void withCrc(ByteBuffer batch, Runnable change) {
        change.run();
        fixCrc(batch);
    }

    static void fixCrc(ByteBuffer batch) {
        var crc = new CRC32C();
        crc.update(batch.slice(21, batch.limit() - 21));
        batch.putInt(17, (int) crc.getValue());
    }

    private static ByteBuffer concat(ByteBuffer a, ByteBuffer b) {
        return ByteBuffer.allocate(a.remaining() + b.remaining())
                .put(a.duplicate())
                .put(b)
                .flip();
    }
}
