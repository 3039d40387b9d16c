package io.odradek.replication;

import org.apache.kafka.common.protocol.Errors;

/** Follows which partitions this broker leads. */
public interface LeadershipListener {
    /**
     * The broker leads a partition from now on, in a new leader epoch.
     *
     * <p>Called as the next one under the registry's lock: must not block.
     */
    void led(PartitionLeader leader);

    /** The broker does not lead it any more, or not in this epoch. */
    void resigned(PartitionLeader leader, Errors because);
}
