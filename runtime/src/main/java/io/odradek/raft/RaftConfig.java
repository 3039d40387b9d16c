package io.odradek.raft;

import java.nio.file.Path;
import java.util.Objects;

/**
 * What a node's Raft membership needs to know.
 *
 * @param directory holds the Raft log and its snapshots and nothing else; created when absent
 * @param clusterId the cluster this node belongs to; a directory of another cluster is refused
 * @param nodeId this node's id ({@code node.id}); a directory of another node is refused
 * @param snapshotAfterBytes bytes of log after which a snapshot is taken and the log before it deleted
 *     ({@code metadata.log.max.record.bytes.between.snapshots})
 * @param segmentBytes size after which a new segment file is begun ({@code metadata.log.segment.bytes})
 */
public record RaftConfig(Path directory, String clusterId, int nodeId, long snapshotAfterBytes, int segmentBytes) {
    public static final long DEFAULT_SNAPSHOT_AFTER_BYTES = 20L << 20;
    public static final int DEFAULT_SEGMENT_BYTES = 8 << 20;

    public RaftConfig {
        Objects.requireNonNull(directory, "directory");
        Objects.requireNonNull(clusterId, "clusterId");
        if (nodeId < 0) {
            throw new IllegalArgumentException("node.id must not be negative: " + nodeId);
        }
        if (snapshotAfterBytes < 1 || segmentBytes < 1) {
            throw new IllegalArgumentException("sizes must be positive: " + snapshotAfterBytes + ", " + segmentBytes);
        }
    }

    /** With the default sizes. */
    public static RaftConfig of(Path directory, String clusterId, int nodeId) {
        return new RaftConfig(directory, clusterId, nodeId, DEFAULT_SNAPSHOT_AFTER_BYTES, DEFAULT_SEGMENT_BYTES);
    }
}
