package io.odradek.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;

/**
 * Many partitions with three replicas each: how soon they are there, what they cost while nobody uses them, and how soon the
 * metadata can change again after {@code kill -9} of the active controller. A fresh cluster in each round.
 */
final class ClusterPartitionsScenario implements Scenario<ClusterUnderTest> {
    private static final int PER_TOPIC = 1_000;
    /** Apache Kafka refuses 10,000 at once. */
    private static final int PER_REQUEST = 5_000;

    private static final int CREATE_LIMIT_MS = 120_000;
    private static final long SETTLE_MS = 5_000;
    private static final long IDLE_MS = 10_000;
    private final int partitions;

    ClusterPartitionsScenario(int partitions) {
        this.partitions = partitions;
    }

    @Override
    public String name() {
        return "cluster-partitions";
    }

    @Override
    public boolean startsBroker() {
        return true;
    }

    @Override
    public boolean warmsUp() {
        return false;
    }

    @Override
    public void round(ClusterUnderTest cluster, int round, Figures.OfBroker figures) throws Exception {
        var start = cluster.start();
        figures.add("three nodes started, s", seconds(start));
        int victim;
        try (var admin = cluster.admin()) {
            create(cluster, admin, figures);
            idle(cluster, figures);
            victim = cluster.controller(admin);
        }
        failOver(cluster, victim, figures);
        cluster.kill();
    }

    private List<String> topics() {
        return IntStream.range(0, partitions / PER_TOPIC)
                .mapToObj(i -> "many-" + i)
                .toList();
    }

    private void create(ClusterUnderTest cluster, Admin admin, Figures.OfBroker figures) throws Exception {
        cluster.controller(admin); // connects
        var cpu = cluster.cpu();
        var from = System.nanoTime();
        var topics = topics();
        for (int i = 0; i < topics.size(); i += PER_REQUEST / PER_TOPIC) {
            var some = topics.subList(i, Math.min(topics.size(), i + PER_REQUEST / PER_TOPIC));
            admin.createTopics(
                            some.stream()
                                    .map(topic -> new NewTopic(topic, PER_TOPIC, (short) 3))
                                    .toList(),
                            new CreateTopicsOptions().timeoutMs(CREATE_LIMIT_MS))
                    .all()
                    .get();
        }
        awaitLeaders(cluster.nodes(), List.of());
        figures.add(partitions + " partitions with leaders in the metadata of all brokers, s", secondsSince(from));
        var latest = IntStream.range(0, partitions)
                .mapToObj(i -> new TopicPartition(topics.get(i / PER_TOPIC), i % PER_TOPIC))
                .collect(Collectors.toMap(p -> p, p -> OffsetSpec.latest()));
        admin.listOffsets(latest).all().get();
        figures.add(partitions + " partitions served by their leaders, s", secondsSince(from));
        figures.add(
                "CPU s of the three brokers for " + partitions + " partitions",
                seconds(cluster.cpu().minus(cpu)));
    }

    private void idle(ClusterUnderTest cluster, Figures.OfBroker figures) throws Exception {
        Thread.sleep(SETTLE_MS);
        var cpu = cluster.cpu();
        Thread.sleep(IDLE_MS);
        var used = cluster.cpu().minus(cpu);
        figures.add(
                "idle with " + partitions + " partitions, CPU cores of three brokers", seconds(used) * 1e3 / IDLE_MS);
        figures.add(
                "idle with " + partitions + " partitions, resident MB of three brokers", cluster.residentMegabytes());
        figures.add("idle with " + partitions + " partitions, threads of three brokers", cluster.threads());
    }

    private void failOver(ClusterUnderTest cluster, int victim, Figures.OfBroker figures) throws Exception {
        try (var admin = cluster.adminWithout(victim)) {
            cluster.controller(admin); // connects
            var survivors = cluster.nodes().stream()
                    .filter(node -> node != cluster.node(victim))
                    .toList();
            var from = System.nanoTime();
            cluster.node(victim).kill();
            var topic = new ConfigResource(ConfigResource.Type.TOPIC, topics().get(0));
            var change = new AlterConfigOp(new ConfigEntry("retention.ms", "100000000"), AlterConfigOp.OpType.SET);
            ClusterUnderTest.await("a change of the metadata", () -> {
                admin.incrementalAlterConfigs(Map.of(topic, List.of(change)))
                        .all()
                        .get();
                return true;
            });
            figures.add("kill -9 of the controller to the next change of the metadata, s", secondsSince(from));
            awaitLeaders(survivors, List.of(victim));
            figures.add("kill -9 of the controller until others lead what it led, s", secondsSince(from));
        }
    }

    /** Until each of the brokers names a leader of each partition. */
    private void awaitLeaders(List<BrokerUnderTest> brokers, List<Integer> dead) throws Exception {
        var topics = topics();
        for (var broker : brokers) {
            try (var connection = new Connection(broker.port)) {
                for (int i = 0; i < topics.size(); i += PER_REQUEST / PER_TOPIC) {
                    var some = topics.subList(i, Math.min(topics.size(), i + PER_REQUEST / PER_TOPIC));
                    ClusterUnderTest.await("leaders of all partitions", () -> haveLeaders(connection, some, dead));
                }
            }
        }
    }

    private static boolean haveLeaders(Connection connection, List<String> topics, List<Integer> dead)
            throws Exception {
        var request =
                new MetadataRequest.Builder(new ArrayList<>(topics), false).build(ApiKeys.METADATA.latestVersion());
        var answer = connection.call(request, MetadataResponse.class).topicMetadata();
        return answer.stream().mapToInt(t -> t.partitionMetadata().size()).sum() == topics.size() * PER_TOPIC
                && answer.stream()
                        .flatMap(t -> t.partitionMetadata().stream())
                        .allMatch(p ->
                                p.leaderId.isPresent() && p.leaderId.get() >= 0 && !dead.contains(p.leaderId.get()));
    }

    private static double secondsSince(long fromNs) {
        return (System.nanoTime() - fromNs) / 1e9;
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
