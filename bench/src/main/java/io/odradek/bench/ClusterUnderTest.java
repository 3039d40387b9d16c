package io.odradek.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** Three combined nodes on this machine, each broker and controller in a process of its own. */
final class ClusterUnderTest implements SystemUnderTest {
    static final int NODES = 3;
    /** What the nodes have in common, as in any cluster that is to lose nothing. */
    private static final Map<String, String> SAFE = Map.of(
            "process.roles", "broker,controller",
            "controller.listener.names", "CONTROLLER",
            "listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "inter.broker.listener.name", "PLAINTEXT",
            "default.replication.factor", "3",
            "min.insync.replicas", "2",
            "offsets.topic.replication.factor", "3",
            "transaction.state.log.replication.factor", "3",
            "transaction.state.log.min.isr", "2");

    private static final long START_LIMIT_MS = 120_000;

    private final String name;
    private final List<BrokerUnderTest> nodes = new ArrayList<>();
    private final List<Integer> controllerPorts = new ArrayList<>();

    ClusterUnderTest(String name, Path home, BrokerUnderTest.Launcher launcher) {
        this.name = name;
        for (int id = 1; id <= NODES; id++) {
            nodes.add(new BrokerUnderTest(name, home.resolveSibling(home.getFileName() + "-" + id), launcher));
            controllerPorts.add(BrokerUnderTest.freePort());
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String bootstrap() {
        return bootstrapWithout(-1);
    }

    /** Of the other nodes. */
    String bootstrapWithout(int id) {
        return IntStream.rangeClosed(1, NODES)
                .filter(each -> each != id)
                .mapToObj(each -> node(each).bootstrap())
                .collect(Collectors.joining(","));
    }

    BrokerUnderTest node(int id) {
        return nodes.get(id - 1);
    }

    List<BrokerUnderTest> nodes() {
        return nodes;
    }

    Admin admin() {
        return adminWithout(-1);
    }

    Admin adminWithout(int id) {
        return Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapWithout(id),
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                "120000"));
    }

    @Override
    public void configure(Map<String, String> settings) {
        var voters = IntStream.rangeClosed(1, NODES)
                .mapToObj(id -> id + "@127.0.0.1:" + controllerPorts.get(id - 1))
                .collect(Collectors.joining(","));
        for (int id = 1; id <= NODES; id++) {
            var node = node(id);
            var all = new HashMap<>(SAFE);
            all.put("node.id", Integer.toString(id));
            all.put("controller.quorum.voters", voters);
            all.put("advertised.listeners", "PLAINTEXT://" + node.bootstrap());
            all.put(
                    "listeners",
                    "PLAINTEXT://" + node.bootstrap() + ",CONTROLLER://127.0.0.1:" + controllerPorts.get(id - 1));
            all.putAll(settings);
            node.configure(all);
        }
    }

    /** Until each node knows of all. */
    @Override
    public Duration start() throws Exception {
        for (var node : nodes) {
            node.prepare();
        }
        var from = System.nanoTime();
        for (var node : nodes) {
            node.launch();
        }
        for (var node : nodes) {
            node.awaitServing();
        }
        for (var node : nodes) {
            try (var admin = Admin.create(Map.of("bootstrap.servers", node.bootstrap()))) {
                await(
                        "all nodes in " + name,
                        () -> admin.describeCluster().nodes().get().size() == NODES);
            }
        }
        return Duration.ofNanos(System.nanoTime() - from);
    }

    /** Which node is the active controller. */
    int controller(Admin admin) throws Exception {
        return admin.describeMetadataQuorum().quorumInfo().get().leaderId();
    }

    /** Something to wait for. */
    interface Condition {
        boolean isTrue() throws Exception;
    }

    /** Looks again and again; an answer that is an error is none yet. */
    static void await(String what, Condition condition) throws Exception {
        var from = System.nanoTime();
        while (true) {
            Exception latest = null;
            try {
                if (condition.isTrue()) {
                    return;
                }
            } catch (ExecutionException | IOException e) {
                latest = e;
            }
            if (System.nanoTime() - from > TimeUnit.MILLISECONDS.toNanos(START_LIMIT_MS)) {
                throw new IllegalStateException("Waited in vain for " + what, latest);
            }
            Thread.sleep(20);
        }
    }

    /** Of all nodes. */
    @Override
    public Duration cpu() {
        return nodes.stream().map(BrokerUnderTest::cpu).reduce(Duration.ZERO, Duration::plus);
    }

    /** Of all nodes. */
    @Override
    public long residentMegabytes() throws IOException {
        long sum = 0;
        for (var node : nodes) {
            sum += node.residentMegabytes();
        }
        return sum;
    }

    /** Of all nodes. */
    long threads() throws IOException {
        long sum = 0;
        for (var node : nodes) {
            sum += node.threads();
        }
        return sum;
    }

    @Override
    public void stop() throws Exception {
        // Not one after the other: the last two would wait for a majority that is gone.
        for (var node : nodes) {
            node.end();
        }
        for (var node : nodes) {
            node.stop();
        }
    }

    /** All nodes at once, where it does not matter what becomes of them. */
    void kill() throws Exception {
        for (var node : nodes) {
            node.kill();
        }
    }

    @Override
    public void close() throws Exception {
        for (var node : nodes) {
            node.close();
        }
    }
}
