package io.odradek.raft;

import org.jgroups.Address;

/** The way of an entry to the leader's log, be the leader this node or another. Thread-safe; never blocks. */
final class Forwarding {
    private final RaftStack stack;
    private final Proposals proposals;
    private final Intake intake = new Intake();
    private volatile LeaderWatch.Seen leader = new LeaderWatch.Seen(null, 0);

    Forwarding(RaftStack stack, Proposals proposals) {
        this.stack = stack;
        this.proposals = proposals;
    }

    void leader(LeaderWatch.Seen now) {
        leader = now;
    }

    /** An entry of this node. */
    void submit(NodeMessage.Propose entry) {
        var now = leader;
        if (now.leader() == null || now.term() != entry.term()) {
            return; // the next leader will have it
        }
        if (isSelf(now.leader())) {
            long next = take(entry);
            if (next >= 0) {
                proposals.taken(entry.term(), next);
            }
        } else {
            stack.send(now.leader(), entry);
        }
    }

    /**
     * An entry of another node, which takes this one for the leader.
     *
     * @return false if this node does not know yet who leads in that term
     */
    boolean proposed(Address from, NodeMessage.Propose entry) {
        long next = take(entry);
        if (next >= 0) {
            stack.send(from, new NodeMessage.Taken(entry.term(), next));
        }
        return next >= 0 || leader.term() >= entry.term();
    }

    private boolean isSelf(Address address) {
        return address.equals(stack.raft().getAddress());
    }

    private long take(NodeMessage.Propose entry) {
        var now = leader;
        if (now.leader() == null || now.term() != entry.term() || !isSelf(now.leader())) {
            return -1;
        }
        return intake.offer(
                entry.proposer(), entry.term(), entry.first(), entry.sequence(), () -> append(entry.entry()));
    }

    /** False if it certainly is not in the queue. */
    private boolean append(byte[] entry) {
        try {
            return !stack.raft().setAsync(entry, 0, entry.length, null).isCompletedExceptionally();
        } catch (RuntimeException e) {
            return false; // leads no more
        }
    }
}
