package io.odradek.raft;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jgroups.Address;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.raft.testfwk.MockRaftCluster;
import org.jgroups.raft.testfwk.RaftNode;
import org.jgroups.stack.Protocol;
import org.jgroups.util.ExtendedUUID;

/** One life of a node: its protocols, without threads, over a disk that may forget. */
final class SimulatedNode {
    private static final int SEGMENT_BYTES = 2_000;

    final String id;
    final Address address;
    final ForgetfulStorage storage;
    final ObservedLog log;
    final ChainState state;
    final RAFT raft;
    final RaftNode node;
    final BlankMark blank;
    private RaftException failure;

    /** What the protocols are made of. */
    record Setting(
            MockRaftCluster network,
            RaftInvariants invariants,
            List<String> voters,
            long maxLogSize,
            RandomGenerator random,
            boolean marksBlankDisks) {}

    /** Whose classes are to be run. */
    interface Classes {
        /** From the ground up: election, Raft. */
        Protocol[] create(SimulatedNode node, FailStop failStop);

        /** Time passes at this node. */
        void tick(SimulatedNode node);

        void snapshot(SimulatedNode node) throws Exception;
    }

    SimulatedNode(String id, ForgetfulStorage storage, Setting setting, Classes classes) throws Exception {
        this.id = id;
        this.storage = storage;
        address = new ExtendedUUID(setting.random().nextLong(), setting.random().nextLong())
                .put(RAFT.raft_id_key, id.getBytes(StandardCharsets.UTF_8));
        var failStop = new FailStop(reason -> failure = reason);
        blank = setting.marksBlankDisks() ? BlankMark.open(storage) : BlankMark.none();
        var files = new RaftLog(storage, new LogIdentity("cluster", id.charAt(0)), SEGMENT_BYTES, failStop);
        files.init("", null);
        log = new ObservedLog(files, id, setting.invariants());
        state = new ChainState(id, setting.invariants());
        var protocols = classes.create(this, failStop);
        raft = (RAFT) protocols[1];
        raft.raftId(id)
                .members(setting.voters())
                .maxLogSize(setting.maxLogSize())
                .synchronous(true);
        for (var each : protocols) {
            each.setAddress(address);
        }
        node = new RaftNode(setting.network(), protocols);
        node.init();
        node.start();
    }

    boolean failed() {
        return failure != null;
    }

    RaftException failure() {
        return failure;
    }

    boolean powerIsCut() {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof ForgetfulStorage.PowerCut) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return id + "[term " + raft.currentTerm() + " " + (raft.isLeader() ? "leads" : raft.role())
                + (blank.blank() ? " blank" : "") + " last "
                + raft.lastAppended() + " commit " + raft.commitIndex() + "]";
    }
}
