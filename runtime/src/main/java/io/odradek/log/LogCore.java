package io.odradek.log;

import io.odradek.config.LogConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.apache.kafka.common.errors.KafkaStorageException;

/** What the parts of one log share. The fields are changed under the log's lock, but for the configuration. */
final class LogCore {
    final LogId id;
    /** Where the log is; changes with its path, under the lock. */
    volatile LogDirectory directory;

    final LogEnvironment environment;
    final LogDurability durability;

    volatile LogConfig config;
    volatile long logStartOffset;
    /** As told last; may be beyond the end of the log after a restart. */
    volatile long highWatermark;
    /** Grows with each truncation, before anything is cut: a read that fails meanwhile looks again. */
    volatile int truncations;

    private volatile String name;
    /** Told under the lock after something was cut off, with the offset from which on. */
    volatile LongConsumer onTruncation = offset -> {};
    /** Told without the lock after segments were deleted because they are old, or the log too large. */
    volatile Runnable onRetention = () -> {};
    /** A copy is being made in another log directory: nothing may be compacted away meanwhile. */
    volatile boolean moving;

    volatile boolean deleted;
    volatile boolean closed;

    LogCore(LogId id, LogDirectory directory, LogEnvironment environment, LogConfig config, LogCheckpoint checkpoint) {
        this(id, id.directoryName(), directory, environment, config, checkpoint);
    }

    /** @param name of the log's own directory */
    LogCore(
            LogId id,
            String name,
            LogDirectory directory,
            LogEnvironment environment,
            LogConfig config,
            LogCheckpoint checkpoint) {
        this.id = id;
        this.name = name;
        this.directory = directory;
        this.environment = environment;
        this.config = config;
        this.logStartOffset = checkpoint.logStartOffset();
        this.highWatermark = checkpoint.highWatermark();
        this.durability = new LogDurability(checkpoint.recoveryPoint());
    }

    Path path() {
        return directory.path().resolve(name);
    }

    /** The files are in another log directory from now on, under the log's proper name. Under the lock. */
    void moved(LogDirectory target) {
        directory = target;
        name = id.directoryName();
    }

    long nowMs() {
        return environment.time().milliseconds();
    }

    long highWatermark(long endOffset) {
        return Math.max(logStartOffset, Math.min(highWatermark, endOffset));
    }

    void ensureUsable() {
        directory.ensureOnline();
        if (deleted) {
            throw new KafkaStorageException("Log " + id + " is deleted");
        }
        if (closed) {
            throw new KafkaStorageException("Log " + id + " is closed");
        }
    }

    /** What to throw after an I/O error: the directory is offline then, unless the log was just deleted. */
    KafkaStorageException failed(String what, IOException e) {
        return deleted ? new KafkaStorageException("Log " + id + " is deleted", e) : directory.fail(what + " " + id, e);
    }
}
