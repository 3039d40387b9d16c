package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.config.LogConfig;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.requests.ProduceResponse.RecordError;
import org.junit.jupiter.api.Test;

/** The same batches through Apache Kafka's validation and ours: what differs is listed in {@link RecordValidator}. */
class RecordValidatorDifferentialTest {
    private static final int CASES = 20_000;
    private static final long FIRST_OFFSET = 4711;
    private static final int EPOCH = 7;
    private static final List<String> BUILDER_ONLY = List.of(
            "Invalid negative timestamp",
            "Invalid message timestamp",
            "Cannot write transactional messages without a valid producer ID");

    private final RecordValidator validator = new RecordValidator(RecordValidator.DEFAULT_MAX_DECOMPRESSED_BATCH_BYTES);

    @Test
    void answersAsKafka() {
        var seen = new EnumMap<Errors, Integer>(Errors.class);
        for (int seed = 0; seed < CASES; seed++) {
            var random = new Random(seed);
            var batches = new ProducedBatches(random);
            var bytes = random.nextBoolean() ? batches.good() : batches.broken();
            var config = config(random, bytes.limit());
            var kafka = kafka(copy(bytes, false), config);
            var ours = ours(copy(bytes, random.nextBoolean()), config);
            compare(
                    "seed " + seed + " " + config.compression() + config.timestampType() + config.cleanupCompact(),
                    kafka,
                    ours);
            seen.merge(ours.error, 1, Integer::sum);
        }
        // The comparison means something only as long as it reaches all of these.
        for (var error : List.of(
                Errors.NONE,
                Errors.CORRUPT_MESSAGE,
                Errors.INVALID_RECORD,
                Errors.INVALID_TIMESTAMP,
                Errors.MESSAGE_TOO_LARGE,
                Errors.UNSUPPORTED_COMPRESSION_TYPE)) {
            assertTrue(seen.getOrDefault(error, 0) > 10, error + " in " + seen);
        }
    }

    private static void compare(String context, Outcome kafka, Outcome ours) {
        assertNotEquals(Errors.UNKNOWN_SERVER_ERROR, ours.error, context);
        if (kafka.error == Errors.UNKNOWN_SERVER_ERROR) {
            // What only Kafka's builder minds, so that it is accepted or not depending on whether Kafka recompresses.
            if (BUILDER_ONLY.stream().noneMatch(kafka.message::contains)) {
                assertNotEquals(Errors.NONE, ours.error, context + kafka.message);
            }
            return;
        }
        if (ours.misnumbered) {
            assertTrue(ours.error == Errors.INVALID_RECORD || ours.error == Errors.INVALID_TIMESTAMP, context);
            return;
        }
        var wrongSize =
                ours.message.startsWith("Invalid record size") || ours.message.startsWith("Found invalid record");
        if (kafka.unreadable || wrongSize && (kafka.error == Errors.INVALID_TIMESTAMP || !kafka.badRecords.isEmpty())) {
            assertEquals(Errors.INVALID_RECORD, ours.error, context);
            return;
        }
        assertEquals(kafka.error, ours.error, context + kafka + ours);
        assertEquals(kafka.badRecords, ours.badRecords, context);
        if (kafka.error == Errors.NONE) {
            compareBatches(context, kafka.batch, ours.batch);
            assertEquals(kafka.maxTimestamp, ours.maxTimestamp, context);
        }
    }

    private static void compareBatches(String context, MutableRecordBatch kafka, MutableRecordBatch ours) {
        assertTrue(ours.isValid(), context);
        assertEquals(kafka.baseOffset(), ours.baseOffset(), context);
        assertEquals(kafka.lastOffset(), ours.lastOffset(), context);
        assertEquals(kafka.maxTimestamp(), ours.maxTimestamp(), context);
        assertEquals(kafka.timestampType(), ours.timestampType(), context);
        assertEquals(kafka.compressionType(), ours.compressionType(), context);
        assertEquals(kafka.producerId(), ours.producerId(), context);
        assertEquals(kafka.producerEpoch(), ours.producerEpoch(), context);
        assertEquals(kafka.baseSequence(), ours.baseSequence(), context);
        assertEquals(kafka.isTransactional(), ours.isTransactional(), context);
        assertEquals(kafka.partitionLeaderEpoch(), ours.partitionLeaderEpoch(), context);
        assertEquals(kafka.countOrNull(), ours.countOrNull(), context);
        var expected = records(kafka);
        var actual = records(ours);
        assertEquals(expected.size(), actual.size(), context);
        for (int i = 0; i < expected.size(); i++) {
            var e = expected.get(i);
            var a = actual.get(i);
            assertEquals(FIRST_OFFSET + i, a.offset(), context);
            assertEquals(e.timestamp(), a.timestamp(), context);
            assertEquals(e.key(), a.key(), context);
            assertEquals(e.value(), a.value(), context);
            assertEquals(List.of(e.headers()), List.of(a.headers()), context);
        }
    }

    private static LogConfig config(Random random, int batchBytes) {
        var settings = new HashMap<String, String>();
        var compressions = List.of("producer", "producer", "producer", "uncompressed", "gzip", "snappy", "lz4", "zstd");
        settings.put(TopicConfig.COMPRESSION_TYPE_CONFIG, compressions.get(random.nextInt(compressions.size())));
        settings.put(TopicConfig.COMPRESSION_ZSTD_LEVEL_CONFIG, Integer.toString(1 + random.nextInt(5)));
        if (random.nextInt(4) == 0) {
            settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, "compact");
        }
        if (random.nextInt(4) == 0) {
            settings.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
        }
        if (random.nextInt(4) == 0) {
            settings.put(TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG, "100000");
        }
        if (random.nextInt(8) == 0) {
            settings.put(
                    TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                    Integer.toString(Math.max(0, batchBytes - 40 + random.nextInt(80))));
        }
        return LogConfig.of(settings);
    }

    private static Outcome kafka(ByteBuffer bytes, LogConfig config) {
        try {
            var result = KafkaValidation.validate(
                    MemoryRecords.readableRecords(bytes), config, FIRST_OFFSET, EPOCH, ProducedBatches.NOW_MS);
            return Outcome.of(result.validatedRecords(), result.maxTimestampMs());
        } catch (org.apache.kafka.storage.internals.log.RecordValidationException e) {
            return Outcome.of(e.invalidException(), e.recordErrors());
        } catch (RuntimeException e) {
            return Outcome.of(e, List.of());
        }
    }

    private Outcome ours(ByteBuffer bytes, LogConfig config) {
        try {
            var result = validator.validate(
                    MemoryRecords.readableRecords(bytes), config, AppendOrigin.CLIENT, ProducedBatches.NOW_MS);
            result.assignOffsets(FIRST_OFFSET, EPOCH);
            return Outcome.of(result.records(), result.maxTimestamp());
        } catch (RecordValidationException e) {
            return Outcome.of(e.error(), e.recordErrors());
        } catch (RuntimeException e) {
            return Outcome.of(e, List.of());
        }
    }

    private static ByteBuffer copy(ByteBuffer bytes, boolean direct) {
        var copy = direct ? ByteBuffer.allocateDirect(bytes.limit()) : ByteBuffer.allocate(bytes.limit());
        return copy.put(bytes.duplicate().rewind()).flip();
    }

    private static List<Record> records(MutableRecordBatch batch) {
        return StreamSupport.stream(batch.spliterator(), false).toList();
    }

    private record Outcome(
            Errors error,
            Map<Integer, Boolean> badRecords,
            MutableRecordBatch batch,
            long maxTimestamp,
            boolean unreadable,
            boolean misnumbered,
            String message) {
        static Outcome of(Throwable error, List<RecordError> recordErrors) {
            var bad = new HashMap<Integer, Boolean>();
            recordErrors.forEach(e -> bad.put(e.batchIndex, true));
            var misnumbered = recordErrors.stream().anyMatch(e -> e.message.startsWith(RecordChecks.MISNUMBERED));
            return new Outcome(
                    Errors.forException(error), bad, null, -1L, false, misnumbered, String.valueOf(error.getMessage()));
        }

        static Outcome of(MemoryRecords records, long maxTimestamp) {
            var batches = new ArrayList<MutableRecordBatch>();
            records.batches().forEach(batches::add);
            assertEquals(1, batches.size());
            boolean unreadable;
            try {
                unreadable = records(batches.get(0)).isEmpty();
            } catch (RuntimeException e) {
                unreadable = true;
            }
            return new Outcome(Errors.NONE, Map.of(), batches.get(0), maxTimestamp, unreadable, false, "");
        }
    }
}
