package io.odradek.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where the state of a log is: in the heap while the log is used, else in its files alone. A dormant log keeps what is
 * asked of all logs now and then (end offset, segments), so that asking does not wake it. Thread-safe; what changes where
 * the state is happens under the log's lock.
 */
final class LogResidence {
    private final LogCore core;
    private final ReentrantLock lock;
    private final LogFlush flush;
    private final LogWriter writer;

    /** Null while the log is dormant: nothing of its files is in the heap. */
    private volatile LogState state;
    /** While dormant: the log end offset, -1 if only the files know it. */
    private volatile long dormantEndOffset;
    /** While dormant: what is known of the segments, empty if only the files know. */
    private volatile List<SegmentSummary> dormantSegments = List.of();
    /** Used since {@link #rest} looked last. A lost update only delays or hastens dormancy. */
    private boolean touched;

    /** Dormant at first. {@code endOffset} is the log end offset if it is known, else -1. */
    LogResidence(LogCore core, ReentrantLock lock, LogFlush flush, LogWriter writer, long endOffset) {
        this.core = core;
        this.lock = lock;
        this.flush = flush;
        this.writer = writer;
        this.dormantEndOffset = endOffset;
        if (endOffset >= 0) {
            core.durability.opened(endOffset);
        }
    }

    /** The state if it is in the heap, else null. */
    LogState current() {
        return state;
    }

    /** It went dormant in this process, and is. */
    boolean wentDormant() {
        return state == null && !dormantSegments.isEmpty();
    }

    long endOffset() {
        var current = state;
        if (current != null) {
            return current.end.offset();
        }
        var known = dormantEndOffset;
        return known >= 0 ? known : state().end.offset();
    }

    /** All segments, oldest first. */
    List<SegmentSummary> segments() {
        var known = dormantSegments;
        if (state == null && !known.isEmpty()) {
            return known;
        }
        var current = state();
        try {
            return LogWriter.summaries(current);
        } catch (IOException e) {
            throw core.failed("looking at", e);
        }
    }

    /** The state, read from the files if it is not here; the log then stays for a while. */
    LogState state() {
        var current = state;
        if (current == null) {
            current = load();
        }
        if (!touched) {
            touched = true;
        }
        return current;
    }

    private LogState load() {
        lock.lock();
        try {
            return state != null ? state : open(loader().loadClean());
        } catch (IOException e) {
            throw core.failed("opening", e);
        } finally {
            lock.unlock();
        }
    }

    private LogLoader loader() {
        core.ensureUsable();
        return new LogLoader(
                core.id,
                core.path(),
                core.environment.files(),
                core.config,
                core.environment.producerIdExpirationMs(),
                core.logStartOffset,
                core.durability.recoveryPoint(),
                core.nowMs());
    }

    private LogState open(LogLoader.Loaded loaded) {
        var opened = loaded.state();
        var endOffset = opened.end.offset();
        core.logStartOffset = loaded.logStartOffset();
        if (dormantEndOffset != endOffset) {
            core.durability.opened(endOffset);
        }
        opened.producers.onHighWatermark(core.highWatermark(endOffset));
        writer.drawJitter();
        state = opened;
        dormantSegments = List.of();
        return opened;
    }

    /** Opens the log after a crash, forces what is left to the device, and leaves it dormant. */
    void recover() {
        lock.lock();
        try {
            var current = open(loader().loadUnclean());
            flush.force(current, current.segments, current.segments.all());
            core.durability.forced(current.end.offset());
        } catch (IOException e) {
            throw core.failed("recovering", e);
        } finally {
            lock.unlock();
        }
        rest();
    }

    /**
     * Called now and then: lets go of what was not used since the last call. It is forced to the device before, so that a
     * dormant log needs no recovery.
     */
    void rest() {
        var resting = state;
        if (resting == null || core.deleted || !core.directory.isOnline()) {
            return;
        }
        if (!touched) {
            flush.forceTo(resting, resting.end.offset());
        }
        lock.lock();
        try {
            var current = state;
            if (current == null || core.deleted || !core.directory.isOnline()) {
                return;
            }
            current.producers.removeExpired(core.nowMs());
            if (touched
                    || core.durability.recoveryPoint() < current.end.offset()
                    || current.producers.firstUnstableOffset() != Long.MAX_VALUE) {
                touched = false;
                return;
            }
            save(current);
            dormantSegments = LogWriter.summaries(current);
            dormantEndOffset = current.end.offset();
            state = null;
            current.segments.all().forEach(LogSegment::close);
        } catch (IOException e) {
            core.failed("closing", e);
        } finally {
            lock.unlock();
        }
    }

    /** Completes the files, so that the log can be opened again without a scan. */
    private void save(LogState current) throws IOException {
        current.end.segment().finish();
        current.producers.advanceTo(current.end.offset());
        ProducerSnapshots.take(core.path(), current.producers);
        if (current.epochs.takeUnforced()) {
            LeaderEpochs.force(core.path());
        }
    }

    /** Flushes and lets go of everything; nothing can be done with the log any more. */
    void close() {
        lock.lock();
        try {
            core.directory.ensureOnline();
            var current = state;
            if (current == null && dormantEndOffset != core.durability.recoveryPoint()) {
                current = load();
            }
            core.closed = true;
            if (current != null) {
                save(current);
                flush.forceTo(current, current.end.offset());
                dormantEndOffset = current.end.offset();
                state = null;
                current.segments.all().forEach(LogSegment::close);
            }
        } catch (IOException e) {
            throw core.failed("closing", e);
        } finally {
            lock.unlock();
        }
    }

    /** Renames the directory and closes the files; nothing can be done with the log any more. */
    void delete(Path target) {
        lock.lock();
        try {
            core.directory.ensureOnline();
            var current = state;
            Files.move(core.path(), target, StandardCopyOption.ATOMIC_MOVE);
            core.deleted = true;
            state = null;
            if (current != null) {
                current.segments.all().forEach(s -> s.moved(target));
                current.segments.all().forEach(LogSegment::close);
            }
        } catch (IOException e) {
            throw core.failed("deleting", e);
        } finally {
            lock.unlock();
        }
    }
}
