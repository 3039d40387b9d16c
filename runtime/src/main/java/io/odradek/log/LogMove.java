package io.odradek.log;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/** What a log, or the copy of one, does for a move into another log directory. Thread-safe. */
final class LogMove {
    private final LogCore core;
    private final ReentrantLock lock;
    private final LogResidence residence;

    LogMove(LogCore core, ReentrantLock lock, LogResidence residence) {
        this.core = core;
        this.lock = lock;
        this.residence = residence;
    }

    /**
     * A copy is made in another directory. From now on nothing is compacted here, until {@link #complete} or {@link
     * #giveUp}.
     *
     * @param onTruncation told under the lock after something was cut off, with the offset from which on, or with {@link
     *     LogWriter#NOTHING_LEFT}
     */
    void begin(LongConsumer onTruncation) {
        lock.lock();
        try {
            core.moving = true;
            core.onTruncation = onTruncation;
        } finally {
            lock.unlock();
        }
    }

    /** There is no copy in another directory any more. */
    void giveUp() {
        lock.lock();
        try {
            core.moving = false;
            core.onTruncation = offset -> {};
        } finally {
            lock.unlock();
        }
    }

    /**
     * The log takes the files of the copy instead of its own, which get another name. Whoever uses this log goes on with them
     * and notices nothing; nobody may use the copy any more.
     *
     * @param copyRest copies the rest under the lock; false if that is too much by now
     * @param deletedName of the directory that it had
     * @return whether it has moved
     */
    boolean complete(LogMove copy, BooleanSupplier copyRest, String deletedName) {
        lock.lock();
        copy.lock.lock();
        try {
            if (!copyRest.getAsBoolean()) {
                return false;
            }
            residence.moveTo(copy.residence, deletedName);
        } catch (IOException e) {
            throw core.failed("moving", e);
        } finally {
            copy.lock.unlock();
            lock.unlock();
        }
        core.durability.announce(core.durability.recoveryPoint(), residence.endOffset(), core.config);
        return true;
    }
}
