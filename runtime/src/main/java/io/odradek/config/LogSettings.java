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
 * @param numReplicaAlterLogDirsThreads {@code num.replica.alter.log.dirs.threads}; as many as directories unless it is set
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
        int numReplicaAlterLogDirsThreads,
        CleanerSettings cleaner) {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            log.dir | list | ./data | not empty | high | read-only | yes | The directory of the logs, where `log.dirs` is not set.
            log.dirs | list | - | not empty | high | read-only | yes | The directories of the logs, separated by commas.
            cordoned.log.dirs | list | | | medium | per-broker | yes | Directories that get no new partitions; * is all of them.
            num.partitions | int | 1 | 1.. | medium | read-only | yes | Partitions of a topic that is created without a number.
            auto.create.topics.enable | boolean | true | | high | read-only | yes | Whether a topic is created when a client asks for one that does not exist.
            delete.topic.enable | boolean | true | | high | read-only | yes | Whether topics may be deleted.
            log.retention.check.interval.ms | long | 300000 | 1.. | medium | read-only | yes | How often logs are searched for segments to delete.
            log.flush.scheduler.interval.ms | long | 9223372036854775807 | | high | read-only | yes | Default of a topic's `flush.ms`, where `log.flush.interval.ms` is not set.
            log.flush.offset.checkpoint.interval.ms | int | 60000 | 0.. | high | read-only | yes | How often the point up to which logs are known to be on disk is written down.
            log.flush.start.offset.checkpoint.interval.ms | int | 60000 | 0.. | high | read-only | no | How often the start offsets of logs are written down.
            num.recovery.threads.per.data.dir | int | 2 | 1.. | high | cluster-wide | yes | Threads for each log directory that recover logs at start and close them at the end.
            log.dir.failure.timeout.ms | long | 30000 | 1.. | low | read-only | no | How long a broker whose log directory failed goes on before it stops, if it cannot tell the controller.
            producer.id.expiration.ms | int | 86400000 | 1.. | low | cluster-wide | yes | How long the state of an idempotent producer is kept after its last batch.
            num.replica.alter.log.dirs.threads | int | - | | high | read-only | yes | Threads that move replicas between log directories; where it is not set, as many as there are directories.
            """);

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

    static LogSettings of(SettingValues v) {
        var dirs = v.list("log.dirs").isEmpty() ? v.list("log.dir") : v.list("log.dirs");
        Check.that(
                !dirs.isEmpty() && dirs.stream().noneMatch(String::isBlank),
                "At least one log directory must be defined via log.dirs or log.dir");
        return new LogSettings(
                dirs.stream().map(Path::of).toList(),
                cordoned(v.list("cordoned.log.dirs"), dirs),
                v.integer("num.partitions"),
                v.flag("auto.create.topics.enable"),
                v.flag("delete.topic.enable"),
                v.longValue("log.retention.check.interval.ms"),
                v.longValue("log.flush.scheduler.interval.ms"),
                v.integer("log.flush.offset.checkpoint.interval.ms"),
                v.integer("log.flush.start.offset.checkpoint.interval.ms"),
                v.longValue("log.initial.task.delay.ms"),
                v.integer("num.recovery.threads.per.data.dir"),
                v.longValue("log.dir.failure.timeout.ms"),
                v.integer("producer.id.expiration.ms"),
                v.integer("producer.id.expiration.check.interval.ms"),
                moveThreads(v, dirs.size()),
                cleaner(v));
    }

    private static int moveThreads(SettingValues v, int directories) {
        var threads = v.text("num.replica.alter.log.dirs.threads");
        if (threads.isEmpty()) {
            return directories;
        }
        Check.that(Integer.parseInt(threads.get()) > 0, "num.replica.alter.log.dirs.threads must be at least 1");
        return Integer.parseInt(threads.get());
    }

    private static List<Path> cordoned(List<String> cordoned, List<String> dirs) {
        if (cordoned.contains("*")) {
            Check.that(cordoned.size() == 1, "cordoned.log.dirs must not contain other values beside *");
            return dirs.stream().map(Path::of).toList();
        }
        for (var dir : cordoned) {
            Check.that(dirs.contains(dir), "cordoned.log.dirs has " + dir + ", which is not among log.dirs or log.dir");
        }
        return cordoned.stream().map(Path::of).toList();
    }

    private static CleanerSettings cleaner(SettingValues v) {
        var threads = v.integer("log.cleaner.threads");
        var dedupeBufferSize = v.longValue("log.cleaner.dedupe.buffer.size");
        Check.that(
                threads == 0 || dedupeBufferSize / threads > 1024 * 1024,
                "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread");
        return new CleanerSettings(
                threads,
                v.doubleValue("log.cleaner.io.max.bytes.per.second"),
                dedupeBufferSize,
                v.doubleValue("log.cleaner.io.buffer.load.factor"),
                v.integer("log.cleaner.io.buffer.size"),
                v.longValue("log.cleaner.backoff.ms"));
    }
}
