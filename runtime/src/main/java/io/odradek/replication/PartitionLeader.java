package io.odradek.replication;

import io.odradek.log.AppendOrigin;
import io.odradek.log.AppendResult;
import io.odradek.log.EpochEndOffset;
import io.odradek.log.LogId;
import io.odradek.log.PartitionLog;
import io.odradek.metadata.PartitionImage;
import java.util.List;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jboss.logging.Logger;

/**
 * This broker's leadership of one partition in one leader epoch: who may append and read, and how far. A new epoch makes
 * a new object; the old one {@linkplain #resign resigns} and answers with an error from then on. What follows from whom
 * is {@link LeaderReplica}'s.
 *
 * <p>Thread-safe. Appends are serialised, so that none slips in after the resignation; reads take no lock. Leading costs
 * nothing until the partition is used for the first time: then the epoch is written into the log and the high watermark
 * established.
 */
public final class PartitionLeader implements HostedPartition, ReadablePartition {
    private static final Logger LOG = Logger.getLogger(PartitionLeader.class);

    /** {@code acks=all} in a Produce request. */
    public static final short ACKS_ALL = -1;

    private final PartitionLog log;
    private final LeaderReplica replica;
    private final IsrProposals proposals;
    private final Waiters waiters = new Waiters();
    /** Who is inside {@link #append}. Each thread only asks whether it is itself, so it needs no synchronisation. */
    private Thread appender;

    PartitionLeader(PartitionLog log, PartitionImage state, LeaderContext context) {
        this.log = log;
        this.replica = new LeaderReplica(log, state, context) {
            @Override
            void activated() {
                log.onDurable(PartitionLeader.this::onDurable);
                log.onRetention(PartitionLeader.this::wake);
            }
        };
        this.proposals = context.proposals();
    }

    public LogId id() {
        return log.id();
    }

    public int leaderEpoch() {
        return replica.leaderEpoch();
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
        synchronized (replica) {
            replica.requireWritable(acks);
            appender = Thread.currentThread();
            try {
                return log.append(records, replica.leaderEpoch(), origin, transactionVersion);
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
        replica.requireWritable(acks);
    }

    /** Whether an append is as safe as {@code acks} asks for. Stays pending forever after a {@linkplain #resignedBecause resignation}. */
    public Acknowledgement acknowledgement(short acks, long lastOffset) {
        return replica.acknowledgement(acks, lastOffset);
    }

    @Override
    public PartitionRead read(
            FetchIsolation isolation, long fetchOffset, int lastFetchedEpoch, int maxBytes, boolean minOneMessage) {
        replica.ensureActive();
        return LogReads.read(
                log, replica.highWatermark(), isolation, fetchOffset, lastFetchedEpoch, maxBytes, minOneMessage);
    }

    @Override
    public int availableBytes(FetchIsolation isolation, long fetchOffset, int maxBytes) {
        replica.ensureActive();
        return LogReads.availableBytes(log, replica.highWatermark(), isolation, fetchOffset, maxBytes);
    }

    /** Where an epoch ends in this log, from the leader's view (OffsetForLeaderEpoch). */
    public EpochEndOffset endOffsetForEpoch(int epoch) {
        replica.ensureActive();
        return log.endOffsetForEpoch(epoch);
    }

    public long logStartOffset() {
        replica.ensureActive();
        return log.logStartOffset();
    }

    public long highWatermark() {
        replica.ensureActive();
        return replica.highWatermark();
    }

    public long lastStableOffset() {
        replica.ensureActive();
        return log.lastStableOffset(replica.highWatermark());
    }

    /** Where this leader began: as long as the high watermark is below, consumers cannot be told where the end is. */
    public long epochStartOffset() {
        replica.ensureActive();
        return replica.epochStartOffset();
    }

    /**
     * Deletes the records below {@code offset} here; with -1 all up to the high watermark. May touch files. They are gone
     * from all replicas when the {@link #lowWatermark()} is there.
     *
     * @return the offset below which they are deleted
     * @throws PolicyViolationException the topic is compacted and nothing else
     * @throws OffsetOutOfRangeException beyond the high watermark
     */
    public long deleteRecordsBefore(long offset) {
        replica.ensureActive();
        var config = log.config();
        if (config.cleanupCompact() && !config.cleanupDelete()) {
            throw new PolicyViolationException(
                    "Records of partition " + id() + " can not be deleted due to the configured policy");
        }
        long highWatermark = replica.highWatermark();
        long target = offset == -1 ? highWatermark : offset;
        if (target < 0 || target > highWatermark) {
            throw new OffsetOutOfRangeException("The offset " + target + " for partition " + id()
                    + " is not valid: the high watermark is " + highWatermark);
        }
        if (target > log.logStartOffset()) {
            log.deleteRecordsBefore(target);
            wake();
        }
        return target;
    }

    @Override
    public Subscription subscribe(PartitionWaiter waiter) {
        return waiters.add(waiter);
    }

    @Override
    public void wasCaughtUp(int follower, long fetchOffset, long askedMs) {
        replica.wasCaughtUp(follower, fetchOffset, askedMs);
    }

    /** Whether another fetch of the same follower from the same offset would change nothing here. */
    public boolean isSettled(int follower) {
        return replica.isSettled(follower);
    }

    /** Wakes all who wait, after an {@link #append}. Not to be called with a lock held. */
    public void wake() {
        waiters.wake(id());
    }

    /** {@link Errors#NONE} as long as this broker leads; what a client is told, when it does not any more. */
    public Errors resignedBecause() {
        return replica.resignedBecause();
    }

    /** Leads no more. Whoever waits is woken and finds out. */
    void resign(Errors because) {
        replica.resign(because);
        wake();
    }

    /** The partition as the metadata has it now, still in this leader epoch. */
    void update(PartitionImage image) {
        if (replica.update(image)) {
            wake();
        }
    }

    /** Whether the broker is one of the partition's replicas. */
    public boolean isAssigned(int brokerId) {
        return replica.state().replicas().contains(brokerId);
    }

    /**
     * A follower may fetch from here.
     *
     * @param brokerEpoch of the follower; -1 if it does not say
     * @throws org.apache.kafka.common.errors.NotLeaderOrFollowerException a later incarnation of that broker is known
     *     (KIP-903)
     */
    public void checkFollower(int brokerId, long brokerEpoch) {
        replica.checkFollower(brokerId, brokerEpoch);
    }

    /**
     * A follower has fetched, and its log has not branched off: it has all records below its fetch offset. May move the
     * high watermark, which wakes who waits; may propose to take the follower into the ISR. Not to be called with a lock
     * held.
     *
     * @param logStartOffset the follower's
     * @param leaderEnd the log end offset here before the fetch was read
     * @return the high watermark then
     */
    public long followerFetched(int brokerId, long brokerEpoch, long fetchOffset, long logStartOffset, long leaderEnd) {
        if (replica.fetched(brokerId, brokerEpoch, fetchOffset, logStartOffset, leaderEnd)) {
            wake();
        }
        replica.expansion().ifPresent(this::propose);
        return replica.highWatermark();
    }

    /** Whether what is sent to followers counts against the quota of throttled replication (KIP-73). */
    public boolean isThrottled() {
        return replica.isThrottled();
    }

    /** Whether a follower gets no records at the moment, because that quota is used up. */
    public boolean holdsBack(int follower) {
        return replica.holdsBack(follower);
    }

    /** The followers that a consumer may read from at this offset. */
    public List<ReadableFollower> readableFollowers(long fetchOffset) {
        return replica.readableFollowers(fetchOffset);
    }

    /** Where the logs of all live replicas begin, as far as is known; -1 if one has not said. What {@link #deleteRecordsBefore} was asked for is deleted everywhere up to here. */
    public long lowWatermark() {
        return replica.lowWatermark();
    }

    /** Proposes to take followers out of the ISR that lag behind, and in that have caught up. To be called now and then. */
    void checkIsr() {
        replica.shrinkage().ifPresent(this::propose);
    }

    private void propose(IsrProposal proposal) {
        proposals.propose(proposal).whenComplete((image, failure) -> {
            var error = failure == null ? Errors.NONE : Errors.forException(failure);
            if (error != Errors.NONE) {
                LOG.debugf("The proposal of ISR %s for %s failed: %s", proposal.ids(), id(), error);
            }
            replica.settled(proposal, error);
            if (error != Errors.NONE) {
                wake();
            }
        });
    }

    /** In the thread that appends, which wakes the waiters itself later, or in the directory's flush thread. */
    private void onDurable(long durableEndOffset) {
        if (replica.durable(durableEndOffset) && appender != Thread.currentThread()) {
            wake();
        }
    }
}
