package io.odradek.raft;

import java.util.Optional;
import org.jgroups.protocols.raft.Log;

/**
 * A log whose snapshots are files, which other threads may write and read while the log goes on. jgroups-raft's own methods for
 * snapshots have all of one in memory.
 */
interface SnapshotLog extends Log {
    /**
     * A snapshot of this node's own state, to be written by any thread. It is nothing before {@link #adopt}.
     *
     * @param index of the last entry in the state, which is committed
     */
    SnapshotDraft draftOfOwn(long index);

    /** One that the leader has, to be written by any thread. It is nothing before {@link #replaceBy}. */
    SnapshotDraft draftOfLeaders(SnapshotId id);

    /**
     * Makes this node's own snapshot, completely written, valid, and deletes the entries that it covers. Durable when it returns.
     *
     * @return whether it did: not when one that covers as much is there already
     */
    boolean adopt(SnapshotDraft own);

    /** Makes the leader's snapshot, completely written, the whole log. Durable when it returns. */
    void replaceBy(SnapshotDraft leaders);

    /** The valid one; {@link SnapshotId#NONE} without. */
    SnapshotId snapshotId();

    /**
     * Opens the valid one for reading. Any thread.
     *
     * @throws RaftException when it cannot be read; the node takes no further part then
     */
    Optional<SnapshotFile> openSnapshot();
}
