package io.odradek.broker;

import static org.awaitility.Awaitility.await;

import io.odradek.config.BrokerConfig;
import io.odradek.metadata.PartitionImage;
import io.odradek.peer.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A cluster of several brokers in this JVM. Ports and data stay the same when a broker is stopped and started. Brokers can
 * be stopped, not killed: for that there is {@link io.odradek.it.ClusterProcesses}.
 */
final class TestCluster implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path home;
    private final Map<String, String> common = new HashMap<>();
    private final Map<Integer, Map<String, String>> settings = new TreeMap<>();
    private final Map<Integer, Broker> running = new TreeMap<>();

    private TestCluster(Path home) {
        this.home = home;
    }

    /** Nodes 1 to n, all of which vote; not started yet. */
    static TestCluster in(Path home, int nodes) {
        return in(home, nodes, 0);
    }

    /** Nodes 1 to n, which vote, and further ones that do not; not started yet. */
    static TestCluster in(Path home, int voters, int others) {
        var cluster = new TestCluster(home);
        var ports = IntStream.rangeClosed(1, voters).boxed().collect(Collectors.toMap(id -> id, id -> Ports.free()));
        var quorum = ports.entrySet().stream()
                .map(voter -> voter.getKey() + "@127.0.0.1:" + voter.getValue())
                .collect(Collectors.joining(","));
        var replicas = String.valueOf(Math.min(3, voters + others));
        cluster.with("controller.quorum.voters", quorum)
                .with("controller.listener.names", "CONTROLLER")
                .with("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT")
                .with("odradek.cluster.id", "4L6g3nShT-eMCtK--X86sw")
                .with("num.network.threads", "1")
                .with("default.replication.factor", replicas)
                .with("offsets.topic.replication.factor", replicas)
                .with("offsets.topic.num.partitions", "3")
                .with("transaction.state.log.replication.factor", replicas)
                .with("transaction.state.log.num.partitions", "3")
                .with("transaction.state.log.min.isr", voters + others > 2 ? "2" : "1")
                .with("group.initial.rebalance.delay.ms", "0");
        for (int id = 1; id <= voters + others; id++) {
            var listeners = "PLAINTEXT://127.0.0.1:" + Ports.free();
            var own = new HashMap<String, String>();
            own.put("node.id", String.valueOf(id));
            own.put("log.dirs", home.resolve("node-" + id).toString());
            own.put("listeners", id <= voters ? listeners + ",CONTROLLER://127.0.0.1:" + ports.get(id) : listeners);
            cluster.settings.put(id, own);
        }
        return cluster;
    }

    /** Makes a voter a controller and nothing else. */
    TestCluster controllerOnly(int id) {
        var listeners = settings.get(id).get("listeners");
        with(id, "process.roles", "controller");
        return with(id, "listeners", listeners.substring(listeners.indexOf("CONTROLLER")));
    }

    /** A setting of all brokers. */
    TestCluster with(String name, String value) {
        common.put(name, value);
        return this;
    }

    /** A setting of one broker. */
    TestCluster with(int id, String name, String value) {
        settings.get(id).put(name, value);
        return this;
    }

    /** Starts all that do not run, at once, since no voter starts without a majority. */
    TestCluster start() throws Exception {
        return start(settings.keySet().stream()
                .filter(id -> !running.containsKey(id))
                .toList());
    }

    TestCluster start(Collection<Integer> ids) throws Exception {
        var threads = Executors.newFixedThreadPool(ids.size());
        try {
            var starting = new HashMap<Integer, java.util.concurrent.Future<Broker>>();
            ids.forEach(id -> starting.put(id, threads.submit(() -> Broker.start(config(id)))));
            var failures = new ArrayList<Exception>();
            for (var broker : starting.entrySet()) {
                try {
                    running.put(broker.getKey(), broker.getValue().get());
                } catch (ExecutionException e) {
                    failures.add(e);
                }
            }
            if (!failures.isEmpty()) {
                close();
                throw failures.get(0);
            }
        } finally {
            threads.shutdown();
        }
        return this;
    }

    BrokerConfig config(int id) {
        var all = new HashMap<>(common);
        all.putAll(settings.get(id));
        return BrokerConfig.of(all);
    }

    /** As on SIGTERM. */
    void stop(int id) {
        running.remove(id).close();
    }

    Broker broker(int id) {
        return running.get(id);
    }

    Collection<Broker> brokers() {
        return running.values();
    }

    /** Of those that run. */
    String bootstrap() {
        return running.values().stream()
                .filter(broker -> config(broker.nodeId()).metadata().isBroker())
                .map(broker -> "127.0.0.1:" + broker.port("PLAINTEXT"))
                .collect(Collectors.joining(","));
    }

    Admin admin() {
        return Admin.create(Map.of(
                "bootstrap.servers", bootstrap(),
                "reconnect.backoff.max.ms", "100",
                "request.timeout.ms", "5000",
                "default.api.timeout.ms", "60000"));
    }

    KafkaProducer<String, String> producer() {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers", bootstrap(),
                        "acks", "all",
                        "request.timeout.ms", "5000",
                        "reconnect.backoff.max.ms", "100",
                        "retry.backoff.ms", "20"),
                new StringSerializer(),
                new StringSerializer());
    }

    void createTopic(String name, int partitions, int replicas, Map<String, String> configs) throws Exception {
        try (var admin = admin()) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) replicas).configs(configs)))
                    .all()
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** The active controller. */
    Broker controller() {
        return await("a controller")
                .atMost(PATIENCE)
                .until(
                        () -> running.values().stream()
                                .filter(broker -> broker.members().activeController())
                                .findFirst()
                                .orElse(null),
                        java.util.Objects::nonNull);
    }

    /** As any of the running brokers sees it. */
    PartitionImage partition(String topic, int partition) {
        return running.values()
                .iterator()
                .next()
                .image()
                .topics()
                .byName(topic)
                .orElseThrow()
                .partition(partition)
                .orElseThrow();
    }

    /** Waits until all replicas of a topic are in sync, as all brokers that run know. */
    void awaitInSync(String topic) {
        await(topic + " is in sync").atMost(PATIENCE).until(() -> running.values().stream()
                .allMatch(broker -> broker.image()
                        .topics()
                        .byName(topic)
                        .filter(t -> t.partitions().stream()
                                .allMatch(p -> p.hasLeader()
                                        && p.isr().size() == p.replicas().size()))
                        .isPresent()));
    }

    @Override
    public void close() {
        // One after the other, each with a quorum as long as there is one.
        List.copyOf(running.keySet()).forEach(this::stop);
    }
}
