package io.odradek.raft;

import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jgroups.Address;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.stack.Protocol;

/**
 * The stack of a group that has this node alone: election and Raft as in a larger group, over a transport that hands a message
 * back to its sender. No socket, no membership protocol, one thread.
 */
final class SoloStack implements RaftStack {
    /** There is nobody to resend anything to. */
    private static final long RESEND_INTERVAL_MS = 3_600_000;

    private static final LongSupplier CLOCK_MS = () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime());

    private final EventThread snapshots;
    private final RaftProtocol raft;
    private final ElectionProtocol election;
    private final Address address;
    private final Events events;
    private final int nodeId;
    /** From the ground up. */
    private final List<Protocol> protocols;

    SoloStack(RaftConfig config, RaftLog log, MetadataApplier applier, FailStop failStop, Events events) {
        this.events = events;
        nodeId = config.nodeId();
        var id = String.valueOf(config.nodeId());
        snapshots = new EventThread("raft-" + id + "-snapshots");
        raft = new RaftProtocol(log, applier, failStop, "raft-" + id, CLOCK_MS, snapshots);
        raft.raftId(id)
                .members(List.of(id))
                .maxLogSize(config.snapshotAfterBytes())
                .resendInterval(RESEND_INTERVAL_MS);
        raft.leaderListener((leader, term) -> events.raftChanged());
        election = new ElectionProtocol(failStop, CLOCK_MS, new Random());
        address = NodeAddress.random(nodeId, config.clusterId());
        protocols = List.of(new Loopback(), new FailStopGate(failStop), election, raft, new Top());
        for (int i = 0; i < protocols.size(); i++) {
            protocols.get(i).setAddress(address);
            if (i > 0) {
                protocols.get(i).setDownProtocol(protocols.get(i - 1));
                protocols.get(i - 1).setUpProtocol(protocols.get(i));
            }
        }
    }

    @Override
    public void start() throws Exception {
        for (var each : protocols) {
            each.init();
        }
        for (var each : protocols) {
            each.start();
        }
        protocols.get(0).up(new Event(Event.VIEW_CHANGE, View.create(address, 1, address)));
        events.view(Set.of(nodeId));
    }

    @Override
    public void send(Address to, NodeMessage message) {
        throw new IllegalStateException("there is nobody to send to");
    }

    @Override
    public void sendToOthers(NodeMessage message) {}

    @Override
    public RaftProtocol raft() {
        return raft;
    }

    @Override
    public void leave() {}

    @Override
    public void close() {
        snapshots.close();
        election.stop();
        raft.stop();
    }

    private static final class Loopback extends Protocol {
        @Override
        public Object down(Event event) {
            return null;
        }

        @Override
        public Object down(Message message) {
            Address destination = message.dest();
            boolean toMe = destination == null
                    ? !message.isFlagSet(Message.TransientFlag.DONT_LOOPBACK)
                    : Objects.equals(destination, local_addr);
            if (toMe) {
                message.setSrc(local_addr);
                up_prot.up(message);
            }
            return null;
        }
    }

    /** Where what nobody wanted ends. */
    private static final class Top extends Protocol {
        @Override
        public Object up(Event event) {
            return null;
        }

        @Override
        public Object up(Message message) {
            return null;
        }
    }
}
