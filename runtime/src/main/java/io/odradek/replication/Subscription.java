package io.odradek.replication;

/** A {@link PartitionWaiter} at a partition. */
public interface Subscription {
    /** Idempotent; takes constant time. */
    void close();
}
