package io.odradek.checker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.it.History;
import io.odradek.it.ProducerLoad;
import io.odradek.nemesis.Nemesis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.kafka.common.internals.Topic;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clusters of three and five nodes to which everything happens that may happen to machines, with transactions, groups and
 * idempotent producers all the while (docs/testing.md says what, and how to run it for hours).
 */
class NemesisIT {
    private static final Duration GIVEN = Duration.ofMinutes(Long.getLong("odradek.nemesis.minutes", 0));
    private static final Duration ROUND = Duration.ofSeconds(Long.getLong("odradek.nemesis.round.seconds", 90));
    private static final long SEED = Long.getLong("odradek.nemesis.seed", System.currentTimeMillis());
    private static final List<Integer> NODES = Stream.of(
                    System.getProperty("odradek.nemesis.nodes", "3,5").split(","))
            .map(Integer::valueOf)
            .toList();
    /** Of idempotent producers between two records: nodes are to be started, too, on a machine with few cores. */
    private static final int PAUSE_MS = 4;

    /** Clients say a lot about brokers that are gone. Kept, since a logger that nobody keeps forgets its level. */
    private static final Logger QUIET = Logger.getLogger("org.apache.kafka");

    @TempDir
    Path home;

    @BeforeAll
    static void quiet() {
        QUIET.setLevel(Level.OFF);
    }

    @Test
    void nothingForbiddenHappens() throws Exception {
        var end = System.nanoTime() + GIVEN.toNanos();
        int round = 0;
        do {
            int turn = round / NODES.size();
            int which = round % NODES.size();
            check(NODES.get(which), SEED + turn, which, home.resolve("round-" + round));
            round++;
        } while (round < NODES.size() || System.nanoTime() < end);
    }

    private static void check(int nodes, long seed, int hand, Path home) throws Exception {
        System.out.println("== " + nodes + " nodes, seed " + seed);
        var settings = new HashMap<String, String>();
        CheckedRun.SETTINGS.forEach((name, value) -> settings.put(CheckedRun.variable(name), value));
        settings.put("KAFKA_MIN_INSYNC_REPLICAS", "2");
        var history = new History();
        var began = System.nanoTime();
        try (var nemesis = Nemesis.start(home, nodes, settings, seed, hand, NODES.size())) {
            var bootstrap = nemesis.cluster().bootstrap();
            try (var load =
                    new ProducerLoad(bootstrap, Nemesis.PROBE, Nemesis.PROBE_PARTITIONS, history, 1, PAUSE_MS)) {
                nemesis.watch(history::counts);
                load.start("none", "lz4");
                CheckedRun.check(new Struck(nemesis), seed, ROUND);
                load.stop();
                history.check(History.read(bootstrap, Nemesis.PROBE));
            } catch (Throwable e) {
                var outputs = Path.of("target", "nemesis", nodes + "-nodes-" + seed);
                nemesis.save(outputs);
                throw new AssertionError(
                        nodes + " nodes, seed " + seed + "; what they printed is in " + outputs + ": " + e, e);
            }
        }
        long acknowledged =
                history.counts().values().stream().mapToLong(Long::longValue).sum();
        System.out.printf(
                "%d records of idempotent producers were acknowledged; the round took %d s%n",
                acknowledged, Duration.ofNanos(System.nanoTime() - began).toSeconds());
        assertTrue(acknowledged > 1_000, "too little was acknowledged to say anything");
    }

    private record Struck(Nemesis nemesis) implements Workload.Broker {
        @Override
        public String bootstrap() {
            return nemesis.cluster().bootstrap();
        }

        @Override
        public short replicationFactor() {
            return 3;
        }

        @Override
        public int calmMs() {
            return 3_000;
        }

        @Override
        public void kill() throws Exception {
            nemesis.strike();
        }

        @Override
        public void start() throws Exception {
            nemesis.heal();
        }

        @Override
        public boolean hasHadEnough() {
            return nemesis.hasStruckAllOfItsHand();
        }

        @Override
        public void spare() {
            nemesis.awaitWhole(List.of(
                    Workload.FROM,
                    Workload.MOVED.get(0).topic(),
                    Nemesis.PROBE,
                    Topic.GROUP_METADATA_TOPIC_NAME,
                    Topic.TRANSACTION_STATE_TOPIC_NAME));
        }
    }
}
