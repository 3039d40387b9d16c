package io.odradek.api.fetch;

import org.apache.kafka.common.requests.FetchMetadata;

/**
 * A client that fetches the same partitions again and again (KIP-227).
 *
 * <p>Guarded by its own monitor, except where said otherwise; a client that keeps to the protocol has one request at a
 * time in a session, or overtakes itself.
 */
final class FetchSession {
    private final int id;
    private final WatchedPartitions partitions;
    private final boolean usesTopicIds;
    private final boolean privileged;
    private final long createdMs;
    private int epoch = FetchMetadata.nextEpoch(FetchMetadata.INITIAL_EPOCH);

    /** @param privileged whether it is a follower's; such sessions are not evicted for consumers' sake */
    FetchSession(int id, WatchedPartitions partitions, boolean usesTopicIds, boolean privileged, long nowMs) {
        this.id = id;
        this.partitions = partitions;
        this.usesTopicIds = usesTopicIds;
        this.privileged = privileged;
        this.createdMs = nowMs;
        partitions.asked(nowMs);
    }

    int id() {
        return id;
    }

    WatchedPartitions partitions() {
        return partitions;
    }

    boolean usesTopicIds() {
        return usesTopicIds;
    }

    /** Any thread. */
    boolean privileged() {
        return privileged;
    }

    /** Any thread. */
    long createdMs() {
        return createdMs;
    }

    /** Any thread. */
    long lastUsedMs() {
        return partitions.askedMs();
    }

    /** Any thread. */
    int size() {
        return partitions.size();
    }

    int epoch() {
        return epoch;
    }

    /** Accepts a request: the next one has to come with the next epoch. */
    int advance(long nowMs) {
        partitions.asked(nowMs);
        epoch = FetchMetadata.nextEpoch(epoch);
        return epoch;
    }
}
