package io.odradek.replication;

import io.odradek.log.PartitionLog;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;

/**
 * A replica on files that follows its leader, and lets consumers read what it knows to be committed (KIP-392). Those who
 * wait are woken when that has become more.
 */
final class PartitionFollower extends FollowedPartition implements ReadablePartition {
    private final PartitionLog log;
    private final Waiters waiters = new Waiters();

    PartitionFollower(PartitionLog log, int leader, int leaderEpoch) {
        super(log, leader, leaderEpoch);
        this.log = log;
        log.onRetention(this::wake);
    }

    @Override
    public PartitionRead read(
            FetchIsolation isolation, long fetchOffset, int lastFetchedEpoch, int maxBytes, boolean minOneMessage) {
        requireFollowing();
        return LogReads.read(
                log, log.highWatermark(), isolation, fetchOffset, lastFetchedEpoch, maxBytes, minOneMessage);
    }

    @Override
    public int availableBytes(FetchIsolation isolation, long fetchOffset, int maxBytes) {
        requireFollowing();
        return LogReads.availableBytes(log, log.highWatermark(), isolation, fetchOffset, maxBytes);
    }

    /** A read that began before a resignation may still see the log as it was then: it was committed, and stays so. */
    private void requireFollowing() {
        if (isResigned()) {
            throw new NotLeaderOrFollowerException(
                    "Partition " + id() + " is not followed here in epoch " + leaderEpoch() + " any more");
        }
    }

    @Override
    public Subscription subscribe(PartitionWaiter waiter) {
        return waiters.add(waiter);
    }

    @Override
    void wake() {
        waiters.wake(id());
    }
}
