package io.odradek.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes in processes of their own, to which one thing after the other happens while producers and two groups work:
 * what was acknowledged is there, once and in order, and the groups have read it.
 */
class ClusterIT {
    private static final String TOPIC = "clustered";
    private static final int PARTITIONS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** Clients say a lot about brokers that are gone. Kept, since a logger that nobody keeps forgets its level. */
    private static final Logger QUIET = Logger.getLogger("org.apache.kafka");

    @TempDir
    Path home;

    private final History history = new History();
    private ClusterProcesses cluster;

    private interface Fault {
        void strike() throws Exception;
    }

    @BeforeAll
    static void quiet() {
        QUIET.setLevel(Level.OFF);
    }

    @Test
    void nothingAcknowledgedIsLostWhateverHappensToNodes() throws Exception {
        try (var started = ClusterProcesses.in(home, 3).start();
                var load = new ProducerLoad(started.bootstrap(), TOPIC, PARTITIONS, history, 1);
                var classic = member("classic", started.bootstrap());
                var consumer = member("consumer", started.bootstrap())) {
            cluster = started;
            createTopic();
            load.start("none", "lz4");
            during("calm", () -> {});
            during("kill -9 of a leader", () -> killAndStart(cluster.leader(TOPIC, 0)));
            during("kill -9 of the controller", () -> killAndStart(cluster.controller()));
            during("SIGSTOP of a leader", () -> pause(cluster.leader(TOPIC, 1)));
            during("SIGTERM of each", this::roll);
            during("kill -9 of two of three", this::killTwo);
            during("kill -9 of all", this::killAll);
            load.stop();

            history.check(History.read(cluster.bootstrap(), TOPIC));
            var acknowledged = history.acknowledged.stream()
                    .map(History.Acknowledged::value)
                    .collect(Collectors.toSet());
            await("groups read all").atMost(PATIENCE).until(() -> Stream.of(classic, consumer)
                    .allMatch(member -> member.consumed().size() >= acknowledged.size()
                            && values(member).containsAll(acknowledged)));
        } catch (Throwable e) {
            throw new AssertionError(cluster == null ? "not started" : cluster.output(), e);
        }
    }

    private GroupMember member(String protocol, String bootstrap) {
        return GroupMember.of(
                bootstrap,
                "group-" + protocol,
                protocol,
                Map.of("allow.auto.create.topics", false, "metadata.max.age.ms", 1000),
                TOPIC);
    }

    private static Set<String> values(GroupMember member) {
        member.assignment(); // fails if it did
        return member.consumed().stream().map(ConsumerRecord::value).collect(Collectors.toCollection(HashSet::new));
    }

    private void createTopic() throws Exception {
        try (var admin = cluster.admin()) {
            admin.createTopics(List.of(
                            new NewTopic(TOPIC, PARTITIONS, (short) 3).configs(Map.of("min.insync.replicas", "2"))))
                    .all()
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** After it struck, records are acknowledged in every partition again, and all replicas are back in sync. */
    private void during(String name, Fault fault) throws Exception {
        fault.strike();
        var since = System.nanoTime();
        awaitProgress(name);
        await(name + ": all replicas are in sync again")
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> cluster.isInSync(TOPIC));
        System.out.printf(
                "%s: %d acknowledged so far, whole again after %d ms%n",
                name, total(history.counts()), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
    }

    /** From now on. */
    private void awaitProgress(String when) {
        var before = history.counts();
        await(when + ": records are acknowledged in all partitions")
                .atMost(PATIENCE)
                .until(() -> {
                    var now = history.counts();
                    return now.size() == PARTITIONS
                            && now.entrySet().stream()
                                    .allMatch(p -> p.getValue() > before.getOrDefault(p.getKey(), 0L));
                });
    }

    private static long total(Map<Integer, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private void killAndStart(int id) throws Exception {
        cluster.node(id).kill();
        awaitProgress("two of three");
        cluster.node(id).start();
    }

    /** Its connections stay open: only its silence tells. */
    private void pause(int id) throws Exception {
        var paused = cluster.node(id);
        paused.pause();
        try {
            await("another leads").atMost(PATIENCE).ignoreExceptions().until(() -> {
                int leader = cluster.leader(TOPIC, 1);
                return leader != id && leader >= 0;
            });
        } finally {
            paused.resume();
        }
    }

    private void roll() throws Exception {
        for (int id : cluster.ids()) {
            assertEquals(0, cluster.node(id).terminate(), () -> cluster.node(id).output());
            cluster.node(id).start();
            await("in sync").atMost(PATIENCE).ignoreExceptions().until(() -> cluster.isInSync(TOPIC));
        }
    }

    private void killTwo() throws Exception {
        int leader = cluster.leader(TOPIC, 2);
        int other =
                cluster.ids().stream().filter(id -> id != leader).findFirst().orElseThrow();
        cluster.node(leader).kill();
        cluster.node(other).kill();
        cluster.node(leader).launch();
        cluster.node(other).launch();
        cluster.node(leader).awaitServing();
        cluster.node(other).awaitServing();
    }

    private void killAll() throws Exception {
        for (int id : cluster.ids()) {
            cluster.node(id).kill();
        }
        cluster.start();
    }
}
