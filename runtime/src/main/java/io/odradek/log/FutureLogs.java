package io.odradek.log;

import io.odradek.config.LogConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.jboss.logging.Logger;

/**
 * All logs of a store that are on their way into another log directory, and the threads that copy them, which go when there
 * is nothing to copy. A log makes one step after the other, and the others in between. Thread-safe.
 */
final class FutureLogs {
    private static final Logger LOG = Logger.getLogger(FutureLogs.class);
    private static final long THROTTLED_PAUSE_MS = 100;
    private static final long STOP_SECONDS = 30;

    private final LogEnvironment environment;
    private final LogDirectories directories;
    private final DirectoryCheckpointing checkpointing;
    private final Map<String, FutureLog> moves = new ConcurrentHashMap<>();
    private volatile ByteQuota quota = ByteQuota.unlimited();
    private volatile boolean stopped;
    private ThreadPoolExecutor threads;
    private int threadCount;

    /** Writes the checkpoints of a directory, those of logs on their way there included. */
    @FunctionalInterface
    interface DirectoryCheckpointing {
        void write(LogDirectory directory);
    }

    FutureLogs(LogEnvironment environment, LogDirectories directories, DirectoryCheckpointing checkpointing) {
        this.environment = environment;
        this.directories = directories;
        this.checkpointing = checkpointing;
        this.threadCount = directories.all().size();
    }

    /** To be called before the first move. */
    void limit(int threads, ByteQuota bytes) {
        threadCount = threads;
        quota = bytes;
    }

    Optional<FutureLog> of(LogId id) {
        return Optional.ofNullable(moves.get(id.directoryName()));
    }

    Collection<FutureLog> all() {
        return moves.values();
    }

    /** The copies that are in a directory. */
    List<PartitionLog> in(LogDirectory directory) {
        return moves.values().stream()
                .map(FutureLog::copy)
                .filter(copy -> copy.directory() == directory)
                .toList();
    }

    /** Begins to copy a log. There must be no other copy of it. */
    void start(PartitionLog log, LogDirectory target, LogConfig config) {
        var id = log.id();
        var name = MovedLogs.futureName(id.directoryName(), UUID.randomUUID());
        var core = new LogCore(id, name, target, environment, config, LogCheckpoint.ZERO);
        try {
            Files.createDirectory(core.path());
            PartitionMetadata.write(core.path(), id.topicId());
        } catch (IOException e) {
            throw target.fail("creating the copy of " + id, e);
        }
        LOG.infof("Moving %s to %s", log, target);
        go(new FutureLog(log, new PartitionLog(core, 0), quota), target);
    }

    /** Goes on with a copy from before this process was started. If that fails, the log stays where it is. */
    void resume(PartitionLog log, PartitionLog copy) {
        var move = new FutureLog(log, copy, quota);
        try {
            move.reconcile();
            LOG.infof("Moving %s to %s, %d offsets to go", log, copy.directory(), move.lag());
            go(move, copy.directory());
        } catch (KafkaException e) {
            LOG.warnf("%s is not moved on: %s", log, e.getMessage());
            log.move().giveUp();
        }
    }

    private void go(FutureLog move, LogDirectory target) {
        directories.count(target, 1);
        moves.put(move.current().id().directoryName(), move);
        later(move);
    }

    private synchronized void later(FutureLog move) {
        if (stopped) {
            return;
        }
        if (threads == null) {
            var count = new AtomicInteger();
            threads = new ThreadPoolExecutor(
                    threadCount, threadCount, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                        var thread = new Thread(task, "log-move-" + count.incrementAndGet());
                        thread.setDaemon(true);
                        return thread;
                    });
            threads.allowCoreThreadTimeOut(true);
        }
        threads.execute(() -> run(move));
    }

    private void run(FutureLog move) {
        if (stopped) {
            return;
        }
        try {
            switch (move.step()) {
                case ON_ITS_WAY -> later(move);
                case THROTTLED -> pause(move);
                case CAUGHT_UP -> takeOver(move);
                case GIVEN_UP -> giveUp(move);
            }
        } catch (KafkaStorageException e) {
            LOG.warnf("%s is not moved: %s", move.current(), e.getMessage());
            giveUp(move);
        } catch (RuntimeException e) {
            LOG.errorf(e, "%s is not moved", move.current());
            giveUp(move);
        }
    }

    private void pause(FutureLog move) {
        try {
            environment.background().schedule(() -> later(move), THROTTLED_PAUSE_MS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debugf("%s is not moved any more: the store is closing", move.current());
        }
    }

    private void takeOver(FutureLog move) {
        var current = move.current();
        var source = current.directory();
        var target = move.copy().directory();
        // Its start offset is known nowhere else once it is the log.
        checkpointing.write(target);
        var deletedName = MovedLogs.deletedName(move.copy().path());
        if (!move.takeOver(deletedName)) {
            later(move);
            return;
        }
        moves.remove(current.id().directoryName(), move);
        directories.count(source, -1);
        LOG.infof("Moved %s from %s to %s", current.id(), source, target);
        source.later(
                current.config().fileDeleteDelayMs(),
                environment,
                () -> LogDirectoryLoader.removeTree(source.path().resolve(deletedName)));
    }

    private void giveUp(FutureLog move) {
        if (moves.remove(move.current().id().directoryName(), move)) {
            leave(move);
        }
    }

    /** The log stays where it is; its copy is for the next start to go on with. */
    private void leave(FutureLog move) {
        move.cancel();
        directories.count(move.copy().directory(), -1);
        try {
            if (move.copy().directory().isOnline()) {
                move.copy().close();
            }
        } catch (KafkaStorageException e) {
            LOG.debugf("%s is not closed properly: %s", move.copy(), e.getMessage());
        }
    }

    /** The log stays where it is, and the copy goes. Waits for a step that is under way. */
    void cancel(LogId id) {
        var move = moves.remove(id.directoryName());
        if (move != null && move.cancel()) {
            var directory = move.copy().directory();
            directories.count(directory, -1);
            remove(directory, move.copy());
        }
    }

    private void remove(LogDirectory directory, PartitionLog copy) {
        var target = copy.path().resolveSibling(MovedLogs.cancelledName(copy.id(), UUID.randomUUID()));
        try {
            copy.delete(target);
            directory.later(0, environment, () -> LogDirectoryLoader.removeTree(target));
        } catch (KafkaStorageException e) {
            LOG.warnf("The copy %s is not removed: %s", copy, e.getMessage());
        }
    }

    /** Neither from nor to a directory that has failed anything can be moved. May be called with a log's lock held. */
    void directoryFailed(LogDirectory directory) {
        for (var move : moves.values()) {
            if ((move.copy().directory() == directory || move.current().directory() == directory)
                    && moves.remove(move.current().id().directoryName(), move)) {
                try {
                    environment.background().execute(() -> leave(move));
                } catch (RejectedExecutionException e) {
                    LOG.debugf("%s went offline while the broker stops", directory);
                }
            }
        }
    }

    /** Copies no more; a step that is under way is done when this returns. What is there stays for the next start. */
    void stop() {
        ThreadPoolExecutor running;
        synchronized (this) {
            stopped = true;
            running = threads;
        }
        if (running != null) {
            running.shutdown();
            try {
                if (!running.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                    LOG.warn("A log that is moved to another directory is still being copied");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
