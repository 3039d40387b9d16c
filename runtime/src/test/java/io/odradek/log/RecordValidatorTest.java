package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.config.LogConfig;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordValidatorTest {
    private static final long NOW_MS = 1_700_000_000_000L;
    private static final int BOMB_BYTES = 64 * 1024 * 1024;

    private final RecordValidator validator = new RecordValidator(RecordValidator.DEFAULT_MAX_DECOMPRESSED_BATCH_BYTES);

    @Test
    void acceptsInPlaceWithoutACopy() {
        var buffer = records(CompressionType.NONE, record("k", "v"), record("l", "w"))
                .buffer();
        var validated = validate(buffer, LogConfig.defaults());
        validated.assignOffsets(41, 3);
        assertEquals(41, buffer.getLong(0), "the buffer handed in is the one that is written");
        assertEquals(3, buffer.getInt(12));
        assertEquals(42, validated.lastOffset());
        assertEquals(NOW_MS, validated.maxTimestamp());
        assertEquals(-1, validated.logAppendTimeMs());
    }

    @Test
    void givesAppendTimeInPlace() {
        var buffer = records(CompressionType.LZ4, record("k", "v")).buffer();
        var config = LogConfig.of(Map.of(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime"));
        var validated =
                validator.validate(MemoryRecords.readableRecords(buffer), config, AppendOrigin.CLIENT, NOW_MS + 5);
        assertEquals(NOW_MS + 5, validated.logAppendTimeMs());
        var batch = validated.records().batches().iterator().next();
        assertTrue(batch.isValid());
        assertEquals(TimestampType.LOG_APPEND_TIME, batch.timestampType());
        assertEquals(NOW_MS + 5, batch.iterator().next().timestamp());
    }

    @Test
    void namesTheRecordsAtFault() {
        var config = LogConfig.of(Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, "compact"));
        var batch = records(CompressionType.NONE, record("k", "v"), record(null, "v"), record(null, "w"));
        var e = assertThrows(RecordValidationException.class, () -> validate(batch.buffer(), config));
        assertInstanceOf(InvalidRecordException.class, e.error());
        assertEquals(2, e.recordErrors().size());
        assertEquals(1, e.recordErrors().get(0).batchIndex);
        assertEquals(2, e.recordErrors().get(1).batchIndex);
    }

    @Test
    void listsABoundedNumberOfFaults() {
        var config = LogConfig.of(Map.of(TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG, "0"));
        var many = new SimpleRecord[10_000];
        Arrays.fill(many, new SimpleRecord(NOW_MS + 1, null, new byte[0]));
        var batch = records(CompressionType.ZSTD, many);
        var e = assertThrows(RecordValidationException.class, () -> validate(batch.buffer(), config));
        assertInstanceOf(InvalidTimestampException.class, e.error());
        assertEquals(RecordChecks.MAX_RECORD_ERRORS, e.recordErrors().size());
    }

    @Test
    void onlyCoordinatorsWriteControlBatches() {
        var marker = MemoryRecords.withEndTransactionMarker(
                        7L, (short) 1, new EndTransactionMarker(ControlRecordType.COMMIT, 0))
                .buffer();
        assertThrows(InvalidRecordException.class, () -> validate(marker.duplicate(), LogConfig.defaults()));
        var compressing = LogConfig.of(Map.of(TopicConfig.COMPRESSION_TYPE_CONFIG, "zstd"));
        var validated = validator.validate(
                MemoryRecords.readableRecords(marker),
                compressing,
                AppendOrigin.COORDINATOR,
                System.currentTimeMillis()); // kafka-clients stamps markers with the real clock
        assertSame(
                CompressionType.NONE,
                validated.records().batches().iterator().next().compressionType());
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressionType.class,
            names = {"NONE"},
            mode = EnumSource.Mode.EXCLUDE)
    void stopsInflatingAtTheLimit(CompressionType type) {
        var bomb = bomb(type);
        var config = LogConfig.of(Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(bomb.limit())));
        var limited = new RecordValidator(BOMB_BYTES / 2);
        assertThrows(
                RecordTooLargeException.class,
                () -> limited.validate(
                        MemoryRecords.readableRecords(bomb.duplicate()), config, AppendOrigin.CLIENT, NOW_MS));
        // Below the limit it is an honest batch.
        validator.validate(MemoryRecords.readableRecords(bomb), config, AppendOrigin.CLIENT, NOW_MS);
    }

    @Test
    void neverHoldsAnInflatedRecordToRecompressIt() {
        var bomb = bomb(CompressionType.ZSTD);
        var config = LogConfig.of(Map.of(TopicConfig.COMPRESSION_TYPE_CONFIG, "uncompressed"));
        assertThrows(RecordTooLargeException.class, () -> validate(bomb, config));
    }

    @Test
    void doesNotBelieveSnappyChunks() {
        var block = new ByteArrayOutputStream();
        block.writeBytes(new byte[] {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1});
        // One chunk of six bytes that says it inflates to 2 GiB.
        block.writeBytes(new byte[] {0, 0, 0, 6, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 7, 0});
        var good = records(CompressionType.SNAPPY, record("k", "v")).buffer();
        var batch = ByteBuffer.allocate(61 + block.size())
                .put(good.slice(0, 61))
                .put(block.toByteArray())
                .flip();
        batch.putInt(8, batch.limit() - 12);
        ProducedBatches.fixCrc(batch);
        assertThrows(InvalidRecordException.class, () -> validate(batch, LogConfig.defaults()));
    }

    @Test
    void refusesATornHeaderThatSaysItIsWhole() {
        var batch = records(CompressionType.NONE, record("k", "v")).buffer().slice(0, 30);
        batch.putInt(8, 18);
        assertThrows(CorruptRecordException.class, () -> validate(batch, LogConfig.defaults()));
    }

    @Test
    void ignoresATornSecondBatch() {
        var first = records(CompressionType.NONE, record("k", "v")).buffer();
        var both = ByteBuffer.allocate(first.limit() + 40)
                .put(first.duplicate())
                .put(first.slice(0, 40))
                .flip();
        assertEquals(first.limit(), validate(both, LogConfig.defaults()).sizeInBytes());
    }

    private ValidatedRecords validate(ByteBuffer batch, LogConfig config) {
        return validator.validate(MemoryRecords.readableRecords(batch), config, AppendOrigin.CLIENT, NOW_MS);
    }

    private static ByteBuffer bomb(CompressionType type) {
        return records(type, new SimpleRecord(NOW_MS, null, new byte[BOMB_BYTES]))
                .buffer();
    }

    private static SimpleRecord record(String key, String value) {
        return new SimpleRecord(NOW_MS, key == null ? null : key.getBytes(), value.getBytes());
    }

    private static MemoryRecords records(CompressionType type, SimpleRecord... records) {
        return MemoryRecords.withRecords(Compression.of(type).build(), records);
    }
}
