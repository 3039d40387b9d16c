package io.odradek.raft;

import java.util.function.Supplier;
import org.jgroups.stack.Protocol;

/** Our own rules, in a schedule. */
final class OurClasses implements SimulatedNode.Classes {
    private final Supplier<RaftSchedule> schedule;

    OurClasses(Supplier<RaftSchedule> schedule) {
        this.schedule = schedule;
    }

    @Override
    public Protocol[] create(SimulatedNode node, FailStop failStop) {
        var at = schedule.get();
        var raft = new RaftProtocol(
                node.log, node.state, failStop, "raft-" + node.id, at::nowMs, task -> at.work(node, task));
        raft.resendInterval(100);
        raft.blankMark(node.blank);
        raft.snapshots().pieceBytes(4 + at.random().nextInt(30));
        raft.entriesPerMessage(1 + at.random().nextInt(3)); // so that a member gets half of what it lacks
        var election = new ElectionProtocol(failStop, at::nowMs, at.random());
        election.voteTimeout(150);
        return new Protocol[] {election, raft};
    }

    @Override
    public void tick(SimulatedNode node) {
        ((RaftProtocol) node.raft).tick();
    }

    @Override
    public void snapshot(SimulatedNode node) {
        node.raft.snapshotAsync();
    }
}
