package io.odradek.log;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.jboss.logging.Logger;

/**
 * One log directory: its lock, its identity, its flush thread, and whether it still works. The first I/O error takes it
 * offline for good: after a failed write or fsync nobody knows what is on the device. Thread-safe.
 */
final class LogDirectory implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LogDirectory.class);
    private static final String LOCK_FILE = ".lock";

    private final Path path;
    private final AtomicReference<String> failure = new AtomicReference<>();
    private final DirectoryFlusher flusher;
    private volatile Consumer<LogDirectory> failureListener = d -> {};
    private volatile Uuid directoryId = Uuid.ZERO_UUID;
    private FileChannel lockChannel;

    LogDirectory(Path path) {
        this.path = path;
        this.flusher = new DirectoryFlusher("log-flush-" + path.getFileName());
    }

    /**
     * Creates it if missing, locks it and checks whose it is.
     *
     * @throws IllegalStateException it is in use, of another broker, or of a newer format
     */
    void open(String clusterId, int nodeId) throws IOException {
        Files.createDirectories(path);
        lock();
        directoryId = MetaProperties.claim(path, clusterId, nodeId).directoryId();
    }

    private void lock() throws IOException {
        lockChannel = FileChannel.open(path.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = lockChannel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            lockChannel.close();
            throw new IllegalStateException("Log directory " + path + " is in use by another process");
        }
    }

    Path path() {
        return path;
    }

    Uuid directoryId() {
        return directoryId;
    }

    Optional<String> failure() {
        return Optional.ofNullable(failure.get());
    }

    boolean isOnline() {
        return failure.get() == null;
    }

    void onFailure(Consumer<LogDirectory> listener) {
        failureListener = listener;
    }

    void ensureOnline() {
        var why = failure.get();
        if (why != null) {
            throw new KafkaStorageException("Log directory " + path + " is offline: " + why);
        }
    }

    /** Takes the directory offline because of {@code e}, and gives what to throw. */
    KafkaStorageException fail(String what, IOException e) {
        if (e instanceof ClosedChannelException) {
            // A thread was interrupted while it used the file, which closes it for all. The disk is not to blame; the
            // file
            // is opened again when next used.
            return new KafkaStorageException("A file was closed while " + what, e);
        }
        if (failure.compareAndSet(null, what + " failed: " + e)) {
            LOG.errorf("Log directory %s goes offline: %s failed: %s", path, what, e);
            LOG.debug("The failure in full", e);
            flusher.stop();
            failureListener.accept(this);
        }
        return new KafkaStorageException("Log directory " + path + " is offline: " + what + " failed", e);
    }

    DirectoryFlusher flusher() {
        return flusher;
    }

    /** Removes segments that are renamed already, when readers had time to let go of them. */
    void deleteLater(Collection<LogSegment> segments, long delayMs, LogEnvironment environment) {
        var doomed = List.copyOf(segments);
        later(delayMs, environment, () -> {
            for (var segment : doomed) {
                segment.delete();
            }
        });
    }

    @FunctionalInterface
    interface Removal {
        void run() throws IOException;
    }

    void later(long delayMs, LogEnvironment environment, Removal removal) {
        Runnable task = () -> {
            if (isOnline()) {
                try {
                    removal.run();
                } catch (IOException e) {
                    fail("removing files", e);
                }
            }
        };
        try {
            environment.background().schedule(task, delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // Shutting down: what is renamed is removed at the next start.
            LOG.debugf("Files in %s are left for the next start to remove", path);
        }
    }

    /** As {@link CleanShutdownFile#take}. */
    OptionalLong takeCleanShutdown() throws IOException {
        return CleanShutdownFile.take(path);
    }

    void markCleanShutdown(long brokerEpoch) throws IOException {
        CleanShutdownFile.write(path, brokerEpoch);
    }

    @Override
    public void close() {
        flusher.stop();
        flusher.awaitEnd();
        try {
            if (lockChannel != null) {
                lockChannel.close();
            }
        } catch (IOException e) {
            LOG.warnf("Cannot unlock log directory %s: %s", path, e);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
