package io.odradek.it;

import io.odradek.peer.Ports;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;

/**
 * Several nodes in processes of their own that form a cluster, configured with the variables of a KRaft compose file. Ports
 * and data stay the same over restarts.
 */
public final class ClusterProcesses implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final Map<Integer, BrokerProcess> nodes = new TreeMap<>();

    /** As in {@code controller.quorum.voters}. */
    private final String voters;

    private ClusterProcesses(String voters) {
        this.voters = voters;
    }

    /**
     * Nodes 1 to n, all of which vote; not started yet.
     *
     * @param home a directory for data and logs of all nodes
     */
    public static ClusterProcesses in(Path home, int nodes) {
        return in(home, Collections.nCopies(nodes, Host.LOOPBACK));
    }

    /**
     * Nodes 1 to n, all of which vote; not started yet.
     *
     * @param home a directory for data and logs of all nodes
     * @param hosts where each of them runs
     */
    public static ClusterProcesses in(Path home, List<Host> hosts) {
        int nodes = hosts.size();
        var ports = IntStream.rangeClosed(1, nodes).boxed().collect(Collectors.toMap(id -> id, id -> Ports.free()));
        var voters = IntStream.rangeClosed(1, nodes)
                .mapToObj(id -> id + "@" + hosts.get(id - 1).address() + ":" + ports.get(id))
                .collect(Collectors.joining(","));
        var cluster = new ClusterProcesses(voters);
        var replicas = String.valueOf(Math.min(3, nodes));
        for (int id = 1; id <= nodes; id++) {
            var host = hosts.get(id - 1);
            var node = cluster.configured(BrokerProcess.in(home(home, id), host), host, id, ports.get(id))
                    .with("KAFKA_DEFAULT_REPLICATION_FACTOR", replicas)
                    .with("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", replicas)
                    .with("KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS", "6")
                    .with("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", replicas)
                    .with("KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS", "6")
                    .with("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", nodes > 2 ? "2" : "1")
                    .with("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0");
            cluster.nodes.put(id, node);
        }
        return cluster;
    }

    /**
     * Nodes 1 to n, of which node 1 alone votes, for now, and which find each other through it; not started yet.
     *
     * @param home a directory for data and logs of all nodes
     */
    public static ClusterProcesses growing(Path home, int nodes) {
        var cluster = in(home, nodes);
        cluster.with("KAFKA_CONTROLLER_QUORUM_VOTERS", cluster.voters.split(",")[0]);
        for (int id = 2; id <= nodes; id++) {
            cluster.node(id).with("KAFKA_PROCESS_ROLES", "broker");
        }
        return cluster;
    }

    /**
     * One more process that takes itself for node {@code id} of this cluster; not started, and not closed with the others.
     *
     * @param home a directory for its data and log
     */
    public BrokerProcess another(Path home, int id) {
        return configured(BrokerProcess.in(home), Host.LOOPBACK, id, Ports.free());
    }

    private BrokerProcess configured(BrokerProcess node, Host host, int id, int controllerPort) {
        return node.with("KAFKA_PROCESS_ROLES", "broker,controller")
                .with("KAFKA_NODE_ID", String.valueOf(id))
                .with(
                        "KAFKA_LISTENERS",
                        "PLAINTEXT://" + node.bootstrap() + ",CONTROLLER://" + host.address() + ":" + controllerPort)
                .with("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
                .with("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT")
                .with("KAFKA_CONTROLLER_QUORUM_VOTERS", voters)
                .with("CLUSTER_ID", "4L6g3nShT-eMCtK--X86sw")
                .withJvmOption("-Xmx256m")
                .withJvmOption("-XX:+UseSerialGC")
                .withJvmOption("-XX:TieredStopAtLevel=1");
    }

    /** The directory of a node, in that of the cluster. */
    public static Path home(Path home, int id) {
        return home.resolve("node-" + id);
    }

    /** Sets a variable of all nodes. */
    public ClusterProcesses with(String variable, String value) {
        nodes.values().forEach(node -> node.with(variable, value));
        return this;
    }

    /** Starts all nodes at once and waits until each answers a client. */
    public ClusterProcesses start() throws Exception {
        for (var node : nodes.values()) {
            node.launch();
        }
        for (var node : nodes.values()) {
            node.awaitServing();
        }
        return this;
    }

    public BrokerProcess node(int id) {
        return nodes.get(id);
    }

    public Collection<Integer> ids() {
        return nodes.keySet();
    }

    /** Addresses of all nodes, whether they run or not. */
    public String bootstrap() {
        return nodes.values().stream().map(BrokerProcess::bootstrap).collect(Collectors.joining(","));
    }

    /** The broker that leads a partition, as the cluster says now; -1 if none does. */
    public int leader(String topic, int partition) throws Exception {
        try (var admin = admin()) {
            var leader = admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .get(topic)
                    .partitions()
                    .get(partition)
                    .leader();
            return leader == null ? -1 : leader.id();
        }
    }

    /** The active controller. */
    public int controller() throws Exception {
        try (var admin = admin()) {
            return admin.describeMetadataQuorum()
                    .quorumInfo()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .leaderId();
        }
    }

    /** Whether every replica of these topics is in sync. */
    public boolean isInSync(String... topics) throws Exception {
        try (var admin = admin()) {
            return admin
                    .describeTopics(List.of(topics))
                    .allTopicNames()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .values()
                    .stream()
                    .flatMap(topic -> topic.partitions().stream())
                    .allMatch(p ->
                            p.leader() != null && p.isr().size() == p.replicas().size());
        }
    }

    public Admin admin() {
        return Admin.create(Map.of(
                "bootstrap.servers", bootstrap(),
                "reconnect.backoff.max.ms", "100",
                "request.timeout.ms", "5000",
                "default.api.timeout.ms", "60000"));
    }

    /** What all nodes printed. */
    public String output() {
        return nodes.entrySet().stream()
                .map(node -> "== node " + node.getKey() + "\n" + node.getValue().output())
                .collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
        nodes.values().forEach(BrokerProcess::close);
    }
}
