package io.odradek.nemesis;

import static org.awaitility.Awaitility.await;

import io.odradek.it.ClusterProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * Lets faults strike a cluster, one after the other or two at a time, each kind once before any comes again, in an order and
 * with victims that a seed decides. Threads and the machine stay as they are, so a seed makes a run similar, not the same. For
 * one thread.
 */
public final class Nemesis implements AutoCloseable {
    /** A topic whose partitions tell whether records are acknowledged. */
    public static final String PROBE = "probe";

    public static final int PROBE_PARTITIONS = 4;

    private static final Duration WHOLE = Duration.ofSeconds(90);
    /** Some faults strike for less than it takes to find out. */
    private static final int SHORTEST_MS = 500;

    private static final int LONGEST_MS = 7_000;
    /** Between the beginnings of two faults that overlap, and between their ends. */
    private static final int LONGEST_BETWEEN_MS = 3_000;

    private final Machines machines;
    private final Random random;
    private final Deck deck;
    private final List<String> struck = new ArrayList<>();
    private Supplier<Map<Integer, Long>> acknowledged = Map::of;
    private final List<Fault> present = new ArrayList<>();

    private Nemesis(Machines machines, long seed, int hand, int hands) {
        this.machines = machines;
        this.random = new Random(seed);
        this.deck = new Deck(random, hand, hands);
    }

    /**
     * Starts a cluster, whose nodes all vote.
     *
     * @param settings environment variables of all nodes
     * @param hand which of {@code hands} equal parts of all kinds of faults comes first
     */
    public static Nemesis start(Path home, int nodes, Map<String, String> settings, long seed, int hand, int hands)
            throws Exception {
        var machines = Machines.of(home, nodes);
        try {
            machines.missing().forEach(what -> System.out.println("SKIPPED " + what));
            settings.forEach(machines.cluster()::with);
            machines.cluster().start();
            return new Nemesis(machines, seed, hand, hands);
        } catch (Exception | Error e) {
            System.out.println(machines.cluster().output());
            machines.close();
            throw e;
        }
    }

    public ClusterProcesses cluster() {
        return machines.cluster();
    }

    /** @param acknowledged how many records of each partition of {@link #PROBE} were acknowledged so far */
    public void watch(Supplier<Map<Integer, Long>> acknowledged) throws Exception {
        try (var admin = cluster().admin()) {
            admin.createTopics(List.of(new NewTopic(PROBE, PROBE_PARTITIONS, (short) 3)))
                    .all()
                    .get(WHOLE.toSeconds(), TimeUnit.SECONDS);
        }
        this.acknowledged = acknowledged;
    }

    /** Whether it was the turn of each kind of the hand that it began with. */
    public boolean hasStruckAllOfItsHand() {
        return deck.isFirstHandDealt();
    }

    /** Lets a fault strike, or two of them, and returns after a while. */
    public void strike() throws Exception {
        // Whom they strike is decided before: a cluster that is hurt might not answer any more who leads.
        var first = deck.next(kind -> kind.on(machines, random));
        present.add(first);
        if (random.nextInt(4) > 0) {
            deck.suitable(kind -> kind.on(machines, random).filter(first::goesWith))
                    .ifPresent(present::add);
        }
        present.sort(Comparator.comparing(Fault::asksForMildness));
        int forMs = SHORTEST_MS + random.nextInt(LONGEST_MS - SHORTEST_MS);
        int betweenMs = random.nextInt(LONGEST_BETWEEN_MS);
        say(present.stream().map(Fault::toString).collect(Collectors.joining(" + ")) + " for " + forMs + " ms");
        var since = System.nanoTime();
        present.get(0).strike();
        if (present.size() > 1) {
            sleep(Math.min(betweenMs, forMs / 2));
            present.get(1).strike();
        }
        sleep(forMs - millisSince(since));
    }

    private static void sleep(long ms) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(Math.max(0, ms));
    }

    /** Heals what has struck, and returns when records are acknowledged in all partitions again. */
    public void heal() throws Exception {
        Collections.shuffle(present, random);
        int betweenMs = random.nextInt(LONGEST_BETWEEN_MS);
        present.get(0).heal();
        if (present.size() > 1) {
            sleep(betweenMs);
            present.get(1).heal();
        }
        for (var fault : present) {
            fault.recover();
        }
        present.clear();
        var since = System.nanoTime();
        var before = acknowledged.get();
        await("records are acknowledged in all partitions")
                .atMost(WHOLE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    var now = acknowledged.get();
                    return before.entrySet().stream().allMatch(p -> now.get(p.getKey()) > p.getValue());
                });
        say("healed; records are acknowledged after " + millisSince(since) + " ms");
    }

    /** Waits until there is a controller, all brokers are in service and all replicas are in sync. */
    public void awaitWhole(List<String> topics) {
        var since = System.nanoTime();
        await("the cluster is whole").atMost(WHOLE).ignoreExceptions().until(this::isWhole, whole -> whole);
        await("all replicas are in sync").atMost(WHOLE).ignoreExceptions().until(() -> cluster()
                .isInSync(topics.toArray(String[]::new)));
        say("whole after " + millisSince(since) + " ms");
    }

    private boolean isWhole() throws Exception {
        try (var admin = cluster().admin()) {
            return admin.describeCluster().nodes().get(5, TimeUnit.SECONDS).size()
                            == cluster().ids().size()
                    && admin.describeMetadataQuorum()
                                    .quorumInfo()
                                    .get(5, TimeUnit.SECONDS)
                                    .leaderId()
                            > 0;
        }
    }

    private static long millisSince(long start) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    private void say(String what) {
        var line = LocalTime.now().truncatedTo(ChronoUnit.MILLIS) + " " + what;
        struck.add(line);
        System.out.println(line);
    }

    /** What all nodes printed, into a directory; with their threads if they still run. */
    public void save(Path directory) throws Exception {
        Files.createDirectories(directory);
        for (int id : cluster().ids()) {
            if (cluster().node(id).isAlive()) {
                cluster().node(id).dumpThreads();
            }
        }
        TimeUnit.SECONDS.sleep(1);
        for (int id : cluster().ids()) {
            Files.writeString(
                    directory.resolve("node-" + id + ".txt"), cluster().node(id).output());
        }
        Files.write(directory.resolve("faults.txt"), struck);
    }

    @Override
    public void close() throws IOException {
        machines.close();
    }
}
