package io.odradek.log;

import io.odradek.config.LogSettings.CleanerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.utils.Time;
import org.jboss.logging.Logger;

/**
 * Compacts the logs whose {@code cleanup.policy} has {@code compact}, on {@code log.cleaner.threads} threads of its own:
 * each takes the log with the largest share of dirty bytes, or one that is overdue by {@code max.compaction.lag.ms},
 * cleans it, and rests for {@code log.cleaner.backoff.ms} when there is none. A log that cannot be cleaned (a damaged
 * batch, say) is reported once and left alone until the broker starts again; the others go on. Appends, reads and
 * truncation go on beside a cleaning. Thread-safe.
 */
public final class LogCleaner implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LogCleaner.class);
    /** A batch must fit; beyond this the buffers grow as needed. */
    private static final int MIN_BUFFER_BYTES = 4096;

    private final Supplier<? extends Collection<PartitionLog>> logs;
    private final Time time;
    private final IoThrottle throttle;
    private final CleanerCheckpoints checkpoints;
    private final Map<LogId, String> uncleanable = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    /** The settings changed, or the cleaner stops. */
    private final Condition changed = lock.newCondition();

    private final Set<LogId> inProgress = new HashSet<>();
    /** Those that run, oldest first; guarded by {@link #lock}. */
    private final List<Thread> threads = new ArrayList<>();

    private int threadsStarted;
    private volatile CleanerSettings settings;
    private volatile boolean stopped;

    /**
     * @param logs all logs that exist, asked for anew each time
     * @param directories of logs that are online
     */
    LogCleaner(
            CleanerSettings settings,
            Supplier<? extends Collection<PartitionLog>> logs,
            Supplier<List<Path>> directories,
            Time time) {
        this.checkpoints = new CleanerCheckpoints(directories);
        this.settings = settings;
        this.logs = logs;
        this.time = time;
        this.throttle = new IoThrottle(settings.ioMaxBytesPerSecond(), time);
    }

    /** Starts the threads. */
    void start() {
        lock.lock();
        try {
            while (!stopped && threads.size() < settings.threads()) {
                var thread = new Thread(this::run, "log-cleaner-" + threadsStarted++);
                thread.setDaemon(true);
                threads.add(thread);
                thread.start();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Heeds other settings from now on; what is being cleaned keeps its buffers. A thread too many ends when it rests. */
    void reconfigure(CleanerSettings wanted) {
        lock.lock();
        try {
            if (wanted.ioMaxBytesPerSecond() != settings.ioMaxBytesPerSecond()) {
                throttle.rate(wanted.ioMaxBytesPerSecond());
            }
            settings = wanted;
            changed.signalAll();
            start();
        } finally {
            lock.unlock();
        }
    }

    /** Threads that run. */
    int threads() {
        lock.lock();
        try {
            return threads.size();
        } finally {
            lock.unlock();
        }
    }

    /** Logs that could not be cleaned, and why. */
    public Map<LogId, String> uncleanable() {
        return Map.copyOf(uncleanable);
    }

    /** The first offset of {@code log} that is not cleaned, -1 if it never was. */
    long cleanedUpTo(PartitionLog log) {
        return checkpoints.offset(log);
    }

    private void run() {
        while (isWanted()) {
            boolean cleaned;
            try {
                cleaned = cleanFilthiest();
            } catch (RuntimeException e) {
                LOG.error("The log cleaner failed, it will try again", e);
                cleaned = false;
            }
            if (!cleaned) {
                rest();
            }
        }
    }

    /** Whether the calling thread is to go on; one that is not is counted out. */
    private boolean isWanted() {
        lock.lock();
        try {
            return !stopped && (threads.size() <= settings.threads() || !threads.remove(Thread.currentThread()));
        } finally {
            lock.unlock();
        }
    }

    private void rest() {
        lock.lock();
        try {
            if (!stopped && threads.size() <= settings.threads()) {
                changed.await(settings.backoffMs(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopped = true;
        } finally {
            lock.unlock();
        }
    }

    private record Candidate(PartitionLog log, DirtyLog dirty) {}

    /** Cleans the log that needs it most. False if none does. */
    boolean cleanFilthiest() {
        var filthiest = take();
        if (filthiest.isEmpty()) {
            return false;
        }
        var log = filthiest.get().log;
        try {
            clean(log, filthiest.get().dirty);
        } catch (SegmentCleaner.AbandonedException e) {
            LOG.infof("Cleaning of %s was given up: %s", log, e.getMessage());
            return false;
        } catch (KafkaStorageException e) {
            LOG.debugf(e, "Cleaning of %s was given up", log); // its directory said why it is offline
            return false;
        } catch (IOException | RuntimeException e) {
            uncleanable.put(log.id(), String.valueOf(e.getMessage()));
            LOG.errorf(e, "Log %s cannot be cleaned, it is left as it is", log);
        } finally {
            lock.lock();
            inProgress.remove(log.id());
            lock.unlock();
        }
        return true;
    }

    private void clean(PartitionLog log, DirtyLog dirty) throws IOException {
        var now = settings;
        var threads = Math.max(1, now.threads());
        var bufferBytes = Math.max(MIN_BUFFER_BYTES, now.ioBufferSize() / threads / 2);
        var cleaning = new LogCleaning(log, dirty, bufferBytes, throttle, () -> stopped, time.milliseconds());
        var cleanedUpTo = cleaning.run(now.dedupeBufferSize() / threads, now.dedupeBufferLoadFactor());
        checkpoints.update(log, cleanedUpTo, logs.get());
    }

    private Optional<Candidate> take() {
        var nowMs = time.milliseconds();
        lock.lock();
        try {
            Candidate filthiest = null;
            var all = logs.get();
            checkpoints.follow(all);
            for (var log : all) {
                if (log.config().cleanupCompact()
                        && !log.isMoving()
                        && !inProgress.contains(log.id())
                        && !uncleanable.containsKey(log.id())) {
                    var dirty = examine(log, nowMs);
                    if (dirty.isPresent() && (filthiest == null || dirty.get().ratio() > filthiest.dirty.ratio())) {
                        filthiest = new Candidate(log, dirty.get());
                    }
                }
            }
            if (filthiest != null) {
                inProgress.add(filthiest.log.id());
            }
            return Optional.ofNullable(filthiest);
        } finally {
            lock.unlock();
        }
    }

    /** What of a log is dirty, empty if it is not worth cleaning yet. */
    private Optional<DirtyLog> examine(PartitionLog log, long nowMs) {
        try {
            var config = log.config();
            var dirty = DirtyLog.of(
                    log.segments(),
                    config,
                    checkpoints.offset(log),
                    log.logStartOffset(),
                    log.lastStableOffset(log.highWatermark()),
                    nowMs);
            var wanted = dirty.ratio() > config.minCleanableDirtyRatio()
                    || dirty.isOverdue(config, firstDirtyTimestampMs(log, dirty), nowMs);
            return wanted ? Optional.of(dirty) : Optional.empty();
        } catch (KafkaStorageException e) {
            return Optional.empty(); // offline or deleted
        } catch (IOException | RuntimeException e) {
            LOG.warnf(e, "Cannot tell whether %s needs cleaning", log);
            return Optional.empty();
        }
    }

    /** Looks into segments only if the topic bounds the lag: it would wake a log that rests. */
    private static long firstDirtyTimestampMs(PartitionLog log, DirtyLog dirty) throws IOException {
        var first = Long.MAX_VALUE;
        if (log.config().maxCompactionLagMs() != Long.MAX_VALUE && dirty.dirtyBytes() > 0) {
            var segments = log.maintenance().segments();
            for (int i = 0; i + 1 < segments.size(); i++) {
                var timestamp = segments.get(i).firstTimestamp();
                if (segments.get(i + 1).baseOffset() > dirty.firstDirtyOffset()
                        && segments.get(i).baseOffset() < dirty.endOffset()
                        && timestamp > 0) {
                    first = Math.min(first, timestamp);
                }
            }
        }
        return first;
    }

    /** Gives up what is being cleaned and waits for the threads. */
    @Override
    public void close() {
        List<Thread> running;
        lock.lock();
        try {
            stopped = true;
            changed.signalAll();
            running = List.copyOf(threads);
        } finally {
            lock.unlock();
        }
        for (var thread : running) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
