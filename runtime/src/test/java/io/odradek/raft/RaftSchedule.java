package io.odradek.raft;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jgroups.Address;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.protocols.raft.RaftHeader;

/**
 * A group of nodes on one thread, to which a random schedule happens; the same seed makes the same schedule. In half of the schedules
 * the network keeps what JGroups promises: order between two nodes, for unicasts and for multicasts alone, and no loss unless a
 * node crashes or the network is cut. In the others messages come in any order, twice, or not at all, and nodes get any view.
 */
final class RaftSchedule extends SimulatedNetwork {
    private static final int STEPS = 250;
    private static final int HEALING_STEPS = 6_000;

    /** Something that will be delivered to a node: a message, a view, or what its thread in the background has to do. */
    private record Envelope(Address from, Address to, int channel, Message message, View view, Runnable work) {
        boolean precedes(Envelope other) {
            return channel == other.channel && to.equals(other.to) && from.equals(other.from);
        }

        boolean isPiece() {
            return message != null
                    && message.getHeaders().values().stream()
                            .anyMatch(each ->
                                    each instanceof SnapshotMessage said && said.kind() == SnapshotMessage.Kind.PIECE);
        }

        Envelope damaged(Random random) {
            var bytes = Arrays.copyOfRange(
                    message.getArray(), message.getOffset(), message.getOffset() + message.getLength());
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            return new Envelope(from, to, channel, message.copy(false, true).setArray(bytes), null, null);
        }
    }

    private static final int VIEW = 0;
    private static final int UNICAST = 1;
    private static final int MULTICAST = 2;
    private static final int OUT_OF_BAND = 3;
    private static final int WORK = 4;

    @FunctionalInterface
    interface Action {
        void run() throws Throwable;
    }

    /** What happens to disks beside power cuts. */
    enum Disks {
        /** They last. */
        LASTING,
        /** A minority of the voters loses theirs, and learners do; voters do not change then. */
        LOST,
        /** The same, and nobody notes it. */
        LOST_UNNOTED
    }

    private final Disks fate;
    private final SimulatedNode.Classes classes;
    private final Optional<Consumer<String>> trace;
    private final Random random;
    private final RaftInvariants invariants = new RaftInvariants();
    private final boolean orderly;
    private final SimulatedNode.Setting setting;
    private final List<String> ids = new ArrayList<>();
    private final Map<String, ForgetfulStorage> disks = new HashMap<>();
    /** Those whose disks were. */
    private final Set<String> lost = new HashSet<>();

    private final Map<String, SimulatedNode> up = new TreeMap<>();
    private final Map<Address, SimulatedNode> byAddress = new HashMap<>();
    private final Map<String, Integer> groups = new HashMap<>();
    private final List<Envelope> pool = new ArrayList<>();
    private long viewId;
    private long commands;
    private long nowMs = 1;

    RaftSchedule(long seed, Disks fate, SimulatedNode.Classes classes, Optional<Consumer<String>> trace) {
        this.fate = fate;
        this.classes = classes;
        this.trace = trace;
        random = new Random(seed * 0x9E3779B97F4A7C15L);
        orderly = random.nextBoolean();
        int size = 3 + random.nextInt(3);
        for (int i = 0; i < size; i++) {
            ids.add(String.valueOf((char) ('A' + i)));
        }
        var voters = ids.subList(0, size == 5 && random.nextBoolean() ? 5 : 3);
        long maxLogSize = new long[] {60, 300, 1 << 20}[random.nextInt(3)];
        setting = new SimulatedNode.Setting(this, invariants, voters, maxLogSize, random, fate != Disks.LOST_UNNOTED);
    }

    long nowMs() {
        return nowMs;
    }

    Random random() {
        return random;
    }

    int snapshotsInstalled() {
        return invariants.snapshotsInstalled();
    }

    boolean isUp(SimulatedNode node) {
        return up.get(node.id) == node;
    }

    /** Throws a {@link RaftInvariants.Violation}. */
    void run() {
        for (var id : ids) {
            disks.put(id, new ForgetfulStorage(random.nextLong()));
            groups.put(id, 0);
            start(id);
        }
        announce();
        calm();
        for (int i = 0; i < STEPS; i++) {
            step();
        }
    }

    void step() {
        int dice = random.nextInt(1000);
        if (dice < 25) {
            calm();
        } else if (dice < 600) {
            deliverAny();
        } else if (dice < 720) {
            anyUp(node -> {
                nowMs += random.nextInt(80);
                touch(node, () -> "tick", () -> classes.tick(node));
            });
        } else if (dice < 830) {
            leaders(this::propose);
        } else if (dice < 860) {
            if (!orderly && !pool.isEmpty()) {
                lose(pool.get(random.nextInt(pool.size())));
            }
        } else if (dice < 890) {
            if (!orderly && !pool.isEmpty()) {
                repeat(pool.get(random.nextInt(pool.size())));
            }
        } else if (dice < 918) {
            cut();
        } else if (dice < 924) {
            anyUp(this::strangeView);
        } else if (dice < 932) {
            anyUp(node -> crash(node, random.nextInt(3) > 0));
        } else if (dice < 938) {
            anyUp(node -> node.storage.crashAt(node.storage.operations() + 1 + random.nextInt(6)));
        } else if (dice < 958) {
            var down = new ArrayList<>(ids);
            down.removeAll(up.keySet());
            if (!down.isEmpty()) {
                start(down.get(random.nextInt(down.size())));
                announce();
            }
        } else if (dice < 967) {
            anyUp(node -> touch(node, () -> "snapshot", () -> classes.snapshot(node)));
        } else if (dice < 977) {
            anyUp(this::changeVoters);
        } else {
            leaders(this::propose);
        }
    }

    private void lose(Envelope envelope) {
        if (envelope.work == null) {
            pool.removeIf(each -> each == envelope);
        }
    }

    private void repeat(Envelope envelope) {
        if (envelope.work == null) {
            pool.add(envelope);
        }
    }

    private void anyUp(Consumer<SimulatedNode> action) {
        if (!up.isEmpty()) {
            action.accept(new ArrayList<>(up.values()).get(random.nextInt(up.size())));
        }
    }

    private void trace(Supplier<String> event) {
        trace.ifPresent(each -> each.accept(event.get()));
    }

    private void leaders(Consumer<SimulatedNode> action) {
        for (var each : List.copyOf(up.values())) {
            if (each.raft.isLeader() && random.nextBoolean()) {
                action.accept(each);
            }
        }
    }

    /** Lets something happen at a node, and looks at what has come of it. */
    private void touch(SimulatedNode node, Supplier<String> what, Action action) {
        if (!isUp(node)) {
            return; // something else that was begun for all of them has ended it
        }
        try {
            action.run();
        } catch (Throwable e) {
            // As in a real node, where threads end or forget; what matters is in the invariants, or the node has
            // failed.
            if (e instanceof StackOverflowError || e instanceof OutOfMemoryError) {
                throw (Error) e;
            }
        }
        trace(() -> what.get() + " -> " + node);
        invariants.check();
        if (node.failed()) {
            if (!node.powerIsCut()) {
                node.failure().printStackTrace();
                invariants.violated(RaftInvariants.Kind.NODE_FAILED, "%s: %s", node.id, node.failure());
            }
            if (isUp(node)) {
                crash(node, true);
            }
        } else if (isUp(node) && node.raft.isLeader()) {
            invariants.leads(node.id, node.address, node.raft.currentTerm(), node.log);
        }
    }

    private void start(String id) {
        try {
            var node = new SimulatedNode(id, disks.get(id), setting, classes);
            up.put(id, node);
            byAddress.put(node.address, node);
            trace(() -> "start -> " + node);
        } catch (Exception e) {
            invariants.check();
            throw new IllegalStateException("node " + id + " does not start", e);
        }
        invariants.check();
    }

    private void crash(SimulatedNode node, boolean powerCut) {
        trace(() -> (powerCut ? "power cut -> " : "kill -> ") + node);
        up.remove(node.id);
        byAddress.remove(node.address);
        disks.put(node.id, powerCut ? node.storage.afterPowerCut(random.nextLong()) : node.storage.afterKill());
        if (fate != Disks.LASTING && random.nextInt(3) == 0) {
            loseDisk(node.id);
        }
        if (random.nextBoolean()) {
            announce();
        }
    }

    private void loseDisk(String id) {
        long others = setting.voters().stream()
                .filter(each -> !each.equals(id) && remembersNothing(each))
                .count();
        boolean votes = setting.voters().contains(id);
        if (votes && !remembersNothing(id) && others + 1 > (setting.voters().size() - 1) / 2) {
            return;
        }
        trace(() -> "disk lost " + id);
        lost.add(id);
        disks.put(id, new ForgetfulStorage(random.nextLong()));
        invariants.diskLost(id);
    }

    private boolean remembersNothing(String id) {
        if (fate == Disks.LOST_UNNOTED) {
            return lost.contains(id); // for ever
        }
        if (up.containsKey(id)) {
            return up.get(id).blank.blank();
        }
        var files = disks.get(id).list();
        return files.contains("blank") || files.stream().noneMatch(each -> each.endsWith(Journal.SEGMENT_SUFFIX));
    }

    /** What a node's thread in the background does some day, one thing after the other. */
    void work(SimulatedNode node, Runnable task) {
        pool.add(new Envelope(node.address, node.address, WORK, null, null, task));
    }

    // Network

    @Override
    public void send(Message message) {
        RaftHeader header = null;
        for (var each : message.getHeaders().values()) {
            if (each instanceof RaftHeader raft) {
                header = raft;
            }
        }
        var sender = byAddress.get(message.src());
        if (sender == null) {
            return; // the last words of a dead node
        }
        if (header != null) {
            invariants.said(sender.id, header.currTerm(), sender.log.currentTerm());
        }
        boolean multicast = message.dest() == null;
        int channel = message.isFlagSet(Message.Flag.OOB) ? OUT_OF_BAND : multicast ? MULTICAST : UNICAST;
        if (!multicast) {
            var envelope = new Envelope(message.src(), message.dest(), channel, message, null, null);
            if (!orderly && envelope.isPiece() && random.nextInt(4) == 0) {
                pool.add(envelope.damaged(random));
            }
            pool.add(envelope);
            return;
        }
        for (var each : up.values()) {
            boolean loop = each == sender;
            if (!loop || !message.isFlagSet(Message.TransientFlag.DONT_LOOPBACK)) {
                pool.add(new Envelope(message.src(), each.address, channel, message, null, null));
            }
        }
    }

    private void deliverAny() {
        if (!pool.isEmpty()) {
            var picked = pool.get(random.nextInt(pool.size()));
            if (picked.work != null || orderly && picked.channel != OUT_OF_BAND) {
                for (var each : pool) {
                    if (each.precedes(picked)) {
                        picked = each;
                        break;
                    }
                }
            }
            deliver(picked, false);
        }
    }

    private void deliver(Envelope envelope, boolean healed) {
        var to = byAddress.get(envelope.to);
        var from = byAddress.get(envelope.from);
        if (to != null && from != null && !groups.get(to.id).equals(groups.get(from.id)) && random.nextBoolean()) {
            return; // it is on its way until the network is whole again, or lost
        }
        for (int i = 0; i < pool.size(); i++) {
            if (pool.get(i) == envelope) {
                pool.remove(i);
                break;
            }
        }
        if (to == null || from != null && !groups.get(to.id).equals(groups.get(from.id)) && !healed) {
            return;
        }
        if (envelope.work != null) {
            touch(to, () -> "work", envelope.work::run);
        } else if (envelope.view != null) {
            touch(to, () -> "view " + names(envelope.view), () -> to.node.handleView(envelope.view));
        } else {
            touch(
                    to,
                    () -> (from == null ? "?" : from.id) + ": " + envelope.message.getHeaders(),
                    () -> to.node.up(envelope.message));
        }
    }

    /** New groups of nodes that hear each other. */
    private void cut() {
        var leader = up.values().stream().filter(each -> each.raft.isLeader()).findAny();
        int parts = random.nextInt(3) == 0 ? 1 : 2 + random.nextInt(2);
        if (leader.isPresent() && random.nextInt(3) > 0) { // alone, or with some others
            ids.forEach(id -> groups.put(id, random.nextInt(ids.size()) == 0 ? 1 : 0));
            groups.put(leader.get().id, 1);
        } else {
            ids.forEach(id -> groups.put(id, random.nextInt(parts)));
        }
        trace(() -> "groups " + groups);
        announce();
    }

    /** For a while nothing is lost or late. */
    void calm() {
        for (int i = 5 + random.nextInt(40); i > 0; i--) {
            if (pool.isEmpty()) {
                nowMs += 60;
                List.copyOf(up.values()).forEach(each -> touch(each, () -> "tick", () -> classes.tick(each)));
            } else {
                deliver(pool.get(0), false);
            }
        }
    }

    /** Every node gets the view of its group: all at once, or some day. */
    private void announce() {
        for (int part = 0; part < 3; part++) {
            var members = new ArrayList<SimulatedNode>();
            for (var each : up.values()) {
                if (groups.get(each.id) == part) {
                    members.add(each);
                }
            }
            java.util.Collections.shuffle(members, random);
            if (!members.isEmpty()) {
                var view = view(members);
                boolean atOnce = random.nextInt(3) > 0;
                for (var each : members) {
                    if (atOnce) {
                        touch(each, () -> "view " + names(view), () -> each.node.handleView(view));
                    } else {
                        pool.add(new Envelope(each.address, each.address, VIEW, null, view, null));
                    }
                }
            }
        }
    }

    private View view(List<SimulatedNode> members) {
        var addresses = members.stream().map(each -> each.address).toArray(Address[]::new);
        return View.create(addresses[0], ++viewId, addresses);
    }

    private static String names(View view) {
        return org.jgroups.raft.util.Utils.extractRaftId(view.getCoord()) + "/" + view.size();
    }

    /** A view that only this node has. */
    private void strangeView(SimulatedNode node) {
        if (orderly) {
            return;
        }
        var members = new ArrayList<>(up.values());
        members.removeIf(each -> each != node && random.nextInt(3) == 0);
        java.util.Collections.shuffle(members, random);
        var view = view(members);
        touch(node, () -> "strange view " + names(view), () -> node.node.handleView(view));
    }

    // Clients

    private void propose(SimulatedNode node) {
        if (node.raft.isLeader()) {
            var bytes = ChainState.command(++commands);
            touch(node, () -> "propose " + commands, () -> node.raft.setAsync(bytes, 0, bytes.length, null));
        }
    }

    private void changeVoters(SimulatedNode node) {
        var other = ids.get(random.nextInt(ids.size()));
        if (node.raft.isLeader() && fate == Disks.LASTING) {
            if (node.raft.members().contains(other)) {
                touch(node, () -> "remove voter " + other, () -> node.raft.removeServer(other));
            } else {
                touch(node, () -> "add voter " + other, () -> node.raft.addServer(other));
            }
        }
    }

    // Healing

    /** The network is whole, everybody is up: then there must be a leader, a command must be committed, and all must agree. */
    void heal() {
        ids.forEach(id -> groups.put(id, 0));
        up.values().forEach(each -> each.storage.crashAt(Integer.MAX_VALUE));
        for (var id : ids) {
            if (!up.containsKey(id)) {
                start(id);
            }
        }
        pool.removeIf(each -> each.view != null);
        announce();
        long wanted = Long.MAX_VALUE;
        for (int i = 0; i < HEALING_STEPS; i++) {
            if (!pool.isEmpty()) {
                deliver(pool.get(0), true);
                continue;
            }
            nowMs += 60;
            List.copyOf(up.values()).forEach(each -> touch(each, () -> "tick", () -> classes.tick(each)));
            if (pool.isEmpty() && agreed()) {
                if (invariants.commandsApplied() >= wanted) {
                    return;
                }
                wanted = invariants.commandsApplied() + 1L;
                up.values().forEach(this::propose);
            }
        }
        invariants.violated(RaftInvariants.Kind.NO_PROGRESS, "%s", up.values());
    }

    private boolean agreed() {
        var leaders = up.values().stream().filter(each -> each.raft.isLeader()).toList();
        return leaders.size() == 1
                && up.values().stream()
                        .allMatch(each ->
                                each.raft.commitIndex() == leaders.get(0).raft.lastAppended()
                                        && each.state.commands() == invariants.commandsApplied());
    }

    @Override
    public int size() {
        return up.size();
    }
}
