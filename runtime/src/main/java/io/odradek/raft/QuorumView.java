package io.odradek.raft;

import io.odradek.metadata.QuorumState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jgroups.protocols.raft.RAFT;

/** What a node can say of the quorum. */
final class QuorumView {
    private QuorumView() {}

    static QuorumState of(RaftStatus status, int self, RAFT raft, Set<Integer> inView) {
        var voters = new TreeSet<Integer>();
        raft.members().forEach(each -> voters.add(Integer.parseInt(each)));
        var observers = new TreeSet<>(inView);
        observers.removeAll(voters);
        return new QuorumState(
                status.leaderId(),
                (int) status.term(),
                status.commitIndex() + 1,
                replicas(voters, self, status),
                replicas(observers, self, status));
    }

    private static List<QuorumState.Replica> replicas(Set<Integer> nodes, int self, RaftStatus status) {
        var replicas = new ArrayList<QuorumState.Replica>();
        for (int node : nodes) {
            long end = node == self ? status.lastAppendedIndex() + 1 : -1;
            replicas.add(new QuorumState.Replica(node, end, -1, -1));
        }
        return replicas;
    }
}
