package io.odradek.raft;

import org.jgroups.Address;
import org.jgroups.protocols.raft.RAFT;

/** Sees when Raft has another leader or term. Used by one thread. */
final class LeaderWatch {
    /** @param leader null if there is none */
    record Seen(Address leader, long term) {}

    interface Listener {
        void leader(Seen now);
    }

    private final RAFT raft;
    private final Listener listener;
    private Seen last = new Seen(null, 0);

    LeaderWatch(RAFT raft, Listener listener) {
        this.raft = raft;
        this.listener = listener;
    }

    void check() {
        long before = raft.currentTerm();
        var leader = raft.leader();
        if (raft.currentTerm() != before) {
            return; // it changes right now: whoever changes it will call again
        }
        var now = new Seen(leader, before);
        if (!now.equals(last)) {
            last = now;
            listener.leader(now);
        }
    }
}
