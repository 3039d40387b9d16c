package io.odradek.raft;

import io.odradek.metadata.Features;
import io.odradek.metadata.VersionRange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a node's Raft membership needs to know.
 *
 * @param directory holds the Raft log and its snapshots and nothing else; created when absent
 * @param clusterId the cluster this node belongs to; a directory or a node of another cluster is refused
 * @param nodeId this node's id ({@code node.id}); a directory of another node is refused
 * @param snapshotAfterBytes bytes of log after which a snapshot is taken and the log before it deleted
 *     ({@code metadata.log.max.record.bytes.between.snapshots})
 * @param segmentBytes size after which a new segment file is begun ({@code metadata.log.segment.bytes})
 * @param proposalTimeout how long a change may wait for a leader, and for its majority, before it fails
 * @param cluster empty for a node that is a cluster of its own
 * @param features levels that this version knows, by name; at others it takes no part
 */
public record RaftConfig(
        Path directory,
        String clusterId,
        int nodeId,
        long snapshotAfterBytes,
        int segmentBytes,
        Duration proposalTimeout,
        Optional<ClusterConfig> cluster,
        Map<String, VersionRange> features) {
    public static final long DEFAULT_SNAPSHOT_AFTER_BYTES = 20L << 20;
    public static final int DEFAULT_SEGMENT_BYTES = 8 << 20;
    public static final Duration DEFAULT_PROPOSAL_TIMEOUT = Duration.ofSeconds(30);

    public RaftConfig {
        Objects.requireNonNull(directory, "directory");
        Objects.requireNonNull(clusterId, "clusterId");
        Objects.requireNonNull(proposalTimeout, "proposalTimeout");
        Objects.requireNonNull(cluster, "cluster");
        features = Map.copyOf(features);
        if (nodeId < 0) {
            throw new IllegalArgumentException("node.id must not be negative: " + nodeId);
        }
        if (snapshotAfterBytes < 1 || segmentBytes < 1) {
            throw new IllegalArgumentException("sizes must be positive: " + snapshotAfterBytes + ", " + segmentBytes);
        }
    }

    /** Of a node that is a cluster of its own. */
    public RaftConfig(Path directory, String clusterId, int nodeId, long snapshotAfterBytes, int segmentBytes) {
        this(
                directory,
                clusterId,
                nodeId,
                snapshotAfterBytes,
                segmentBytes,
                DEFAULT_PROPOSAL_TIMEOUT,
                Optional.empty(),
                Features.supported());
    }

    /** Of a node that is a cluster of its own, with the default sizes. */
    public static RaftConfig of(Path directory, String clusterId, int nodeId) {
        return new RaftConfig(directory, clusterId, nodeId, DEFAULT_SNAPSHOT_AFTER_BYTES, DEFAULT_SEGMENT_BYTES);
    }

    /** The same node as one of several. */
    public RaftConfig in(ClusterConfig several) {
        return new RaftConfig(
                directory,
                clusterId,
                nodeId,
                snapshotAfterBytes,
                segmentBytes,
                proposalTimeout,
                Optional.of(several),
                features);
    }

    /** The same node of another version. */
    RaftConfig knowing(Map<String, VersionRange> levels) {
        return new RaftConfig(
                directory, clusterId, nodeId, snapshotAfterBytes, segmentBytes, proposalTimeout, cluster, levels);
    }
}
