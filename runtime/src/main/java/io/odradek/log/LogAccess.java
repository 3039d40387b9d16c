package io.odradek.log;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;

/**
 * The way to the state of a log. Who changes it holds the log's lock; who reads it does not, and looks again if files were cut,
 * removed or moved meanwhile. An I/O error takes the log's directory offline. Thread-safe.
 */
final class LogAccess {
    /** Reads that meet a concurrent truncation or removal look again at what is there now. */
    private static final int READ_ATTEMPTS = 3;

    private final LogCore core;
    private final ReentrantLock lock;
    private final LogResidence residence;

    LogAccess(LogCore core, ReentrantLock lock, LogResidence residence) {
        this.core = core;
        this.lock = lock;
        this.residence = residence;
    }

    void lock() {
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }

    /** The state, read from the files if it is not in the heap. */
    LogState state() {
        return residence.state();
    }

    /** The state for someone who will change it. Under the lock. */
    LogState writable() {
        core.ensureUsable();
        return residence.state();
    }

    @FunctionalInterface
    interface Change {
        void to(LogState current) throws IOException;
    }

    /** @param what is done to the log, for the error: {@code truncating} */
    void change(String what, Change change) {
        lock.lock();
        try {
            change.to(writable());
        } catch (IOException e) {
            throw core.failed(what, e);
        } finally {
            lock.unlock();
        }
    }

    @FunctionalInterface
    interface Look<T> {
        T at(LogReader reader) throws IOException;
    }

    <T> T look(Look<T> look) {
        var current = state();
        core.directory.ensureOnline();
        try {
            return look.at(new LogReader(current));
        } catch (NoSuchFileException e) {
            // Removed or moved while it was read: what is there now answers as well.
            awaitChange();
            try {
                return look.at(new LogReader(state()));
            } catch (IOException again) {
                throw core.failed("reading", again);
            }
        } catch (IOException e) {
            throw core.failed("reading", e);
        }
    }

    /** See {@link PartitionLog#read}. */
    LogSlice read(long startOffset, int maxBytes, long upperBoundOffset, boolean minOneMessage) {
        for (int attempt = 1; ; attempt++) {
            var truncations = core.truncations;
            var current = state();
            var endOffset = current.end.offset();
            if (startOffset < core.logStartOffset || startOffset > endOffset) {
                throw new OffsetOutOfRangeException("Received request for offset " + startOffset + " for partition "
                        + core.id + ", but we only have log segments from offset " + core.logStartOffset + " to "
                        + endOffset + ".");
            }
            if (startOffset == endOffset || startOffset >= upperBoundOffset) {
                return LogSlice.EMPTY;
            }
            try {
                return new LogReader(current).read(startOffset, maxBytes, upperBoundOffset, minOneMessage);
            } catch (IOException | CorruptRecordException e) {
                var moved = truncations != core.truncations || e instanceof NoSuchFileException;
                if (!moved || attempt == READ_ATTEMPTS) {
                    throw e instanceof IOException io ? core.failed("reading", io) : (CorruptRecordException) e;
                }
                awaitChange();
            }
        }
    }

    /** Files are gone or have another name: whoever does that holds the lock until others are in their place. */
    private void awaitChange() {
        lock.lock();
        lock.unlock();
    }
}
