package io.odradek.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where the state of a log is: in the heap while the log is used, else in its files alone. A dormant log keeps what is
 * asked of all logs now and then (end offset, segments), so that asking does not wake it. A log that nothing was ever
 * written to is blank: it has no files, and to lead or follow it makes none. Thread-safe; what changes where the state is
 * happens under the log's lock.
 */
final class LogResidence {
    private static final int NO_EPOCH = -1;
    private static final int NOT_BLANK = -2;

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
    /**
     * While blank: the leader epoch in which this broker leads it, {@link #NO_EPOCH} if it does not; else {@link #NOT_BLANK}.
     * It is not written down: an epoch without a record tells nobody anything once this process is gone.
     */
    private volatile int blankEpoch = NOT_BLANK;
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

    /** There are no files yet, and nothing below offset 0 that would be missing. To be called before anything else. */
    void blank() {
        blankEpoch = NO_EPOCH;
    }

    /** The state if it is in the heap, else null. */
    LogState current() {
        return state;
    }

    /** It is dormant, and known to have no open transaction: a log that has one does not go dormant in this process. */
    boolean isWithoutTransactions() {
        return state == null && (blankEpoch != NOT_BLANK || !dormantSegments.isEmpty());
    }

    LeaderEpochs epochs() {
        var current = state;
        int epoch = blankEpoch;
        if (current != null || epoch == NOT_BLANK) {
            return state().epochs;
        }
        var epochs = new LeaderEpochs();
        if (epoch != NO_EPOCH) {
            epochs.assign(epoch, 0);
        }
        return epochs;
    }

    /** Notes the epoch if the log is blank, under the lock. Whether it is. */
    boolean assignEpochIfBlank(int epoch) {
        if (blankEpoch == NOT_BLANK) {
            return false;
        }
        blankEpoch = Math.max(blankEpoch, epoch);
        return true;
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
        if (state == null && blankEpoch != NOT_BLANK) {
            long nowMs = core.nowMs();
            return List.of(new SegmentSummary(0, 0, 0, nowMs, nowMs, true));
        }
        try {
            return LogWriter.summaries(state());
        } catch (NoSuchFileException e) {
            return segmentsUnderLock();
        } catch (IOException e) {
            throw core.failed("looking at", e);
        }
    }

    /** Nothing is removed, renamed or moved meanwhile. */
    private List<SegmentSummary> segmentsUnderLock() {
        lock.lock();
        try {
            return LogWriter.summaries(state());
        } catch (IOException e) {
            throw core.failed("looking at", e);
        } finally {
            lock.unlock();
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

    private LogState open(LogLoader.Loaded loaded) throws IOException {
        var opened = loaded.state();
        var endOffset = opened.end.offset();
        core.logStartOffset = loaded.logStartOffset();
        if (dormantEndOffset != endOffset) {
            core.durability.opened(endOffset);
        }
        opened.producers.onHighWatermark(core.highWatermark(endOffset));
        writer.drawJitter();
        if (blankEpoch > NO_EPOCH) {
            opened.epochs.assign(blankEpoch, endOffset);
            opened.epochs.save(core.path());
        }
        state = opened;
        blankEpoch = NOT_BLANK;
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

    /**
     * The files of {@code copy}, which has the same records, become this log's; its own directory is renamed. All that
     * happens under both locks, in this order: the copy is forced to the device; this log's directory gets a name that
     * says for which copy it has made room; the copy gets this log's. A crash in between leaves enough to go on from there
     * ({@link MovedLogs}). Epochs and producers stay as they are: the batches alone do not tell all of them.
     */
    void moveTo(LogResidence copy, String deletedName) throws IOException {
        var source = core.directory;
        var target = copy.core.directory;
        var former = state();
        var next = copy.state();
        try {
            next.end.segment().finish();
            former.producers.advanceTo(former.end.offset());
            ProducerSnapshots.take(copy.core.path(), former.producers);
            former.epochs.copyTo(copy.core.path());
            LeaderEpochs.force(copy.core.path());
            copy.flush.force(next, next.segments, next.segments.all());
        } catch (IOException e) {
            throw copy.core.failed("moving", e);
        }

        var path = core.path();
        var deleted = path.resolveSibling(deletedName);
        Files.move(path, deleted, StandardCopyOption.ATOMIC_MOVE);
        CheckpointFile.forceDirectory(source.path());
        var moved = target.path().resolve(core.id.directoryName());
        try {
            Files.move(copy.core.path(), moved, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.move(deleted, path, StandardCopyOption.ATOMIC_MOVE);
            throw target.fail("moving " + core.id, e);
        }
        former.segments.all().forEach(segment -> segment.moved(deleted));
        next.segments.all().forEach(segment -> segment.moved(moved));
        core.truncations++;
        core.moved(target);
        core.durability.forced(next.end.offset());
        state = new LogState(next.segments, next.end, former.epochs, former.producers);
        former.succeededBy(state);
        core.onTruncation = offset -> {};
        core.moving = false;
        copy.core.deleted = true;
        copy.state = null;
        former.segments.all().forEach(LogSegment::close);
        try {
            CheckpointFile.forceDirectory(target.path());
        } catch (IOException e) {
            throw target.fail("moving " + core.id, e);
        }
    }
}
