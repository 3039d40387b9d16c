package io.odradek.raft;

import java.util.Set;
import org.jgroups.Address;

/** A running stack of JGroups protocols with Raft on top: of a group of one, or of several over a network. */
interface RaftStack extends AutoCloseable {
    /** What a stack tells; on its threads, views one at a time and in order. Must not block. */
    interface Events {
        /** The leader or the term may have changed. May be called under locks of jgroups-raft. */
        void raftChanged();

        void view(Set<Integer> nodes);

        void message(Address from, NodeMessage message);
    }

    RaftProtocol raft();

    /** Returns with the election under way. */
    void start() throws Exception;

    /** To a live node, in order; lost when that one goes. Never throws. */
    void send(Address to, NodeMessage message);

    /** To all others in view, in order. Never throws. */
    void sendToOthers(NodeMessage message);

    /** This node has failed: others need not take it for alive any longer, nor wait for it if it leads. May wait for them. */
    void leave();

    /** Stops the protocols, started or not, and waits for their threads; closes the log. */
    @Override
    void close();
}
