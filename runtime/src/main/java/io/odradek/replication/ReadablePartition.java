package io.odradek.replication;

/** A partition that may be read here: its leader, or a follower that consumers near to it read from (KIP-392). Thread-safe. */
public interface ReadablePartition extends Progressing {
    /**
     * Reads whole batches from the one that contains {@code fetchOffset} on.
     *
     * @param lastFetchedEpoch epoch of the record before {@code fetchOffset} in the client's log; -1 if it does not say
     * @throws org.apache.kafka.common.errors.OffsetOutOfRangeException below the log start or beyond the log end offset,
     *     or the epoch is unknown here
     * @throws org.apache.kafka.common.errors.NotLeaderOrFollowerException the partition's leader, or its leader epoch, is
     *     another one by now
     */
    PartitionRead read(
            FetchIsolation isolation, long fetchOffset, int lastFetchedEpoch, int maxBytes, boolean minOneMessage);

    /** How many bytes {@link #read} would return, {@code maxBytes} at most. Fails as that does. */
    int availableBytes(FetchIsolation isolation, long fetchOffset, int maxBytes);
}
