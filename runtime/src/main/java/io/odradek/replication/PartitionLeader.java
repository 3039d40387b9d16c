package io.odradek.replication;

import io.odradek.log.AbortedTxn;
import io.odradek.log.AppendOrigin;
import io.odradek.log.AppendResult;
import io.odradek.log.EpochEndOffset;
import io.odradek.log.LogId;
import io.odradek.log.LogSlice;
import io.odradek.log.PartitionLog;
import io.odradek.metadata.PartitionImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * This broker's leadership of one partition in one leader epoch: who may append and read, and how far. A new epoch makes
 * a new object; the old one {@linkplain #resign resigns} and answers with an error from then on.
 *
 * <p>Thread-safe. Appends are serialised by this object's monitor, so that none slips in after the resignation; reads
 * take no lock. Leading costs nothing until the partition is used for the first time: then the epoch is written into the
 * log and the high watermark established.
 */
public final class PartitionLeader implements HostedPartition {
    /** {@code acks=all} in a Produce request. */
    public static final short ACKS_ALL = -1;

    private static final long[] NO_FOLLOWERS = {};

    private final PartitionLog log;
    private final int leaderEpoch;
    private final Waiters waiters = new Waiters();
    /** Guards the movement of the high watermark; taken inside or outside of the monitor, holds no other but the log's. */
    private final Object watermarkLock = new Object();

    private volatile PartitionImage state;
    /** {@link Errors#NONE} as long as this broker leads. Written under the monitor. */
    private volatile Errors resignedBecause = Errors.NONE;
    /** Written under the monitor, once. */
    private volatile boolean active;

    private volatile long highWatermark;
    /** Follows {@link #active}. */
    private long epochStartOffset;
    /** Who is inside {@link #append}. Each thread only asks whether it is itself, so it needs no synchronisation. */
    private Thread appender;

    PartitionLeader(PartitionLog log, PartitionImage state) {
        this.log = log;
        this.state = state;
        this.leaderEpoch = state.leaderEpoch();
    }

    public LogId id() {
        return log.id();
    }

    public int leaderEpoch() {
        return leaderEpoch;
    }

    /** For lookups by timestamp, producers and sizes, which need no leadership rules. */
    public PartitionLog log() {
        return log;
    }

    /**
     * Appends a producer's or coordinator's batch. Whoever waits for the partition is not woken yet: the caller does so
     * with {@link #wake()} once all partitions of its request are appended, so that a waiting fetch gets the records of
     * all of them.
     *
     * @param acks as in a Produce request
     * @throws org.apache.kafka.common.errors.NotLeaderOrFollowerException this broker leads no more
     * @throws NotEnoughReplicasException too few replicas are in sync for {@code acks=all}
     * @throws org.apache.kafka.common.errors.ApiException what is wrong with the records; nothing was appended
     */
    public AppendResult append(MemoryRecords records, AppendOrigin origin, short acks) {
        return append(records, origin, acks, (short) 0);
    }

    /**
     * As {@link #append(MemoryRecords, AppendOrigin, short)} for what belongs to a transaction.
     *
     * @param transactionVersion that the producer's client speaks (KIP-890)
     */
    public AppendResult append(MemoryRecords records, AppendOrigin origin, short acks, short transactionVersion) {
        synchronized (this) {
            requireWritable(acks);
            appender = Thread.currentThread();
            try {
                return log.append(records, leaderEpoch, origin, transactionVersion);
            } finally {
                appender = null;
            }
        }
    }

    /**
     * Whether an append would find enough replicas now.
     *
     * @param acks as in a Produce request
     * @throws org.apache.kafka.common.errors.NotLeaderOrFollowerException this broker leads no more
     * @throws NotEnoughReplicasException too few replicas are in sync for {@code acks=all}
     */
    public void requireWritable(short acks) {
        ensureActive();
        if (acks == ACKS_ALL && inSyncReplicas() < minInSyncReplicas()) {
            throw new NotEnoughReplicasException("The size of the current ISR " + state.isr()
                    + " is insufficient to satisfy the min.isr requirement of " + minInSyncReplicas()
                    + " for partition " + id());
        }
    }

    /** Whether an append is as safe as {@code acks} asks for. Stays pending forever after a {@linkplain #resignedBecause resignation}. */
    public Acknowledgement acknowledgement(short acks, long lastOffset) {
        if (acks != ACKS_ALL) {
            return log.durableEndOffset() > lastOffset ? Acknowledgement.GIVEN : Acknowledgement.PENDING;
        }
        if (highWatermark <= lastOffset) {
            return Acknowledgement.PENDING;
        }
        return inSyncReplicas() < minInSyncReplicas() ? Acknowledgement.NOT_ENOUGH_REPLICAS : Acknowledgement.GIVEN;
    }

    /**
     * Reads whole batches from the one that contains {@code fetchOffset} on.
     *
     * @param lastFetchedEpoch epoch of the record before {@code fetchOffset} in the client's log; -1 if it does not say
     * @throws OffsetOutOfRangeException below the log start or beyond the log end offset, or the epoch is unknown here
     * @throws org.apache.kafka.common.errors.NotLeaderOrFollowerException this broker leads no more
     */
    public PartitionRead read(
            FetchIsolation isolation, long fetchOffset, int lastFetchedEpoch, int maxBytes, boolean minOneMessage) {
        ensureActive();
        long hw = highWatermark;
        long start = log.logStartOffset();
        long stable = log.lastStableOffset(hw);
        var diverging = lastFetchedEpoch < 0
                ? Optional.<EpochEndOffset>empty()
                : divergingEpoch(lastFetchedEpoch, fetchOffset, start);
        if (diverging.isPresent()) {
            return new PartitionRead(LogSlice.EMPTY, start, hw, stable, List.of(), diverging);
        }
        checkInRange(fetchOffset, start);
        long upperBound = upperBound(isolation, hw, stable);
        if (fetchOffset >= upperBound || maxBytes <= 0 && !minOneMessage) {
            return new PartitionRead(LogSlice.EMPTY, start, hw, stable, List.of(), diverging);
        }
        var records = log.read(fetchOffset, Math.max(0, maxBytes), upperBound, minOneMessage);
        try {
            return new PartitionRead(records, start, hw, stable, aborted(isolation, fetchOffset, records), diverging);
        } catch (RuntimeException e) {
            records.close();
            throw e;
        }
    }

    /** How many bytes {@link #read} would return, {@code maxBytes} at most. */
    public int availableBytes(FetchIsolation isolation, long fetchOffset, int maxBytes) {
        ensureActive();
        long hw = highWatermark;
        long upperBound =
                upperBound(isolation, hw, isolation == FetchIsolation.TXN_COMMITTED ? log.lastStableOffset(hw) : hw);
        if (fetchOffset >= upperBound) {
            return 0;
        }
        try (var records = log.read(fetchOffset, Math.max(0, maxBytes), upperBound, true)) {
            return Math.min(records.sizeInBytes(), maxBytes);
        }
    }

    private long upperBound(FetchIsolation isolation, long hw, long stable) {
        return switch (isolation) {
            case LOG_END -> log.logEndOffset();
            case HIGH_WATERMARK -> hw;
            case TXN_COMMITTED -> stable;
        };
    }

    private void checkInRange(long fetchOffset, long start) {
        long end = log.logEndOffset();
        if (fetchOffset < start || fetchOffset > end) {
            throw new OffsetOutOfRangeException("Received request for offset " + fetchOffset + " for partition " + id()
                    + ", but we only have log segments in the range " + start + " to " + end + ".");
        }
    }

    /** KIP-595: the client's last record is of an epoch that ended here before its fetch offset, or never was here. */
    private Optional<EpochEndOffset> divergingEpoch(int lastFetchedEpoch, long fetchOffset, long start) {
        var end = endOffsetForEpoch(lastFetchedEpoch);
        if (!end.isDefined() || end.leaderEpoch() < 0) {
            throw new OffsetOutOfRangeException("Could not determine the end offset of the last fetched epoch "
                    + lastFetchedEpoch + " from the request for partition " + id());
        }
        if (fetchOffset < start) {
            checkInRange(fetchOffset, start);
        }
        return end.leaderEpoch() < lastFetchedEpoch || end.endOffset() < fetchOffset
                ? Optional.of(end)
                : Optional.empty();
    }

    private List<AbortedTxn> aborted(FetchIsolation isolation, long fetchOffset, LogSlice records) {
        if (isolation != FetchIsolation.TXN_COMMITTED || records.isEmpty()) {
            return List.of();
        }
        try {
            return log.abortedTransactions(fetchOffset, records.endOffset());
        } catch (IOException e) {
            throw new KafkaStorageException("Where the records of " + id() + " end could not be read", e);
        }
    }

    /** Where an epoch ends in this log, from the leader's view (OffsetForLeaderEpoch). */
    public EpochEndOffset endOffsetForEpoch(int epoch) {
        ensureActive();
        return log.endOffsetForEpoch(epoch);
    }

    public long logStartOffset() {
        ensureActive();
        return log.logStartOffset();
    }

    public long highWatermark() {
        ensureActive();
        return highWatermark;
    }

    public long lastStableOffset() {
        ensureActive();
        return log.lastStableOffset(highWatermark);
    }

    /** Where this leader began: as long as the high watermark is below, consumers cannot be told where the end is. */
    public long epochStartOffset() {
        ensureActive();
        return epochStartOffset;
    }

    /**
     * Deletes the records below {@code offset}; with -1 all up to the high watermark. May touch files.
     *
     * @return the log start offset afterwards
     * @throws PolicyViolationException the topic is compacted and nothing else
     * @throws OffsetOutOfRangeException beyond the high watermark
     */
    public long deleteRecordsBefore(long offset) {
        ensureActive();
        var config = log.config();
        if (config.cleanupCompact() && !config.cleanupDelete()) {
            throw new PolicyViolationException(
                    "Records of partition " + id() + " can not be deleted due to the configured policy");
        }
        long target = offset == -1 ? highWatermark : offset;
        if (target < 0 || target > highWatermark) {
            throw new OffsetOutOfRangeException("The offset " + target + " for partition " + id()
                    + " is not valid: the high watermark is " + highWatermark);
        }
        if (target > log.logStartOffset()) {
            log.deleteRecordsBefore(target);
        }
        return log.logStartOffset();
    }

    /**
     * Who is told of every progress from now on. What the partition has by then has to be looked at after subscribing,
     * or it may be missed.
     */
    public Subscription subscribe(PartitionWaiter waiter) {
        return waiters.add(waiter);
    }

    /** Wakes all who wait, after an {@link #append}. Not to be called with a lock held. */
    public void wake() {
        waiters.wake(this);
    }

    /** {@link Errors#NONE} as long as this broker leads; what a client is told, when it does not any more. */
    public Errors resignedBecause() {
        return resignedBecause;
    }

    /** Leads no more. Whoever waits is woken and finds out. */
    void resign(Errors because) {
        synchronized (this) {
            resignedBecause = because;
        }
        wake();
    }

    /** The partition as the metadata has it now, still in this leader epoch. */
    void update(PartitionImage image) {
        state = image;
        if (active) {
            advance(log.durableEndOffset());
            wake();
        }
    }

    /** Whether the broker is one of the partition's replicas. */
    public boolean isAssigned(int brokerId) {
        return state.replicas().contains(brokerId);
    }

    private void requireLeadership() {
        if (resignedBecause != Errors.NONE) {
            throw resignedBecause.exception(
                    "Partition " + id() + " is not led here in epoch " + leaderEpoch + " any more");
        }
    }

    private void ensureActive() {
        if (!active) {
            synchronized (this) {
                activate();
            }
        }
        requireLeadership();
    }

    /** Under the monitor. */
    private void activate() {
        requireLeadership();
        if (active) {
            return;
        }
        long end = log.logEndOffset();
        if (log.latestEpoch() < leaderEpoch) {
            log.assignEpochStart(leaderEpoch, end);
        }
        epochStartOffset = end;
        highWatermark = log.highWatermark();
        log.onDurable(this::onDurable);
        advance(log.durableEndOffset());
        active = true;
    }

    /** In the thread that appends, which wakes the waiters itself later, or in the directory's flush thread. */
    private void onDurable(long durableEndOffset) {
        if (resignedBecause != Errors.NONE) {
            return;
        }
        advance(durableEndOffset);
        if (appender != Thread.currentThread()) {
            wake();
        }
    }

    private void advance(long durableEndOffset) {
        synchronized (watermarkLock) {
            long next = HighWatermark.next(highWatermark, durableEndOffset, followerEnds(), minInSyncReplicas());
            if (next > highWatermark) {
                highWatermark = next;
                log.updateHighWatermark(next);
            }
        }
    }

    /** Followers in sync whose end offset nobody has told hold the high watermark back. */
    private long[] followerEnds() {
        int followers = inSyncReplicas() - 1;
        if (followers <= 0) {
            return NO_FOLLOWERS;
        }
        var ends = new long[followers];
        Arrays.fill(ends, HighWatermark.UNKNOWN_END);
        return ends;
    }

    private int inSyncReplicas() {
        return state.isr().size();
    }

    private int minInSyncReplicas() {
        var image = state;
        return HighWatermark.effectiveMinInSync(
                log.config().minInsyncReplicas(), image.replicas().size());
    }
}
