package io.odradek.nemesis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.odradek.it.ClusterProcesses;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether a node is taken for dead has nothing to do with what the clock on the wall says. */
class ClockJumpIT {
    private static final String TOPIC = "clocks";
    private static final Duration JUMP = Duration.ofMinutes(50);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Long enough for a jump to be noticed, which takes libfaketime up to a second, while a crashed node is being asked. */
    private static final Duration CRASH_DETECTION = Duration.ofMillis(2_500);

    @TempDir
    Path home;

    @Test
    void clocksThatAreSetMakeNobodyDeadOrAlive() throws Exception {
        var clocks = Clocks.find();
        assumeTrue(clocks.isPresent(), "there is no libfaketime (apt-get install faketime)");
        try (var cluster = ClusterProcesses.in(home, 3)) {
            cluster.with("ODRADEK_CRASH_DETECTION_MS", String.valueOf(CRASH_DETECTION.toMillis()));
            for (int id : cluster.ids()) {
                clocks.get().environment(clock(id)).forEach(cluster.node(id)::with);
            }
            cluster.start();
            try (var producer = producer(cluster)) {
                createTopic(cluster);
                nobodyDiesOfAJumpForward(cluster, clocks.get(), producer);
                aCrashIsSeenInSpiteOfAJumpBack(cluster, clocks.get());
            } catch (Throwable e) {
                throw new AssertionError(cluster.output(), e);
            }
        }
    }

    private Path clock(int node) {
        return ClusterProcesses.home(home, node).resolve("clock");
    }

    /** Partition {@code n - 1} is on node n alone, and its records have the time of that node. */
    private static void createTopic(ClusterProcesses cluster) throws Exception {
        try (var admin = cluster.admin()) {
            admin.createTopics(List.of(new NewTopic(TOPIC, Map.of(0, List.of(1), 1, List.of(2), 2, List.of(3)))
                            .configs(Map.of("message.timestamp.type", "LogAppendTime"))))
                    .all()
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static Producer<String, String> producer(ClusterProcesses cluster) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrap()), new StringSerializer(), new StringSerializer());
    }

    private static Duration ahead(Producer<String, String> producer, int node) throws Exception {
        var written = producer.send(new ProducerRecord<>(TOPIC, node - 1, "key", "value"))
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        return Duration.ofMillis(written.timestamp() - System.currentTimeMillis());
    }

    private void nobodyDiesOfAJumpForward(ClusterProcesses cluster, Clocks clocks, Producer<String, String> producer)
            throws Exception {
        await().atMost(PATIENCE).until(() -> cluster.ids().stream()
                .allMatch(id -> view(cluster, id).equals(Optional.of("Nodes in view: [1, 2, 3]"))));
        long views = views(cluster);

        clocks.set(clock(1), JUMP);
        clocks.set(clock(2), JUMP);

        for (int id : List.of(1, 2)) {
            await().atMost(PATIENCE).until(() -> ahead(producer, id).compareTo(JUMP.dividedBy(2)) > 0);
        }
        assertEquals(views, views(cluster));
        assertFalse(cluster.output().contains("is gone: fencing"));
    }

    private void aCrashIsSeenInSpiteOfAJumpBack(ClusterProcesses cluster, Clocks clocks) throws Exception {
        cluster.node(3).kill();
        clocks.set(clock(1), JUMP.negated());
        clocks.set(clock(2), JUMP.negated());

        for (int id : List.of(1, 2)) {
            await().atMost(PATIENCE).until(() -> view(cluster, id).equals(Optional.of("Nodes in view: [1, 2]")));
        }
        await().atMost(PATIENCE).until(() -> cluster.output().contains("Broker 3 is gone: fencing"));
    }

    /** The present view, as a node printed it. */
    private static Optional<String> view(ClusterProcesses cluster, int node) {
        return cluster.node(node)
                .output()
                .lines()
                .filter(line -> line.contains("Nodes in view"))
                .reduce((earlier, later) -> later)
                .map(line -> line.substring(line.indexOf("Nodes in view")));
    }

    private static long views(ClusterProcesses cluster) {
        return cluster.output()
                .lines()
                .filter(line -> line.contains("Nodes in view"))
                .count();
    }
}
