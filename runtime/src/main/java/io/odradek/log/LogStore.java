package io.odradek.log;

import io.odradek.config.LogConfig;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;
import org.apache.kafka.common.utils.Time;

/**
 * All log directories of a broker. A directory in which an I/O error happens goes offline alone, for good; its logs
 * throw {@link org.apache.kafka.common.errors.KafkaStorageException} from then on. Thread-safe.
 */
public final class LogStore implements AutoCloseable {
    /**
     * The cluster these directories were formatted for; empty if they are all new.
     *
     * @throws IllegalStateException with one clear line if they disagree or cannot be understood
     */
    public static Optional<String> clusterIdOf(List<Path> directories) {
        throw new UnsupportedOperationException();
    }

    /**
     * Locks the directories, checks that they belong to this broker, recovers the logs that were not closed cleanly.
     *
     * @throws IllegalStateException with one clear line: a directory is in use, belongs to another node or cluster, has a
     *     newer format, or none is usable
     */
    public static LogStore open(LogStoreConfig config, Time time, ScheduledExecutorService background) {
        throw new UnsupportedOperationException();
    }

    /**
     * The log, created if it is new.
     *
     * @throws org.apache.kafka.common.errors.KafkaStorageException if it is, or might be, in an offline directory
     * @throws org.apache.kafka.common.errors.InconsistentTopicIdException if the directory holds a log of the same name
     *     of another topic id; {@link #delete} that one first
     */
    public PartitionLog getOrCreate(LogId id, LogConfig config) {
        throw new UnsupportedOperationException();
    }

    /** As {@link #getOrCreate}, for a partition known never to have existed here: an offline directory is no obstacle. */
    public PartitionLog createNew(LogId id, LogConfig config) {
        throw new UnsupportedOperationException();
    }

    public Optional<PartitionLog> get(LogId id) {
        throw new UnsupportedOperationException();
    }

    /** Takes the log away at once and removes its files after {@code file.delete.delay.ms}. Unknown ids are ignored. */
    public void delete(LogId id) {
        throw new UnsupportedOperationException();
    }

    /** The logs of all directories that are online. */
    public Collection<LogId> list() {
        throw new UnsupportedOperationException();
    }

    public List<LogDirectoryDescription> describe() {
        throw new UnsupportedOperationException();
    }

    /** Who is told that a directory went offline and which logs with it; from the thread that met the error. */
    public void onOffline(BiConsumer<Path, Set<LogId>> listener) {
        throw new UnsupportedOperationException();
    }

    /** Writes all checkpoints now. */
    public void checkpoint() {
        throw new UnsupportedOperationException();
    }

    /** Flushes, checkpoints, marks the shutdown as clean, unlocks. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
