package io.odradek.raft;

/**
 * What a follower does with a snapshot that the leader of its term sent (Raft §7). A late or repeated one must not take back what was
 * committed, nor entries beyond it that the follower has acknowledged.
 */
enum SnapshotPlan {
    /** All of it is applied already. */
    IGNORE,
    /** The log has its last entry, and so all of them: they are committed. */
    COMMIT,
    /** It takes the place of the log. */
    INSTALL;

    static SnapshotPlan of(LogTerms log, long index, long term) {
        if (index <= log.commitIndex()) {
            return IGNORE;
        }
        return index <= log.lastIndex() && log.termAt(index) == term ? COMMIT : INSTALL;
    }
}
