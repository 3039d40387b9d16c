package io.odradek.log;

import io.odradek.config.LogConfig;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.PrimitiveRef;
import org.apache.kafka.storage.internals.log.LogValidator;

/** What Apache Kafka does with the records of a produce request, with its own classes where they can be called. */
final class KafkaValidation {
    private static final LogValidator.MetricsRecorder NO_METRICS = new LogValidator.MetricsRecorder() {
        @Override
        public void recordInvalidMagic() {}

        @Override
        public void recordInvalidOffset() {}

        @Override
        public void recordInvalidSequence() {}

        @Override
        public void recordInvalidChecksums() {}

        @Override
        public void recordNoKeyCompactedTopic() {}
    };

    private KafkaValidation() {}

    static LogValidator.ValidationResult validate(
            MemoryRecords records, LogConfig config, long firstOffset, int leaderEpoch, long nowMs) {
        ProduceRequest.validateRecords(ApiKeys.PRODUCE.latestVersion(), records);
        var source = analyze(records, config);
        var valid = records;
        var firstSize = records.batches().iterator().next().sizeInBytes();
        if (firstSize != records.sizeInBytes()) {
            valid = records.slice(0, firstSize);
        }
        var result = logValidator(valid, source, config, leaderEpoch, nowMs)
                .validateMessagesAndAssignOffsets(
                        PrimitiveRef.ofLong(firstOffset), NO_METRICS, BufferSupplier.NO_CACHING);
        for (var batch : result.validatedRecords().batches()) {
            if (result.messageSizeMaybeChanged() && batch.sizeInBytes() > config.maxMessageBytes()) {
                throw new RecordTooLargeException();
            }
        }
        return result;
    }

    /** UnifiedLog.analyzeAndValidateRecords for an append of a client. */
    static CompressionType analyze(MemoryRecords records, LogConfig config) {
        var source = CompressionType.NONE;
        for (var batch : records.batches()) {
            if (batch.magic() >= RecordBatch.MAGIC_VALUE_V2 && batch.baseOffset() != 0) {
                throw new InvalidRecordException("base offset");
            }
            batch.lastOffset();
            if (batch.sizeInBytes() > config.maxMessageBytes()) {
                throw new RecordTooLargeException();
            }
            if (!batch.isValid()) {
                throw new CorruptRecordException("crc");
            }
            if (batch.compressionType() != CompressionType.NONE) {
                source = batch.compressionType();
            }
        }
        return source;
    }

    static LogValidator logValidator(
            MemoryRecords records, CompressionType source, LogConfig config, int leaderEpoch, long nowMs) {
        return new LogValidator(
                records,
                new TopicPartition("t", 0),
                clockAt(nowMs),
                source,
                config.compression().isPresent()
                        ? config.compression().get()
                        : Compression.of(source).build(),
                config.cleanupCompact(),
                RecordBatch.CURRENT_MAGIC_VALUE,
                config.timestampType(),
                config.timestampBeforeMaxMs(),
                config.timestampAfterMaxMs(),
                leaderEpoch,
                org.apache.kafka.storage.internals.log.AppendOrigin.CLIENT);
    }

    private static FakeTime clockAt(long nowMs) {
        var time = new FakeTime();
        time.advance(nowMs - time.milliseconds());
        return time;
    }

    static LogValidator.MetricsRecorder noMetrics() {
        return NO_METRICS;
    }
}
