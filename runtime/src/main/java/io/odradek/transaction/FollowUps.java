package io.odradek.transaction;

/** What a shard wants done outside of itself. Called in the shard's own thread; must not block. */
interface FollowUps {
    /** Tells the partitions, and then the shard with {@link TransactionShard#complete}. */
    void sendMarkers(PreparedTransaction transaction);

    /** To be aborted with {@link TransactionShard#abortTimedOut}, for which a new producer id may be needed. */
    void abortTimedOut(String transactionalId, long producerId);
}
