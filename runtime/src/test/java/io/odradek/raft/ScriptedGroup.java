package io.odradek.raft;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
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

        boolean piece() {
            return message.getHeaders().values().stream()
                    .anyMatch(
                            each -> each instanceof SnapshotMessage said && said.kind() == SnapshotMessage.Kind.PIECE);
        }

        /** The same with other content, as if nobody's checksum had noticed. */
        Letter with(byte[] content) {
            var other = new BytesMessage(message.dest(), content).setSrc(message.src());
            var said = header();
            message.getHeaders()
                    .forEach((id, each) -> other.putHeader(
                            id,
                            each == said
                                    ? SnapshotMessage.piece(
                                            said.currTerm(), said.id(), said.position(), Checksum.of(content))
                                    : each));
            return new Letter(to, other, multicast);
        }

        SnapshotMessage header() {
            return message.getHeaders().values().stream()
                    .filter(SnapshotMessage.class::isInstance)
                    .map(SnapshotMessage.class::cast)
                    .findAny()
                    .orElseThrow();
        }
    }

    private final RaftInvariants invariants = new RaftInvariants();
    private final Random random = new Random(1);
    private final Map<String, SimulatedNode> nodes = new LinkedHashMap<>();
    private final List<Letter> letters = new ArrayList<>();
    private final List<Letter> pieces = new ArrayList<>();
    /** Of the nodes' threads in the background. */
    private final Deque<Runnable> work = new ArrayDeque<>();

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
        var raft = new RaftProtocol(node.log, node.state, failStop, "raft-" + node.id, () -> nowMs, work::add);
        raft.blankMark(node.blank);
        raft.entriesPerMessage(1);
        raft.snapshots().pieceBytes(8);
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

    /** Takes one, and puts it in its place. */
    void snapshot(String id) {
        beginSnapshot(id);
        work();
    }

    /** What its thread in the background has to do is not yet done. */
    void beginSnapshot(String id) {
        snapshot(node(id));
    }

    void maxLogSize(String id, long bytes) {
        node(id).raft.maxLogSize(bytes);
    }

    /** From which positions on pieces of a snapshot were sent by a node: the first of them. */
    List<Integer> piecesFrom(String id, int number) {
        return pieces.stream()
                .filter(each -> each.message.src().equals(node(id).address))
                .map(each -> each.header().position())
                .limit(number)
                .toList();
    }

    void take(Letter letter) {
        letters.remove(letter);
    }

    void work() {
        while (!work.isEmpty()) {
            work.remove().run();
        }
        invariants.check();
    }

    /** What was to be done in the background never is. */
    void forgetWork() {
        work.clear();
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
        deliver(which, this::work);
    }

    /** While the threads in the background do nothing. */
    void deliverOnly() {
        deliver(each -> true, () -> {});
    }

    private void deliver(Predicate<Letter> which, Runnable before) {
        for (int i = 0; i < MANY; i++) {
            before.run();
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

    /** It leads then, with these others. */
    void restart(String id, String... others) throws Exception {
        nodes.put(id, new SimulatedNode(id, node(id).storage.afterPowerCut(1), setting, this));
        var all = new ArrayList<>(List.of(id));
        all.addAll(List.of(others));
        elect(all.toArray(String[]::new));
    }

    @Override
    public void send(Message message) {
        for (var each : nodes.values()) {
            boolean addressed =
                    message.dest() == null ? !each.address.equals(message.src()) : each.address.equals(message.dest());
            if (addressed && seenBy(message.src(), each)) {
                var letter = new Letter(each.id, message, message.dest() == null);
                letters.add(letter);
                if (letter.piece()) {
                    pieces.add(letter);
                }
            }
        }
    }

    private boolean seenBy(Address sender, SimulatedNode receiver) {
        for (var each : nodes.values()) {
            if (each.address.equals(sender)) {
                var raft = (RaftProtocol) each.raft;
                return raft.electorate().view() != null
                        && raft.electorate().view().containsMember(receiver.address);
            }
        }
        throw new AssertionError(Utils.extractRaftId(sender));
    }

    @Override
    public int size() {
        return nodes.size();
    }
}
