package io.odradek.raft;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.odradek.config.Listener.HostPort;
import io.odradek.metadata.Command;
import io.odradek.metadata.Features;
import io.odradek.metadata.VersionRange;
import io.odradek.peer.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Several nodes in this JVM, over the loopback interface. */
final class LoopbackCluster implements AutoCloseable {
    static final FailureDetection QUICK = new FailureDetection(Duration.ofMillis(1200), Duration.ofMillis(200));

    private final Path directory;
    final Map<Integer, HostPort> voters;
    final Map<Integer, RaftMetadata> running = new TreeMap<>();
    final Map<Integer, RaftException> failures = new ConcurrentHashMap<>();
    /** Of nodes of other versions, what they know. */
    final Map<Integer, Map<String, VersionRange>> features = new HashMap<>();

    private final List<Thread> starters = new ArrayList<>();
    TransportSecurity security = new TransportSecurity.Plaintext();
    NodeDiscovery discovery = new NodeDiscovery.Voters();
    String clusterId = "cluster";
    long snapshotAfterBytes = 1 << 20;

    LoopbackCluster(Path directory, int voters) {
        this.directory = directory;
        this.voters = voters(voters);
    }

    private static Map<Integer, HostPort> voters(int number) {
        var voters = new HashMap<Integer, HostPort>();
        for (int id = 1; id <= number; id++) {
            voters.put(id, new HostPort("127.0.0.1", Ports.free()));
        }
        return voters;
    }

    RaftConfig config(int id) {
        var listen = voters.getOrDefault(id, new HostPort("127.0.0.1", 0));
        return new RaftConfig(directory.resolve("node-" + id), clusterId, id, snapshotAfterBytes, 1 << 16)
                .in(new ClusterConfig(voters, listen, discovery, security, QUICK))
                .knowing(features.getOrDefault(id, Features.supported()));
    }

    /** Each start waits for a majority: so all at once. */
    void start(Integer... ids) {
        var starting = new HashMap<Integer, CompletableFuture<RaftMetadata>>();
        for (var id : ids) {
            starting.put(id, starting(id));
        }
        starting.forEach((id, node) ->
                running.put(id, node.orTimeout(120, TimeUnit.SECONDS).join()));
    }

    CompletableFuture<RaftMetadata> starting(int id) {
        return starting(config(id));
    }

    CompletableFuture<RaftMetadata> starting(RaftConfig config) {
        var started = new CompletableFuture<RaftMetadata>();
        var thread = new Thread(
                () -> {
                    try {
                        started.complete(RaftMetadata.start(config, failure -> failures.put(config.nodeId(), failure)));
                    } catch (RuntimeException | Error e) {
                        started.completeExceptionally(e);
                    }
                },
                "start-" + config.nodeId());
        thread.setDaemon(true);
        starters.add(thread);
        thread.start();
        return started;
    }

    /** Ends the starts that wait for something. */
    void interruptStarts() {
        starters.forEach(Thread::interrupt);
        for (var each : starters) {
            Threads.join(each, 20_000);
        }
        starters.clear();
    }

    RaftMetadata node(int id) {
        return running.get(id);
    }

    List<RaftMetadata> nodes() {
        return List.copyOf(running.values());
    }

    static <R> R propose(RaftMetadata node, Command<R> command) {
        return node.propose(command)
                .toCompletableFuture()
                .orTimeout(40, TimeUnit.SECONDS)
                .join();
    }

    /** Until all who run have applied the same commands, with the same result. */
    void awaitSameImages() {
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            var images = nodes().stream()
                    .map(each -> List.of(each.image().commands(), each.image().digest()))
                    .distinct()
                    .toList();
            assertEquals(1, images.size(), images.toString());
        });
    }

    /** Of those who run; -1 if it is none of them, or they do not agree. */
    int activeController() {
        var active = running.entrySet().stream()
                .filter(each -> each.getValue().members().activeController())
                .map(Map.Entry::getKey)
                .collect(Collectors.toList());
        return active.size() == 1 ? active.get(0) : -1;
    }

    void stop(int id) {
        running.remove(id).close();
    }

    Path directory(int id) {
        return directory.resolve("node-" + id);
    }

    @Override
    public void close() {
        interruptStarts();
        List.copyOf(running.keySet()).forEach(this::stop);
    }
}
