package io.odradek.log;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.jboss.logging.Logger;

/**
 * A log on its way into another log directory (KIP-113): copies what is there batch by batch, follows what is appended,
 * truncated and deleted meanwhile, and takes the log's place when it has caught up.
 *
 * <p>{@link #step} is for one thread at a time, whichever; it is guarded by the monitor, as is {@link #cancel}, which
 * therefore waits for a step that is under way.
 */
final class FutureLog {
    private static final Logger LOG = Logger.getLogger(FutureLog.class);

    /** Of records that are copied at a time. */
    private static final int CHUNK_BYTES = 1 << 20;
    /** How much is copied at most while nobody can append. */
    private static final int LAST_BYTES = 2 * CHUNK_BYTES;

    private static final long NOTHING_CUT = Long.MAX_VALUE;

    private final PartitionLog current;
    private final PartitionLog copy;
    private final ByteQuota quota;
    /** From where on the current log was truncated since this was looked at. */
    private final AtomicLong cutAt = new AtomicLong(NOTHING_CUT);

    private boolean over;

    enum Progress {
        /** There is more to do. */
        ON_ITS_WAY,
        /** The quota is used up for now. */
        THROTTLED,
        /** There is next to nothing to do: {@link #takeOver} has to follow. */
        CAUGHT_UP,
        /** Cancelled, or a directory has failed. */
        GIVEN_UP
    }

    /** @param quota of all moves */
    FutureLog(PartitionLog current, PartitionLog copy, ByteQuota quota) {
        this.current = current;
        this.copy = copy;
        this.quota = quota;
        current.move().begin(this::truncated);
    }

    PartitionLog current() {
        return current;
    }

    PartitionLog copy() {
        return copy;
    }

    /** How many records are still to be copied, in offsets. */
    long lag() {
        return Math.max(0, current.logEndOffset() - copy.logEndOffset());
    }

    /** Under the current log's lock. What was read before, and is cut off by now, is taken out with the next step. */
    private void truncated(long offset) {
        cutAt.accumulateAndGet(offset, Math::min);
    }

    /**
     * The copy is from before this process was started: cuts off what the log does not have, by leader epochs as between
     * replicas (KIP-101). To be called before either is used.
     */
    void reconcile() {
        while (copy.logEndOffset() > copy.logStartOffset()) {
            var known =
                    copy.latestEpoch() < 0 ? EpochEndOffset.UNDEFINED : current.endOffsetForEpoch(copy.latestEpoch());
            if (!known.isDefined()) {
                copy.truncateFullyAndStartAt(current.logStartOffset());
                return;
            }
            boolean same = known.leaderEpoch() == copy.latestEpoch();
            long end = Math.min(known.endOffset(), copy.logEndOffset());
            var own = copy.endOffsetForEpoch(known.leaderEpoch());
            copy.truncateTo(own.isDefined() ? Math.min(own.endOffset(), end) : end);
            if (same) {
                return;
            }
        }
    }

    /** Goes on for a bit. May wait for disks. */
    Progress step() {
        try {
            synchronized (this) {
                if (over) {
                    return Progress.GIVEN_UP;
                }
                if (quota.isExceeded()) {
                    return Progress.THROTTLED;
                }
                copy.configure(current.config());
                align();
                long end = current.logEndOffset();
                copyTo(end, CHUNK_BYTES);
                if (copy.logEndOffset() < end) {
                    return Progress.ON_ITS_WAY;
                }
            }
            // Here, so that nothing much is left to be forced while nobody can append.
            copy.flush();
            synchronized (this) {
                return over ? Progress.GIVEN_UP : Progress.CAUGHT_UP;
            }
        } catch (OffsetOutOfRangeException e) {
            // Records were deleted or cut off while they were read.
            return Progress.ON_ITS_WAY;
        } catch (KafkaStorageException e) {
            LOG.warnf("%s is not moved to %s: %s", current, copy, e.getMessage());
            return Progress.GIVEN_UP;
        }
    }

    /** Follows what was truncated and deleted. */
    private void align() {
        long cut = cutAt.getAndSet(NOTHING_CUT);
        if (cut == LogWriter.NOTHING_LEFT) {
            copy.truncateFullyAndStartAt(current.logStartOffset());
        } else if (cut < copy.logEndOffset()) {
            copy.truncateTo(cut);
        }
        long start = current.logStartOffset();
        if (start > copy.logEndOffset()) {
            copy.truncateFullyAndStartAt(start);
        }
        copy.updateHighWatermark(Math.min(current.highWatermark(), copy.logEndOffset()));
        if (start > copy.logStartOffset()) {
            copy.updateHighWatermark(Math.max(start, copy.highWatermark()));
            copy.deleteRecordsBefore(start);
        }
    }

    /** Copies up to an offset, or as much as {@code maxBytes} and what is left of a batch. */
    private void copyTo(long end, int maxBytes) {
        int left = maxBytes;
        while (left > 0 && copy.logEndOffset() < end) {
            int truncations = current.truncations();
            try (var records = current.read(copy.logEndOffset(), left, Long.MAX_VALUE, true)) {
                if (records.isEmpty()) {
                    return;
                }
                copy.appendAsFollower(records.load());
                quota.record(records.sizeInBytes());
                left -= records.sizeInBytes();
            } catch (IOException e) {
                if (truncations == current.truncations()) {
                    throw current.directory().fail("reading " + current.id(), e);
                }
                return; // cut off, and perhaps written over, while it was read
            } catch (CorruptRecordException e) {
                if (truncations == current.truncations()) {
                    throw e;
                }
                return;
            }
        }
    }

    /**
     * After {@link Progress#CAUGHT_UP}: takes the log's place, if nothing has come in between that takes longer.
     *
     * @param deletedName of the log's present directory
     * @throws KafkaStorageException a directory has failed
     */
    synchronized boolean takeOver(String deletedName) {
        if (over) {
            return false;
        }
        over = current.move().complete(copy.move(), this::complete, deletedName);
        return over;
    }

    private boolean complete() {
        align();
        copyTo(current.logEndOffset(), LAST_BYTES);
        return copy.logEndOffset() == current.logEndOffset() && copy.logStartOffset() == current.logStartOffset();
    }

    /** Stops it; the copy is left as it is. Idempotent. */
    synchronized boolean cancel() {
        if (over) {
            return false;
        }
        over = true;
        current.move().giveUp();
        return true;
    }
}
