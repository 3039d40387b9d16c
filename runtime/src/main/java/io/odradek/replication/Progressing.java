package io.odradek.replication;

/** A partition that tells of its progress those who wait for it. Thread-safe. */
public interface Progressing {
    /**
     * Who is told of every progress from now on. What the partition has by then has to be looked at after subscribing,
     * or it may be missed.
     */
    Subscription subscribe(PartitionWaiter waiter);

    /**
     * Nothing had happened to the partition since a follower of it asked for what comes at {@code fetchOffset}, in a fetch
     * session, for the last time: it was caught up then.
     *
     * @param askedMs when that was
     */
    default void wasCaughtUp(int follower, long fetchOffset, long askedMs) {}
}
