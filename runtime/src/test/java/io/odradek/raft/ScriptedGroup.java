package io.odradek.raft;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.jgroups.Address;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.protocols.raft.AppendEntriesRequest;
import org.jgroups.protocols.raft.InstallSnapshotRequest;
import org.jgroups.raft.util.Utils;
import org.jgroups.stack.Protocol;

/** Nodes with our rules, on one thread, to which happens what a test says. */
final class ScriptedGroup extends SimulatedNetwork implements SimulatedNode.Classes {
    private static final int MANY = 10_000;

    /** A message to one node. */
    record Letter(String to, Message message, boolean multicast) {
        boolean entries() {
            return message.getHeaders().values().stream().anyMatch(AppendEntriesRequest.class::isInstance);
        }

        boolean snapshot() {
            return message.getHeaders().values().stream().anyMatch(InstallSnapshotRequest.class::isInstance);
        }
    }

    private final RaftInvariants invariants = new RaftInvariants();
    private final Random random = new Random(1);
    private final Map<String, SimulatedNode> nodes = new LinkedHashMap<>();
    private final List<Letter> letters = new ArrayList<>();
    private final SimulatedNode.Setting setting;
    private long viewId;
    private long nowMs;

    ScriptedGroup(String... voters) throws Exception {
        this(voters.length, voters);
    }

    ScriptedGroup(int voters, String... ids) throws Exception {
        setting = new SimulatedNode.Setting(this, invariants, List.of(ids).subList(0, voters), 1 << 20, random, false);
        for (var id : ids) {
            nodes.put(id, new SimulatedNode(id, new ForgetfulStorage(1), setting, this));
        }
    }

    @Override
    public Protocol[] create(SimulatedNode node, FailStop failStop) {
        var raft = new RaftProtocol(node.log, node.state, failStop, "raft-" + node.id, () -> nowMs);
        raft.blankMark(node.blank);
        raft.entriesPerMessage(1);
        return new Protocol[] {new ElectionProtocol(failStop, () -> nowMs, random), raft};
    }

    @Override
    public void tick(SimulatedNode node) {
        ((RaftProtocol) node.raft).tick();
    }

    @Override
    public void snapshot(SimulatedNode node) {
        node.raft.snapshotAsync();
    }

    SimulatedNode node(String id) {
        return nodes.get(id);
    }

    /** How many commands each node's state has. */
    List<Long> commands() {
        invariants.check();
        return nodes.values().stream().map(each -> each.state.commands()).toList();
    }

    void view(String... ids) {
        for (var id : ids) {
            viewAt(id, ids);
        }
    }

    /** So far only this one knows the view. */
    void viewAt(String id, String... ids) {
        var addresses = List.of(ids).stream().map(each -> node(each).address).toArray(Address[]::new);
        node(id).node.handleView(View.create(addresses[0], ++viewId, addresses));
    }

    /** These see each other, and the first one leads. */
    void elect(String... ids) {
        electUnheard(ids);
        deliver();
    }

    /** The same; what the leader has sent is not yet delivered. */
    void electUnheard(String... ids) {
        view(ids);
        for (int i = 0; i < 20 && !node(ids[0]).raft.isLeader(); i++) {
            tick(node(ids[0]));
            deliver(each -> !each.entries());
            nowMs += 1_300;
        }
        if (!node(ids[0]).raft.isLeader()) {
            throw new AssertionError(node(ids[0]) + " was not elected");
        }
    }

    void propose(String id, long command) {
        var bytes = ChainState.command(command);
        node(id).raft.setAsync(bytes, 0, bytes.length, null);
    }

    void tick(long ms) {
        nowMs += ms;
        nodes.values().forEach(this::tick);
    }

    void deliver() {
        deliver(each -> true);
    }

    void deliver(Predicate<Letter> which) {
        for (int i = 0; i < MANY; i++) {
            var next = letters.stream().filter(which).findFirst();
            if (next.isEmpty()) {
                return;
            }
            letters.remove(next.get());
            deliverAgain(next.get());
        }
        throw new AssertionError("there is no end of messages");
    }

    /** @return whether there was a message */
    boolean deliverOne() {
        if (letters.isEmpty()) {
            return false;
        }
        deliverAgain(letters.remove(0));
        return true;
    }

    void deliverAgain(Letter letter) {
        node(letter.to).node.up(letter.message);
        invariants.check();
    }

    List<Letter> waiting(Predicate<Letter> which) {
        return letters.stream().filter(which).toList();
    }

    /** What was not delivered never will be. */
    void lose() {
        letters.clear();
    }

    void restart(String id) throws Exception {
        nodes.put(id, new SimulatedNode(id, node(id).storage.afterPowerCut(1), setting, this));
        elect(id);
    }

    @Override
    public void send(Message message) {
        for (var each : nodes.values()) {
            boolean addressed =
                    message.dest() == null ? !each.address.equals(message.src()) : each.address.equals(message.dest());
            if (addressed && seenBy(message.src(), each)) {
                letters.add(new Letter(each.id, message, message.dest() == null));
            }
        }
    }

    private boolean seenBy(Address sender, SimulatedNode receiver) {
        for (var each : nodes.values()) {
            if (each.address.equals(sender)) {
                var raft = (RaftProtocol) each.raft;
                return raft.presentView() != null && raft.presentView().containsMember(receiver.address);
            }
        }
        throw new AssertionError(Utils.extractRaftId(sender));
    }

    @Override
    public int size() {
        return nodes.size();
    }
}
