package io.odradek.config;

import java.nio.file.Path;
import java.util.List;

/**
 * Where and how logs are kept.
 *
 * @param logDirs {@code log.dirs}, or {@code log.dir}
 * @param cordonedLogDirs {@code cordoned.log.dirs}: directories that get no new replicas
 * @param numPartitions {@code num.partitions}, of a topic created without a count
 * @param autoCreateTopics {@code auto.create.topics.enable}
 * @param deleteTopicEnable {@code delete.topic.enable}
 * @param retentionCheckIntervalMs {@code log.retention.check.interval.ms}
 * @param flushSchedulerIntervalMs {@code log.flush.scheduler.interval.ms}
 * @param flushOffsetCheckpointIntervalMs {@code log.flush.offset.checkpoint.interval.ms}
 * @param flushStartOffsetCheckpointIntervalMs {@code log.flush.start.offset.checkpoint.interval.ms}
 * @param initialTaskDelayMs {@code log.initial.task.delay.ms}
 * @param numRecoveryThreadsPerDataDir {@code num.recovery.threads.per.data.dir}
 * @param logDirFailureTimeoutMs {@code log.dir.failure.timeout.ms}
 * @param producerIdExpirationMs {@code producer.id.expiration.ms}
 * @param producerIdExpirationCheckIntervalMs {@code producer.id.expiration.check.interval.ms}
 * @param cleaner compaction
 */
public record LogSettings(
        List<Path> logDirs,
        List<Path> cordonedLogDirs,
        int numPartitions,
        boolean autoCreateTopics,
        boolean deleteTopicEnable,
        long retentionCheckIntervalMs,
        long flushSchedulerIntervalMs,
        int flushOffsetCheckpointIntervalMs,
        int flushStartOffsetCheckpointIntervalMs,
        long initialTaskDelayMs,
        int numRecoveryThreadsPerDataDir,
        long logDirFailureTimeoutMs,
        int producerIdExpirationMs,
        int producerIdExpirationCheckIntervalMs,
        CleanerSettings cleaner) {
    public LogSettings {
        logDirs = List.copyOf(logDirs);
        cordonedLogDirs = List.copyOf(cordonedLogDirs);
    }

    /**
     * @param threads {@code log.cleaner.threads}
     * @param ioMaxBytesPerSecond {@code log.cleaner.io.max.bytes.per.second}, reads and writes together
     * @param dedupeBufferSize {@code log.cleaner.dedupe.buffer.size}, bytes over all threads
     * @param dedupeBufferLoadFactor {@code log.cleaner.io.buffer.load.factor}
     * @param ioBufferSize {@code log.cleaner.io.buffer.size}, bytes over all threads
     * @param backoffMs {@code log.cleaner.backoff.ms}
     */
    public record CleanerSettings(
            int threads,
            double ioMaxBytesPerSecond,
            long dedupeBufferSize,
            double dedupeBufferLoadFactor,
            int ioBufferSize,
            long backoffMs) {}
}
