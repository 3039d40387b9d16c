package io.odradek.log;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.jboss.logging.Logger;

/**
 * Forces a log to the device: on request by the directory's flush thread, by time, or by whoever calls. No lock of the log
 * is held while a force runs.
 */
final class LogFlush {
    private static final Logger LOG = Logger.getLogger(LogFlush.class);

    private final LogCore core;
    private final ReentrantLock lock;
    private final AtomicBoolean scheduled = new AtomicBoolean();

    /** @param lock the log's */
    LogFlush(LogCore core, ReentrantLock lock) {
        this.core = core;
        this.lock = lock;
    }

    /** After an append, outside the lock: tells who waits for it, or has it forced first. */
    void appended(LogState state, long endOffset) {
        var config = core.config;
        if (core.durability.appended(endOffset, config)) {
            request(state);
        }
        if (config.flushMs() != Long.MAX_VALUE && scheduled.compareAndSet(false, true)) {
            try {
                core.environment
                        .background()
                        .schedule(() -> byTime(state.latest()), config.flushMs(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debugf("%s is closing and will be flushed then", core.id);
            }
        }
    }

    /** Has the flush thread force what the topic wants forced. */
    void request(LogState state) {
        if (core.durability.enqueue()) {
            core.directory.flusher().submit(() -> requested(state.latest()));
        }
    }

    private void requested(LogState state) {
        core.durability.dequeued();
        var end = state.end;
        // Unless the topic wants more, the last segment is left to the operating system, as in Kafka.
        var all = core.durability.needsFlush(end.offset(), core.config);
        quietly(state, all ? end.offset() : end.segment().baseOffset());
    }

    private void byTime(LogState state) {
        scheduled.set(false);
        quietly(state, state.end.offset());
    }

    private void quietly(LogState state, long offset) {
        try {
            forceTo(state, offset);
        } catch (KafkaStorageException e) {
            LOG.debugf("%s is not flushed: %s", core.id, e.getMessage());
            if (e.getCause() instanceof ClosedChannelException && !core.closed && !core.deleted) {
                request(state);
            }
        } catch (RuntimeException e) {
            LOG.errorf(e, "Flushing %s failed", core.id);
        }
    }

    /** Forces everything below {@code wanted} that the log still has, then tells who waits for it. */
    void forceTo(LogState state, long wanted) {
        int before;
        long offset;
        lock.lock();
        try {
            // A truncation may have come since the caller looked at the log's end, and be under way now.
            before = core.truncations;
            offset = Math.min(wanted, state.end.offset());
        } finally {
            lock.unlock();
        }
        if (offset <= core.durability.recoveryPoint() || core.deleted || !core.directory.isOnline()) {
            return;
        }
        var segments = state.segments;
        var dirty = new ArrayList<LogSegment>();
        for (int i = Math.max(0, segments.floorIndex(core.durability.recoveryPoint())); i < segments.count(); i++) {
            if (segments.get(i).baseOffset() < offset) {
                dirty.add(segments.get(i));
            }
        }
        try {
            force(state, segments, dirty);
        } catch (NoSuchFileException e) {
            // Retention, cleaning or truncation was faster; what took the place is forced next time.
            LOG.debugf("%s: %s is gone while it was to be flushed", core.id, e.getMessage());
            if (before == core.truncations && !core.deleted) {
                request(state);
            }
            return;
        } catch (IOException e) {
            throw core.failed("flushing", e);
        }
        long endOffset;
        boolean truncated;
        lock.lock();
        try {
            truncated = before != core.truncations;
            if (!truncated) {
                core.durability.forced(offset);
            }
            endOffset = state.end.offset();
        } finally {
            lock.unlock();
        }
        if (truncated) {
            // What was forced may be cut off and other batches in its place.
            request(state);
            return;
        }
        core.durability.announce(offset, endOffset, core.config);
    }

    /** Forces segments; of all but the last of the log also the indexes, which are finished. */
    void force(LogState state, SegmentList all, List<LogSegment> segments) throws IOException {
        for (var segment : segments) {
            segment.forceLog();
            if (segment != all.last()) {
                segment.forceIndexes();
            }
        }
        if (state.epochs.takeUnforced()) {
            LeaderEpochs.force(core.path());
        }
        CheckpointFile.forceDirectory(core.path());
    }
}
