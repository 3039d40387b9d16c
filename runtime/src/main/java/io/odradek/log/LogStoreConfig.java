package io.odradek.log;

import io.odradek.config.LogConfig;
import java.nio.file.Path;
import java.util.List;

/**
 * What a broker's storage is made of.
 *
 * @param directories {@code log.dirs}; created if missing
 * @param clusterId the cluster these directories must belong to
 * @param nodeId the broker these directories must belong to
 * @param defaults settings of logs whose topic's configuration is not known yet
 * @param recoveryThreads {@code num.recovery.threads.per.data.dir}
 * @param maxOpenFiles files open at the same time, beyond those being sent
 * @param checkpointIntervalMs how often recovery points, log start offsets and high watermarks are written
 * @param producerIdExpirationMs {@code producer.id.expiration.ms}
 * @param idleCloseMs after this time without use a file is closed and a log's state leaves the heap
 * @param maxDecompressedBatchBytes {@code odradek.max.decompressed.batch.bytes}: what one record batch may inflate to
 */
public record LogStoreConfig(
        List<Path> directories,
        String clusterId,
        int nodeId,
        LogConfig defaults,
        int recoveryThreads,
        int maxOpenFiles,
        long checkpointIntervalMs,
        long producerIdExpirationMs,
        long idleCloseMs,
        long maxDecompressedBatchBytes) {
    /** Long enough for a partition that is used now and then; short beside the life of one that is not. */
    public static final long DEFAULT_IDLE_CLOSE_MS = 300_000;

    /** Kafka's defaults; 4,096 open files; idle after five minutes. */
    public static LogStoreConfig of(List<Path> directories, String clusterId, int nodeId, LogConfig defaults) {
        return new LogStoreConfig(
                directories,
                clusterId,
                nodeId,
                defaults,
                2,
                4096,
                60_000,
                86_400_000,
                DEFAULT_IDLE_CLOSE_MS,
                RecordValidator.DEFAULT_MAX_DECOMPRESSED_BATCH_BYTES);
    }
}
