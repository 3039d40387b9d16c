package io.odradek.broker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.tools.MetadataQuorumCommand;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A single node that others join, that vote with it, and then leave it alone again. */
class GrowingClusterTest {
    @TempDir
    Path home;

    private static <T> T get(KafkaFuture<T> future) throws Exception {
        return future.get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void oneBecomesThreeAndOneAgainUnderLoad() throws Exception {
        try (var cluster = TestCluster.in(home, 1, 2)) {
            var voters = cluster.config(1).metadata().quorumVoters().get(0);
            cluster.with(1, "controller.quorum.voters", ""); // as ./odradek start does it
            cluster.start(List.of(1));
            cluster.createTopic("before", 1, 1, Map.of());
            cluster.stop(1);
            cluster.with(
                    1,
                    "controller.quorum.voters",
                    "1@127.0.0.1:" + voters.address().port());
            cluster.start(List.of(1));
            assertTrue(cluster.broker(1).image().topics().byName("before").isPresent());
            cluster.start(List.of(2, 3));

            var running = new AtomicBoolean(true);
            var made = new AtomicInteger();
            try (var admin = cluster.admin()) {
                var load = new Thread(() -> createTopics(admin, running, made), "load");
                load.start();
                for (int id = 2; id <= 3; id++) {
                    get(admin.addRaftVoter(id, Uuid.ZERO_UUID, Set.of()).all());
                }
                assertEquals(List.of(1, 2, 3), voters(admin));
                everyBrokerKnowsHowFarAllAre(cluster);
                int before = made.get();
                await().atMost(TestCluster.PATIENCE).until(() -> made.get() > before + 10);

                get(admin.removeRaftVoter(1, Uuid.ZERO_UUID).all()); // it leads: another takes over
                await().atMost(TestCluster.PATIENCE).until(() -> voters(admin).equals(List.of(2, 3)));
                tool(cluster, "remove-controller", "--controller-id", "2", "--controller-directory-id", zero());
                await().atMost(TestCluster.PATIENCE).until(() -> voters(admin).equals(List.of(3)));
                int after = made.get();
                await().atMost(TestCluster.PATIENCE).until(() -> made.get() > after + 10);
                running.set(false);
                load.join();
                for (var broker : cluster.brokers()) {
                    await().atMost(TestCluster.PATIENCE).until(() -> broker.image()
                            .topics()
                            .byName("t" + (made.get() - 1))
                            .isPresent());
                }
            }
        }
    }

    private static String zero() {
        return Uuid.ZERO_UUID.toString();
    }

    private static void createTopics(Admin admin, AtomicBoolean running, AtomicInteger made) {
        while (running.get()) {
            try {
                get(admin.createTopics(List.of(new NewTopic("t" + made.get(), 1, (short) 1)))
                        .all());
            } catch (Exception e) {
                if (!(e.getCause() instanceof org.apache.kafka.common.errors.TopicExistsException)) {
                    continue;
                }
            }
            made.incrementAndGet();
        }
    }

    private static List<Integer> voters(Admin admin) throws Exception {
        return get(admin.describeMetadataQuorum().quorumInfo()).voters().stream()
                .map(QuorumInfo.ReplicaState::replicaId)
                .sorted()
                .toList();
    }

    private static void everyBrokerKnowsHowFarAllAre(TestCluster cluster) throws Exception {
        for (var broker : cluster.brokers()) {
            try (var admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + broker.port("PLAINTEXT")))) {
                await().atMost(TestCluster.PATIENCE)
                        .until(() -> get(admin.describeMetadataQuorum().quorumInfo()).voters().stream()
                                .allMatch(each -> each.logEndOffset() > 0));
            }
        }
        var replication = tool(cluster, "describe", "--replication");
        assertEquals(
                3,
                replication
                        .lines()
                        .filter(line -> line.matches(".*(Leader|Follower).*"))
                        .count(),
                replication);
        var status = tool(cluster, "describe", "--status");
        assertTrue(status.contains("LeaderId:"), status);
    }

    /** Kafka's own kafka-metadata-quorum. */
    private static String tool(TestCluster cluster, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                MetadataQuorumCommand.class.getName(),
                "--bootstrap-server",
                cluster.bootstrap()));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }
}
