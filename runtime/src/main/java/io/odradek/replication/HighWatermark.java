package io.odradek.replication;

/** The arithmetic of the high watermark: everything below it is on all in-sync replicas and may be read. */
final class HighWatermark {
    /** The end offset of a follower that has not fetched in this leader epoch yet. */
    static final long UNKNOWN_END = -1;

    private HighWatermark() {}

    /**
     * Where the high watermark is now. It never goes back, and stands still while fewer replicas are in sync than {@code
     * min.insync.replicas} asks for (KIP-966): otherwise a record might be readable that a clean election can lose.
     *
     * @param current where it was
     * @param leaderEnd the leader's durable end offset
     * @param followerEnds the end offsets of all followers that are in sync
     * @param minInSync how many replicas, the leader included, must be in sync
     */
    static long next(long current, long leaderEnd, long[] followerEnds, int minInSync) {
        if (1 + followerEnds.length < minInSync) {
            return current;
        }
        long slowest = leaderEnd;
        for (long end : followerEnds) {
            slowest = Math.min(slowest, end);
        }
        return Math.max(current, slowest);
    }

    /** {@code min.insync.replicas} cannot ask for more replicas than the partition has. */
    static int effectiveMinInSync(int configured, int replicas) {
        return Math.min(configured, replicas);
    }
}
