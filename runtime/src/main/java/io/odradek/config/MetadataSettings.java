package io.odradek.config;

import java.util.List;

/**
 * The metadata quorum.
 *
 * @param quorumVoters {@code controller.quorum.voters}; empty for a group of this node alone
 * @param bootstrapServers {@code controller.quorum.bootstrap.servers}, host and port
 * @param electionTimeoutMs {@code controller.quorum.election.timeout.ms}
 * @param fetchTimeoutMs {@code controller.quorum.fetch.timeout.ms}
 * @param requestTimeoutMs {@code controller.quorum.request.timeout.ms}
 * @param brokerSessionTimeoutMs {@code broker.session.timeout.ms}: silence after which a broker is fenced
 * @param snapshotMaxNewRecordBytes {@code metadata.log.max.record.bytes.between.snapshots}
 * @param snapshotMaxIntervalMs {@code metadata.log.max.snapshot.interval.ms}; 0 is never
 * @param segmentBytes {@code metadata.log.segment.bytes}
 */
public record MetadataSettings(
        List<Voter> quorumVoters,
        List<Listener.HostPort> bootstrapServers,
        int electionTimeoutMs,
        int fetchTimeoutMs,
        int requestTimeoutMs,
        int brokerSessionTimeoutMs,
        long snapshotMaxNewRecordBytes,
        long snapshotMaxIntervalMs,
        int segmentBytes) {
    public MetadataSettings {
        quorumVoters = List.copyOf(quorumVoters);
        bootstrapServers = List.copyOf(bootstrapServers);
    }

    /** One entry of {@code controller.quorum.voters}. */
    public record Voter(int nodeId, Listener.HostPort address) {}
}
