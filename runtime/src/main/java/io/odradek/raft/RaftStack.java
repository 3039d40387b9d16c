package io.odradek.raft;

import org.jgroups.protocols.raft.RAFT;

/** A running stack of JGroups protocols with Raft on top: of a group of one, or of several over a network. */
interface RaftStack extends AutoCloseable {
    RAFT raft();

    /** Returns with the election under way. */
    void start() throws Exception;

    /** Stops the protocols, started or not, and waits for their threads; closes the log. */
    @Override
    void close();
}
