package io.odradek.raft;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FRAG2;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.IpAddress;
import org.jgroups.stack.Protocol;
import org.jgroups.util.LazyThreadFactory;
import org.jgroups.util.TLS;
import org.jgroups.util.TLSClientAuth;

/** The stack of a group of several nodes, over TCP. Every node is a member, whether it votes or not. */
final class ClusterStack implements RaftStack, Receiver {
    private static final Logger LOG = Logger.getLogger(ClusterStack.class);

    /** Of the JGroups group; which cluster it is stands in the addresses, so that a refusal can say it. */
    private static final String GROUP = "odradek";
    /** How long a node that starts waits for answers of others before it begins alone, and merges with them later. */
    private static final long JOIN_TIMEOUT_MS = 600;

    private static final int CONNECT_TIMEOUT_MS = 1000;
    /** Heartbeats within the bound for silence: the last ones are for asking, and for the new view. */
    private static final int HEARTBEATS = 6;

    private static final int MISSED_HEARTBEATS = 4;
    private static final long RESEND_INTERVAL_MS = 100;
    /** After which an election of which nothing has come is tried again; longer each time. */
    private static final long VOTE_TIMEOUT_MS = 200;

    private static final LongSupplier CLOCK_MS = () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    /** Pieces in which large messages travel. */
    private static final int FRAGMENT_BYTES = 60_000;
    /** Whoever wants to send more at once is no node of ours. */
    private static final int MAX_FRAME_BYTES = 1 << 20;
    /** For a node that reads nothing, until it counts as silent; what is beyond is dropped, and sent again. */
    private static final int MAX_FRAMES_TO_A_NODE = 512;

    /** After which messages to a node that is gone are not tried again: it will not come back under its address. */
    private static final long GONE_MS = 10_000;

    private static final int MAX_THREADS = 64;
    /** For the coordinator of another group that is to be merged: it may just have stopped, and the merge is tried again. */
    private static final long MERGE_TIMEOUT_MS = 1000;

    private final RaftConfig config;
    private final Events events;
    private final FailStop failStop;
    private final NodeAddresses addresses;
    private final EventThread snapshots;
    private final RaftProtocol raft;
    private final ClusterTransport transport = new ClusterTransport();
    private final List<Protocol> protocols;
    private JChannel channel;

    /**
     * @param config of a node in a cluster
     * @param marks of its directory
     */
    ClusterStack(
            RaftConfig config,
            DirectoryMarks marks,
            RaftLog log,
            MetadataApplier applier,
            FailStop failStop,
            Events events) {
        this.config = config;
        this.events = events;
        this.failStop = failStop;
        var cluster = config.cluster().orElseThrow();
        addresses = new NodeAddresses(config.nodeId(), cluster);
        var id = String.valueOf(config.nodeId());
        snapshots = new EventThread("raft-" + id + "-snapshots");
        raft = new RaftProtocol(log, applier, failStop, "raft-" + id, CLOCK_MS, snapshots);
        raft.raftId(id)
                .members(marks.voters().stream().map(String::valueOf).toList())
                .maxLogSize(config.snapshotAfterBytes())
                .resendInterval(RESEND_INTERVAL_MS);
        raft.blankMark(marks.blank());
        raft.leaderListener((leader, term) -> events.raftChanged());
        var detection = cluster.failureDetection();
        configureTransport(cluster);
        var election = new ElectionProtocol(failStop, CLOCK_MS, new Random());
        election.voteTimeout(VOTE_TIMEOUT_MS);
        protocols = List.of(
                transport,
                new QuorumDiscovery(addresses::all, () -> addresses.announce((IpAddress) transport.physicalAddress())),
                new ClusterGate(config.clusterId(), patience(detection), System::nanoTime),
                new QuorumMerge(view -> hasQuorum(nodes(view))),
                new FD_ALL3()
                        .setInterval(detection.silent().toMillis() / HEARTBEATS)
                        .setTimeout(detection.silent().toMillis() / HEARTBEATS * MISSED_HEARTBEATS),
                new SuspectVerification(detection.crashed()),
                new NAKACK2().useMcastXmit(false).logDiscardMessages(false).logNotFoundMessages(false),
                new UNICAST3().setConnCloseTimeout(GONE_MS),
                new STABLE(),
                membership(detection),
                new FRAG2().setFragSize(FRAGMENT_BYTES),
                new FailStopGate(failStop),
                election,
                raft);
    }

    private static Duration patience(FailureDetection detection) {
        return detection.silent().multipliedBy(2);
    }

    private static GMS membership(FailureDetection detection) {
        return new GMS()
                .setJoinTimeout(JOIN_TIMEOUT_MS)
                .setMaxJoinAttempts(0)
                .setMergeTimeout(MERGE_TIMEOUT_MS)
                .setViewAckCollectionTimeout(detection.silent().toMillis())
                .printLocalAddress(false)
                .printPhysicalAddress(false)
                .logCollectMessages(false)
                .logViewWarnings(false);
    }

    private void configureTransport(ClusterConfig cluster) {
        InetAddress listen = addresses.listen();
        transport.setBindAddress(listen).setBindPort(cluster.listen().port()).setPortRange(0);
        if (listen.isAnyLocalAddress()) {
            transport.setExternalAddr(addresses.reachable());
        }
        transport.setThreadFactory(new LazyThreadFactory("raft-" + config.nodeId() + "-net", true, true));
        transport.getThreadPool().setMaxThreads(MAX_THREADS);
        transport
                .nonBlockingSends(true)
                .maxSendQueue(MAX_FRAMES_TO_A_NODE)
                .tcpNodelay(true)
                .logDetails(false)
                .setSockConnTimeout(CONNECT_TIMEOUT_MS)
                .setMaxLength(MAX_FRAME_BYTES);
        if (cluster.security() instanceof TransportSecurity.Tls tls) {
            transport.tls(new TLS()
                    .enabled(true)
                    .setSSLContext(tls.context())
                    .setProtocols(new String[] {"TLSv1.3"})
                    .setClientAuth(TLSClientAuth.NEED));
        }
    }

    @Override
    public RaftProtocol raft() {
        return raft;
    }

    @Override
    public void start() throws Exception {
        channel = new JChannel(protocols).name(String.valueOf(config.nodeId()));
        channel.addAddressGenerator(() -> NodeAddress.random(config.nodeId(), config.clusterId()));
        channel.setReceiver(this);
        try {
            channel.connect(GROUP);
        } catch (Exception e) {
            throw new RaftException(refusal(e), e);
        }
    }

    private static String refusal(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SecurityException) {
                return cause.getMessage();
            }
        }
        var root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return "The other nodes cannot be joined: " + FailStop.reason(root);
    }

    private boolean hasQuorum(Set<Integer> nodes) {
        return raft.members().stream()
                        .filter(voter -> nodes.contains(Integer.parseInt(voter)))
                        .count()
                >= raft.majority();
    }

    private static Set<Integer> nodes(View view) {
        var nodes = new TreeSet<Integer>();
        view.getMembers().forEach(each -> NodeAddress.nodeId(each).ifPresent(nodes::add));
        return nodes;
    }

    @Override
    public void viewAccepted(View view) {
        LOG.infof("Nodes in view: %s", nodes(view));
        standBackIfDuplicate(view);
        events.view(nodes(view));
        events.raftChanged();
    }

    /** Two lives of a node come together when a partition ends in which both started: the one further back in the view goes. */
    private void standBackIfDuplicate(View view) {
        var self = channel.address();
        for (var each : view.getMembers()) {
            if (each.equals(self)) {
                return;
            }
            if (NodeAddress.nodeId(each).equals(NodeAddress.nodeId(self))) {
                failStop.fail(
                        "Node id " + config.nodeId() + " is also that of the node at "
                                + transport.down(new Event(Event.GET_PHYSICAL_ADDRESS, each)),
                        null);
                return;
            }
        }
    }

    @Override
    public void receive(Message message) {
        NodeMessage.decode(message.getArray(), message.getOffset(), message.getLength())
                .ifPresent(decoded -> events.message(message.src(), decoded));
    }

    @Override
    public void send(Address to, NodeMessage message) {
        send(new BytesMessage(to, message.encode()));
    }

    @Override
    public void sendToOthers(NodeMessage message) {
        send(new BytesMessage(null, message.encode()).setFlag(Message.TransientFlag.DONT_LOOPBACK));
    }

    private void send(Message message) {
        try {
            channel.send(message);
        } catch (Exception e) {
            LOG.debugf("Message to %s lost: %s", message.dest(), e);
        }
    }

    /** A leader that says nothing any more would be waited for as long as its heartbeats are heard. */
    @Override
    public void leave() {
        close();
    }

    @Override
    public void close() {
        snapshots.close();
        if (channel != null) {
            channel.close();
        }
        raft.stop();
    }
}
