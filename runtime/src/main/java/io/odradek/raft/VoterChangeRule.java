package io.odradek.raft;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jgroups.protocols.raft.InternalCommand;

/** Whether a leader changes the voters now: one change at a time, each after an entry of its term is committed. */
final class VoterChangeRule {
    private VoterChangeRule() {}

    /**
     * Why it does not (Raft dissertation §4.1 and its correction of 2015).
     *
     * @param settled whether all changes before are committed
     * @param active whether an entry of the leader's term is committed
     * @param inView who is connected
     * @param remembering of those, who count: they are not blank ({@link BlankMark}), and the leader has heard so; the leader
     *     itself included
     */
    static Optional<String> refusal(
            InternalEntry change,
            VoterSet voters,
            boolean settled,
            boolean active,
            Set<String> inView,
            Set<String> remembering) {
        var next = change.change(voters);
        var counting = new HashSet<>(remembering);
        counting.retainAll(inView);
        if (!active) {
            return Optional.of("the leader does not know yet what is committed");
        } else if (!settled) {
            return Optional.of("another change of the voters is under way");
        } else if (next.ids().isEmpty()) {
            return Optional.of("the last voter cannot be removed");
        } else if (change.type() == InternalCommand.Type.addServer && !inView.contains(change.voter())) {
            return Optional.of("node " + change.voter() + " is not connected");
        } else if (change.type() == InternalCommand.Type.addServer && !counting.contains(change.voter())) {
            return Optional.of("node " + change.voter() + " has not caught up yet");
        } else if (!next.hasMajority(counting)) {
            return Optional.of("of the new voters no majority is connected and has its data");
        }
        return Optional.empty();
    }
}
