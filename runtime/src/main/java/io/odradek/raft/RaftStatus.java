package io.odradek.raft;

/**
 * A node's Raft state at one moment, for metrics and DescribeQuorum.
 *
 * @param leaderId the leader's node id, -1 when none is known
 * @param term the current term (Kafka: leader epoch of the quorum)
 * @param commitIndex index of the last committed entry
 * @param appliedIndex index of the last entry applied to the image
 * @param lastAppendedIndex index of the last entry in the log, committed or not
 * @param snapshotIndex index of the last entry that the newest snapshot covers, 0 without a snapshot
 * @param logBytes size of the log since that snapshot
 * @param queuedCommands commands proposed and not yet applied
 */
public record RaftStatus(
        int leaderId,
        long term,
        long commitIndex,
        long appliedIndex,
        long lastAppendedIndex,
        long snapshotIndex,
        long logBytes,
        int queuedCommands) {}
