package io.odradek.checker;

import io.odradek.checker.Clients.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;

/**
 * Clients of all kinds for a while, with a broker and a client process that are killed again and again, and the history of
 * it. Writers send to topic {@code log}, two groups of movers (one for each group protocol) move it on to topic
 * {@code moved}, readers follow both.
 */
final class Workload {
    /** The broker that is killed and comes back on the same address with the same data; or a cluster that is hurt and mended. */
    interface Broker {
        String bootstrap();

        /** Of the topics. */
        default short replicationFactor() {
            return 1;
        }

        /** The longest time between two times that it is hurt. */
        default int calmMs() {
            return 9_000;
        }

        void kill() throws Exception;

        void start() throws Exception;

        /** Whether it may be hurt no more once the time for that is over. */
        default boolean hasHadEnough() {
            return true;
        }

        /** Called when it will be hurt no more, while clients go on for a moment. */
        default void spare() throws Exception {}
    }

    static final String FROM = "log";
    static final List<TopicPartition> LOG = logs(FROM, 4);
    static final List<TopicPartition> MOVED = logs("moved", 3);
    static final List<TopicPartition> ALL =
            Stream.concat(LOG.stream(), MOVED.stream()).toList();

    private static final int WRITERS = 3;
    private static final int MEMBERS = 2;
    private static final int CHILDREN_FROM = 1_000;

    private final Broker broker;
    private final Clients clients;
    private final Random random;
    private final Collection<Event> events = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean stop = new AtomicBoolean();

    Workload(Broker broker, long seed) {
        this.broker = broker;
        this.clients = new Clients(broker.bootstrap());
        this.random = new Random(seed);
    }

    static String movers(Protocol protocol) {
        return "movers-" + protocol;
    }

    private static String readers(Protocol protocol) {
        return "readers-" + protocol;
    }

    private static List<TopicPartition> logs(String topic, int partitions) {
        return IntStream.range(0, partitions)
                .mapToObj(p -> new TopicPartition(topic, p))
                .toList();
    }

    /** @return what happened, up to a last reading of everything */
    History run(Duration duration) throws Exception {
        createTopics();
        var threads = Executors.newCachedThreadPool();
        var running = new ArrayList<Future<?>>();
        clients().forEach(client -> running.add(threads.submit(client)));
        var childSeed = random.nextLong();
        var child = threads.submit(() -> {
            ClientProcess.killAgainAndAgain(broker.bootstrap(), new Random(childSeed), CHILDREN_FROM, events::add);
            return null;
        });
        try {
            killFor(duration, running);
            stop.set(true);
            for (var client : running) {
                client.get(2, TimeUnit.MINUTES);
            }
        } finally {
            stop.set(true);
            child.cancel(true);
            threads.shutdownNow();
            if (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("clients do not end");
            }
        }
        readAll();
        return History.of(events);
    }

    /** Every event a line, also of a run that failed. */
    void save(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, (Iterable<String>) events.stream().map(EventLine::write)::iterator);
    }

    private void createTopics() throws InterruptedException, ExecutionException {
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            admin.createTopics(List.of(
                            new NewTopic(FROM, LOG.size(), broker.replicationFactor()),
                            new NewTopic(MOVED.get(0).topic(), MOVED.size(), broker.replicationFactor())))
                    .all()
                    .get();
        }
    }

    private List<Runnable> clients() {
        var list = new ArrayList<Runnable>();
        for (int w = 0; w < WRITERS; w++) {
            list.add(new Writer(clients, journal("writer-" + w), list.size(), LOG, ALL, fork(), stop::get));
        }
        for (var protocol : Protocol.values()) {
            for (int m = 0; m < MEMBERS; m++) {
                var mover = journal("mover-" + protocol + "-" + m);
                list.add(new Mover(clients, mover, list.size(), movers(protocol), protocol, fork(), stop::get));
                var reader = new Reader(clients, journal("reader-" + protocol + "-" + m), fork(), stop::get);
                list.add(() -> reader.subscribe(readers(protocol), protocol, FROM));
            }
        }
        var follower = new Reader(clients, journal("follower"), fork(), stop::get);
        list.add(() -> follower.follow(ALL));
        return list;
    }

    private Journal journal(String process) {
        return new Journal(process, events::add);
    }

    private Random fork() {
        return new Random(random.nextLong());
    }

    private void killFor(Duration duration, List<Future<?>> running) throws Exception {
        var end = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() < end || !broker.hasHadEnough()) {
            TimeUnit.MILLISECONDS.sleep(broker.calmMs() / 3 + random.nextInt(broker.calmMs() * 2 / 3));
            broker.kill();
            TimeUnit.MILLISECONDS.sleep(random.nextInt(broker.calmMs() / 6));
            broker.start();
            for (var client : running) {
                if (client.isDone()) {
                    client.get();
                    throw new IllegalStateException("a client ended before its time");
                }
            }
        }
        broker.spare();
        // Who waits for the broker gets to an end, and what the movers have not moved yet they move.
        TimeUnit.SECONDS.sleep(3);
    }

    private void readAll() throws InterruptedException, ExecutionException {
        var last = new FinalReader(clients, events::add);
        last.read(ALL);
        last.positions(Stream.of(Protocol.values())
                .flatMap(p -> Stream.of(movers(p), readers(p)))
                .toList());
        for (var protocol : Protocol.values()) {
            last.read("final-readers-" + protocol, protocol, FROM, LOG);
        }
    }
}
