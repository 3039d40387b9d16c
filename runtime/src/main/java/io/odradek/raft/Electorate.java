package io.odradek.raft;

import java.util.HashSet;
import java.util.Set;
import org.jgroups.Address;
import org.jgroups.View;
import org.jgroups.raft.util.Utils;

/** Who votes, by the log, and who of them is there, by the view. Changed by Raft's thread alone. */
final class Electorate {
    private final AppliedLog log;
    private View view;
    private volatile Set<String> inView = Set.of();

    Electorate(AppliedLog log) {
        this.log = log;
    }

    void view(View next) {
        var ids = new HashSet<String>();
        for (var each : next) {
            var raftId = Utils.extractRaftId(each);
            if (raftId != null) {
                ids.add(raftId);
            }
        }
        view = next;
        inView = Set.copyOf(ids);
    }

    /** Null before the first one. */
    View view() {
        return view;
    }

    /** The ids of all members, voters or not. */
    Set<String> inView() {
        return inView;
    }

    /** The voters in the latest configuration in the log. Any thread. */
    VoterSet voters() {
        return log.voters().current();
    }

    /** By the latest configuration, or by that which is committed: a voter may be needed until its removal is. */
    boolean mayBeNeeded(String raftId) {
        return voters().contains(raftId) || log.voters().at(log.commitIndex()).contains(raftId);
    }

    /** Whether no change of the voters is under way. */
    boolean isSettled() {
        return log.voters().settledAt(log.commitIndex());
    }

    /** Any thread. */
    boolean hasMajorityInView() {
        return voters().hasMajority(inView);
    }

    /** Whether that node is there and may lead. One whose removal is committed leads nobody, whatever it said before. */
    boolean mayLead(Address node) {
        return contains(node) && mayBeNeeded(Utils.extractRaftId(node));
    }

    boolean contains(Address node) {
        return node != null && view != null && view.containsMember(node);
    }
}
