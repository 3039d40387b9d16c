package io.odradek.replication;

import io.odradek.log.LogId;
import io.odradek.log.ReplicaLog;
import io.odradek.metadata.PartitionImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.protocol.Errors;

/**
 * The leadership of one partition in one leader epoch as a state machine: how far its followers are, who of them should be
 * in sync, up to where records are committed, what is acknowledged. Does no I/O but through its log; its caller carries
 * its proposals to the metadata and wakes those who wait.
 *
 * <p>Thread-safe. The monitor serialises appends with the resignation; the high watermark and the followers have a lock of
 * their own, which is taken inside or outside of the monitor and under which nothing is called but the log.
 *
 * <p>A record is committed, and below the high watermark, when all members of the <em>maximal</em> ISR have it: those that
 * the metadata has, and those that a proposal on its way may add (KIP-497). While fewer than {@code min.insync.replicas}
 * are in sync nothing is committed (KIP-966): a clean election could lose it.
 */
class LeaderReplica {
    private static final FollowerState[] NO_FOLLOWERS = {};

    private final ReplicaLog log;
    private final LeaderContext context;
    private final int leaderEpoch;
    private final Object watermarkLock = new Object();

    private volatile PartitionImage state;
    /** {@link Errors#NONE} as long as this broker leads. Written under the monitor. */
    private volatile Errors resignedBecause = Errors.NONE;
    /** Written under both locks, once. */
    private volatile boolean active;
    /** Follows {@link #active}. */
    private long epochStartOffset;
    /** Written under the watermark lock. */
    private volatile long highWatermark;
    /** All replicas but this one. Replaced under the watermark lock, under which the elements are used. */
    private volatile FollowerState[] followers = NO_FOLLOWERS;
    /** Null if none is. Guarded by the watermark lock, as are the next two. */
    private IsrProposal pending;

    private boolean underWay;
    private long nextProposalMs = Long.MIN_VALUE;

    LeaderReplica(ReplicaLog log, PartitionImage state, LeaderContext context) {
        this.log = log;
        this.state = state;
        this.context = context;
        this.leaderEpoch = state.leaderEpoch();
    }

    final LogId id() {
        return log.id();
    }

    final int leaderEpoch() {
        return leaderEpoch;
    }

    final PartitionImage state() {
        return state;
    }

    final Errors resignedBecause() {
        return resignedBecause;
    }

    /** Leads no more; appends that are under way are done when this returns. */
    final synchronized void resign(Errors because) {
        resignedBecause = because;
    }

    /** @throws org.apache.kafka.common.errors.ApiException what a client is told once this broker leads no more */
    final void ensureActive() {
        if (!active) {
            activate();
        }
        requireLeadership();
    }

    private void requireLeadership() {
        if (resignedBecause != Errors.NONE) {
            throw resignedBecause.exception(
                    "Partition " + id() + " is not led here in epoch " + leaderEpoch + " any more");
        }
    }

    private synchronized void activate() {
        requireLeadership();
        if (active) {
            return;
        }
        activated();
        long end = log.logEndOffset();
        if (log.latestEpoch() < leaderEpoch) {
            log.assignEpochStart(leaderEpoch, end);
        }
        synchronized (watermarkLock) {
            epochStartOffset = end;
            highWatermark = log.highWatermark();
            followers = followersOf(state);
            advance(log.durableEndOffset());
            active = true;
        }
    }

    /** The log is about to be used: whoever feeds {@link #durable} has to listen to it from now on. */
    void activated() {}

    /**
     * Whether an append would find enough replicas now.
     *
     * @throws NotEnoughReplicasException too few replicas are in sync for {@code acks=all}
     */
    final void requireWritable(short acks) {
        ensureActive();
        if (acks == PartitionLeader.ACKS_ALL && isUnderMinIsr()) {
            throw new NotEnoughReplicasException("The size of the current ISR " + state.isr()
                    + " is insufficient to satisfy the min.isr requirement of " + minInSyncReplicas(state)
                    + " for partition " + id());
        }
    }

    /** Whether an append is as safe as {@code acks} asks for. */
    Acknowledgement acknowledgement(short acks, long lastOffset) {
        if (acks != PartitionLeader.ACKS_ALL) {
            return log.durableEndOffset() > lastOffset ? Acknowledgement.GIVEN : Acknowledgement.PENDING;
        }
        if (highWatermark <= lastOffset) {
            return Acknowledgement.PENDING;
        }
        return isUnderMinIsr() ? Acknowledgement.NOT_ENOUGH_REPLICAS : Acknowledgement.GIVEN;
    }

    final long highWatermark() {
        return highWatermark;
    }

    final long epochStartOffset() {
        return epochStartOffset;
    }

    /** The log is durable so far. Returns whether the high watermark has moved. */
    final boolean durable(long durableEndOffset) {
        if (!active || resignedBecause != Errors.NONE) {
            return false;
        }
        synchronized (watermarkLock) {
            return advance(durableEndOffset);
        }
    }

    /**
     * A follower may fetch from here.
     *
     * @throws NotLeaderOrFollowerException a later incarnation of it is known (KIP-903)
     */
    final void checkFollower(int brokerId, long brokerEpoch) {
        if (context.brokers().isStale(brokerId, brokerEpoch)) {
            throw new NotLeaderOrFollowerException(
                    "Broker " + brokerId + " with epoch " + brokerEpoch + " has been succeeded by a later one");
        }
    }

    /**
     * A follower has got what it fetched.
     *
     * @param fetchOffset it has all records below, and they are the same as here
     * @param logStartOffset its own
     * @param leaderEnd the log end offset here when its fetch was read
     * @return whether the high watermark or the low watermark may have moved
     */
    final boolean fetched(int brokerId, long brokerEpoch, long fetchOffset, long logStartOffset, long leaderEnd) {
        synchronized (watermarkLock) {
            var follower = follower(brokerId);
            if (follower == null || follower.brokerEpoch() > brokerEpoch) {
                return false;
            }
            long before = follower.endOffset();
            long startBefore = follower.logStartOffset();
            follower.fetched(
                    brokerEpoch,
                    fetchOffset,
                    logStartOffset,
                    leaderEnd,
                    context.time().hiResClockMs());
            boolean advanced = fetchOffset != before && advance(log.durableEndOffset());
            return advanced || logStartOffset != startBefore;
        }
    }

    /**
     * Whether it makes no difference whether a follower asks again for what it asked for last, as long as the partition
     * does not change: it is in sync, and nothing is proposed.
     */
    final boolean isSettled(int brokerId) {
        synchronized (watermarkLock) {
            var follower = follower(brokerId);
            return follower != null && follower.inIsr() && pending == null;
        }
    }

    /** A follower had everything when it asked last, and has not been heard of since. */
    final void wasCaughtUp(int brokerId, long fetchOffset, long askedMs) {
        synchronized (watermarkLock) {
            var follower = follower(brokerId);
            if (follower != null && follower.endOffset() == fetchOffset) {
                follower.wasCaughtUp(askedMs);
            }
        }
    }

    /** Whether what is sent to followers counts against the quota of throttled replication. */
    final boolean isThrottled() {
        return log.config().leaderThrottledReplicas().contains(id().partition(), context.brokerId());
    }

    /** Whether a follower has to wait for records. One that is in sync never does: the high watermark would wait for it. */
    final boolean holdsBack(int follower) {
        return isThrottled() && context.quota().isExceeded() && !state.isr().contains(follower);
    }

    /** The followers in sync that have what is at this offset. Others might lag behind for ever (KIP-392). */
    final List<ReadableFollower> readableFollowers(long fetchOffset) {
        if (followers == NO_FOLLOWERS) {
            return List.of();
        }
        synchronized (watermarkLock) {
            long nowMs = context.time().hiResClockMs();
            var readable = new ArrayList<ReadableFollower>(followers.length);
            for (var follower : followers) {
                if (follower.inIsr()
                        && follower.endOffset() >= fetchOffset
                        && follower.logStartOffset() <= fetchOffset) {
                    readable.add(new ReadableFollower(
                            follower.brokerId, follower.endOffset(), Math.max(0, nowMs - follower.caughtUpMs())));
                }
            }
            return readable;
        }
    }

    /** The lowest log start offset of all live replicas: records below are deleted everywhere. */
    final long lowWatermark() {
        synchronized (watermarkLock) {
            long lowest = log.logStartOffset();
            for (var follower : followers) {
                if (context.brokers().isInService(follower.brokerId)) {
                    lowest = Math.min(lowest, follower.logStartOffset());
                }
            }
            return lowest;
        }
    }

    /**
     * The partition as the metadata has it now, still in this leader epoch. What was proposed for an earlier state is void
     * with it. Returns whether who waits should look.
     */
    final boolean update(PartitionImage image) {
        synchronized (watermarkLock) {
            if (image.partitionEpoch() > state.partitionEpoch()) {
                state = image;
                pending = null;
                underWay = false;
                nextProposalMs = Long.MIN_VALUE;
            }
            if (active) {
                followers = followersOf(state);
                advance(log.durableEndOffset());
            }
            return active;
        }
    }

    /**
     * Followers have come so far that they should be in sync, or the fate of the last proposal is not known. The caller
     * has to propose it, and to say with {@link #settled} what came of it.
     */
    final Optional<IsrProposal> expansion() {
        if (followers == NO_FOLLOWERS || resignedBecause != Errors.NONE) {
            return Optional.empty();
        }
        synchronized (watermarkLock) {
            return mayPropose() ? pending != null ? again() : grown() : Optional.empty();
        }
    }

    private boolean mayPropose() {
        return !underWay && (nextProposalMs == Long.MIN_VALUE || context.time().hiResClockMs() >= nextProposalMs);
    }

    private Optional<IsrProposal> grown() {
        boolean grows = false;
        for (var follower : followers) {
            grows |= shouldJoin(follower);
        }
        return grows ? propose(true, List.of()) : Optional.empty();
    }

    /** What it has below the log start here, nobody can tell whether it is what was there: that has to be gone. */
    private boolean shouldJoin(FollowerState follower) {
        return !follower.inIsr()
                && follower.logStartOffset() >= log.logStartOffset()
                && follower.endOffset() >= highWatermark
                && follower.endOffset() >= epochStartOffset
                && context.brokers().mayBeInSync(follower.brokerId, follower.brokerEpoch());
    }

    /** As {@link #expansion}, also without followers that lag behind; to be asked from time to time. */
    final Optional<IsrProposal> shrinkage() {
        if (followers == NO_FOLLOWERS || resignedBecause != Errors.NONE) {
            return Optional.empty();
        }
        synchronized (watermarkLock) {
            long end = log.logEndOffset();
            long nowMs = context.time().hiResClockMs();
            var lagging = new ArrayList<Integer>();
            for (var follower : followers) {
                follower.lookedAt(end, nowMs);
                if (follower.inIsr() && !follower.isCaughtUp(end, nowMs, context.replicaLagTimeMaxMs())) {
                    lagging.add(follower.brokerId);
                }
            }
            if (!mayPropose()) {
                return Optional.empty();
            }
            if (pending != null) {
                return again();
            }
            return lagging.isEmpty() ? grown() : propose(false, lagging);
        }
    }

    private Optional<IsrProposal> propose(boolean grow, List<Integer> without) {
        var members = new ArrayList<IsrProposal.Member>();
        for (int replica : state.replicas()) {
            if (replica == context.brokerId()) {
                members.add(new IsrProposal.Member(replica, FollowerState.UNKNOWN_EPOCH));
                continue;
            }
            for (var follower : followers) {
                if (follower.brokerId == replica
                        && (follower.inIsr() && !without.contains(replica) || grow && shouldJoin(follower))) {
                    members.add(new IsrProposal.Member(replica, follower.brokerEpoch()));
                }
            }
        }
        pending = new IsrProposal(
                id().topicId(), id().partition(), leaderEpoch, state.partitionEpoch(), List.copyOf(members));
        tellFollowers();
        return again();
    }

    private Optional<IsrProposal> again() {
        underWay = true;
        return Optional.of(pending);
    }

    /**
     * What came of a proposal.
     *
     * @param error {@link Errors#NONE} if it is applied, and {@link #update} has been called with that
     */
    final void settled(IsrProposal proposal, Errors error) {
        synchronized (watermarkLock) {
            if (proposal != pending) {
                return;
            }
            underWay = false;
            nextProposalMs = context.time().hiResClockMs() + LeaderContext.PROPOSAL_BACKOFF_MS;
            if (error == Errors.INELIGIBLE_REPLICA || error == Errors.INVALID_REQUEST) {
                // Refused for good. Of anything else it is not known whether it takes effect before the next state is
                // seen.
                pending = null;
                tellFollowers();
                advance(log.durableEndOffset());
            }
        }
    }

    /** Under the watermark lock. Keeps what is known of those that stay. */
    private FollowerState[] followersOf(PartitionImage image) {
        int self = context.brokerId();
        int count = (int) image.replicas().stream().filter(id -> id != self).count();
        if (count == 0) {
            return NO_FOLLOWERS;
        }
        var next = new FollowerState[count];
        int i = 0;
        long nowMs = context.time().hiResClockMs();
        for (int replica : image.replicas()) {
            if (replica != self) {
                next[i++] = known(replica, image.isr().contains(replica) ? nowMs : FollowerState.NEVER);
            }
        }
        tell(next, image);
        return next;
    }

    private FollowerState known(int brokerId, long caughtUpMs) {
        var known = follower(brokerId);
        return known == null ? new FollowerState(brokerId, caughtUpMs) : known;
    }

    /** Null if it is none. */
    private FollowerState follower(int brokerId) {
        for (var follower : followers) {
            if (follower.brokerId == brokerId) {
                return follower;
            }
        }
        return null;
    }

    private void tellFollowers() {
        tell(followers, state);
    }

    private void tell(FollowerState[] all, PartitionImage image) {
        var proposed = pending == null ? List.<Integer>of() : pending.ids();
        for (var follower : all) {
            boolean inIsr = image.isr().contains(follower.brokerId);
            follower.membership(inIsr, inIsr || proposed.contains(follower.brokerId));
        }
    }

    /** Under the watermark lock: everything is committed that all who count have. It never goes back. */
    private boolean advance(long leaderEnd) {
        if (leaderEnd <= highWatermark || isUnderMinIsr()) {
            return false;
        }
        long next = leaderEnd;
        for (var follower : followers) {
            if (follower.endOffset() < next && holdsBack(follower)) {
                next = follower.endOffset();
            }
        }
        if (next <= highWatermark) {
            return false;
        }
        highWatermark = next;
        log.updateHighWatermark(next);
        return true;
    }

    /** One that has caught up but is no member yet would never become one if the high watermark ran ahead of it. */
    private boolean holdsBack(FollowerState follower) {
        return follower.inMaximalIsr()
                || follower.endOffset() != FollowerState.UNKNOWN_OFFSET
                        && follower.isCaughtUp(
                                log.logEndOffset(), context.time().hiResClockMs(), context.replicaLagTimeMaxMs())
                        && context.brokers().mayBeInSync(follower.brokerId, follower.brokerEpoch());
    }

    private boolean isUnderMinIsr() {
        var image = state;
        return image.isr().size() < minInSyncReplicas(image);
    }

    /** {@code min.insync.replicas} cannot ask for more replicas than the partition has. */
    private int minInSyncReplicas(PartitionImage image) {
        return Math.min(log.config().minInsyncReplicas(), image.replicas().size());
    }
}
