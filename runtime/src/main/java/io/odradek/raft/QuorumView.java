package io.odradek.raft;

import io.odradek.metadata.QuorumState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** What a node can say of the quorum: the leader of all members, another of itself. */
final class QuorumView {
    private final RaftStatus status;
    private final int self;
    private final Map<Integer, ReplicaProgress> progress = new HashMap<>();
    /** From the clock of {@link ReplicaProgress} to that on the wall. */
    private final long toWallClockMs = System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime());

    private QuorumView(RaftStatus status, int self, List<ReplicaProgress> known) {
        this.status = status;
        this.self = self;
        known.forEach(each -> progress.put(Integer.parseInt(each.raftId()), each));
    }

    static QuorumState of(RaftStatus status, int self, RaftProtocol raft, Set<Integer> inView) {
        var voters = new TreeSet<Integer>();
        raft.members().forEach(each -> voters.add(Integer.parseInt(each)));
        var observers = new TreeSet<>(inView);
        observers.removeAll(voters);
        var view = new QuorumView(status, self, raft.replicas());
        return new QuorumState(
                status.leaderId(),
                (int) status.term(),
                status.commitIndex() + 1,
                voters.stream().map(view::replica).toList(),
                observers.stream().map(view::replica).toList());
    }

    private QuorumState.Replica replica(int node) {
        if (node == self) {
            return new QuorumState.Replica(node, status.lastAppendedIndex() + 1, -1, -1);
        }
        var known = progress.get(node);
        if (known == null) {
            return new QuorumState.Replica(node, -1, -1, -1);
        }
        long contactMs = known.lastContactMs() + toWallClockMs;
        boolean caughtUp = known.matchIndex() >= status.lastAppendedIndex();
        return new QuorumState.Replica(node, known.matchIndex() + 1, contactMs, caughtUp ? contactMs : -1);
    }
}
