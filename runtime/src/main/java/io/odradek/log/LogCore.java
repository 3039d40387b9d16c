package io.odradek.log;

import io.odradek.config.LogConfig;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.kafka.common.errors.KafkaStorageException;

/** What the parts of one log share. The fields are changed under the log's lock, but for the configuration. */
final class LogCore {
    final LogId id;
    final LogDirectory directory;
    final LogEnvironment environment;
    final LogDurability durability;

    volatile LogConfig config;
    volatile long logStartOffset;
    /** As told last; may be beyond the end of the log after a restart. */
    volatile long highWatermark;
    /** Grows with each truncation, before anything is cut: a read that fails meanwhile looks again. */
    volatile int truncations;

    volatile boolean deleted;
    volatile boolean closed;

    LogCore(LogId id, LogDirectory directory, LogEnvironment environment, LogConfig config, LogCheckpoint checkpoint) {
        this.id = id;
        this.directory = directory;
        this.environment = environment;
        this.config = config;
        this.logStartOffset = checkpoint.logStartOffset();
        this.highWatermark = checkpoint.highWatermark();
        this.durability = new LogDurability(checkpoint.recoveryPoint());
    }

    Path path() {
        return directory.path().resolve(id.directoryName());
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
