package io.odradek.replication;

/**
 * How far a follower has come, as far as its leader knows. Times are of a monotonic clock: should that on the wall be set, no
 * follower may seem to lag behind. Guarded by the lock of its {@link LeaderReplica}.
 */
final class FollowerState {
    /** The broker epoch of a follower that has not fetched in this leader epoch, or does not say. */
    static final long UNKNOWN_EPOCH = -1;

    /** The offsets of a follower that has not fetched in this leader epoch. */
    static final long UNKNOWN_OFFSET = -1;

    /** Before all times; far enough from the least number for differences. */
    static final long NEVER = Long.MIN_VALUE / 2;

    final int brokerId;
    private long brokerEpoch = UNKNOWN_EPOCH;
    private long endOffset = UNKNOWN_OFFSET;
    private long logStartOffset = UNKNOWN_OFFSET;
    private long caughtUpMs;
    private long fetchedMs;
    private long leaderEndAtFetch = UNKNOWN_OFFSET;
    /** Whether it is in the ISR as the metadata has it. */
    private boolean inIsr;
    /** Whether it may be in the ISR: as the metadata has it, or as the proposal will have it that is on its way. */
    private boolean inMaximalIsr;

    /** @param caughtUpMs when it is taken to have been caught up */
    FollowerState(int brokerId, long caughtUpMs) {
        this.brokerId = brokerId;
        this.caughtUpMs = caughtUpMs;
    }

    /** It has everything below {@code fetchOffset} and asks for more. */
    void fetched(long epoch, long fetchOffset, long startOffset, long leaderEnd, long nowMs) {
        if (fetchOffset >= leaderEnd) {
            caughtUpMs = Math.max(caughtUpMs, nowMs);
        } else if (leaderEndAtFetch != UNKNOWN_OFFSET && fetchOffset >= leaderEndAtFetch) {
            // It has what there was when it fetched last: it was caught up then.
            caughtUpMs = Math.max(caughtUpMs, fetchedMs);
        }
        brokerEpoch = epoch;
        endOffset = fetchOffset;
        logStartOffset = startOffset;
        leaderEndAtFetch = leaderEnd;
        fetchedMs = nowMs;
    }

    boolean isCaughtUp(long leaderEnd, long nowMs, long maxLagMs) {
        return endOffset == leaderEnd || nowMs - caughtUpMs <= maxLagMs;
    }

    /** Without records to fetch it stays caught up however long ago it asked. */
    void lookedAt(long leaderEnd, long nowMs) {
        if (endOffset == leaderEnd) {
            caughtUpMs = Math.max(caughtUpMs, nowMs);
        }
    }

    /** It had everything when it asked for more at {@code atMs}. */
    void wasCaughtUp(long atMs) {
        caughtUpMs = Math.max(caughtUpMs, atMs);
    }

    void membership(boolean inIsr, boolean inMaximalIsr) {
        this.inIsr = inIsr;
        this.inMaximalIsr = inMaximalIsr;
    }

    boolean inIsr() {
        return inIsr;
    }

    boolean inMaximalIsr() {
        return inMaximalIsr;
    }

    long brokerEpoch() {
        return brokerEpoch;
    }

    /** When it last had all there was. */
    long caughtUpMs() {
        return caughtUpMs;
    }

    long endOffset() {
        return endOffset;
    }

    long logStartOffset() {
        return logStartOffset;
    }
}
