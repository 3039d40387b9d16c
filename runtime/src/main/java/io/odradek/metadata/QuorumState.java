package io.odradek.metadata;

import java.util.List;

/**
 * The Raft group as this node sees it.
 *
 * @param leaderId -1 if none is known
 * @param leaderEpoch the term
 * @param highWatermark the first index that is not known to be committed, as Kafka counts
 */
public record QuorumState(
        int leaderId, int leaderEpoch, long highWatermark, List<Replica> voters, List<Replica> observers) {
    public QuorumState {
        voters = List.copyOf(voters);
        observers = List.copyOf(observers);
    }

    /**
     * @param logEndOffset -1 if unknown, as on any node but the leader
     * @param lastFetchTimestampMs -1 if unknown
     * @param lastCaughtUpTimestampMs -1 if unknown
     */
    public record Replica(int nodeId, long logEndOffset, long lastFetchTimestampMs, long lastCaughtUpTimestampMs) {}
}
