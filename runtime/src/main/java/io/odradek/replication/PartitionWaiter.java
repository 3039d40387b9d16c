package io.odradek.replication;

/** Something that waits for partitions to get on: a fetch for records, a produce for its acknowledgement. */
public interface PartitionWaiter {
    /**
     * The partition's log start offset, log end offset, high watermark or last stable offset has moved, the metadata of it
     * has changed, or it is not led or followed here any more. May
     * come more often than anything has changed, and once or twice after the subscription was closed.
     *
     * <p>Called on the thread that moved it, which holds none of the partition's locks; by several threads at once. Must
     * not block.
     */
    void onProgress();
}
