package io.odradek.raft;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes in processes of their own, which are killed and stopped. */
class RaftProcessesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private String voters;
    private final Map<Integer, Node> nodes = new HashMap<>();
    private int topics;

    private record Node(Process process, BufferedWriter in, List<String> said) {
        void tell(String line) {
            try {
                in.write(line + "\n");
                in.flush();
            } catch (IOException e) {
                throw new IllegalStateException(line, e);
            }
        }

        boolean has(Predicate<String> line) {
            return said.stream().anyMatch(line);
        }

        String lastOf(String word) {
            return said.stream().filter(each -> each.startsWith(word)).reduce("", (first, second) -> second);
        }

        boolean isActive() {
            return lastOf("members ").contains("activeController=true");
        }

        void signal(String signal) throws IOException, InterruptedException {
            new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                    .start()
                    .waitFor();
        }
    }

    @BeforeEach
    void start() throws IOException {
        try (var cluster = new LoopbackCluster(directory, 3)) {
            voters = cluster.voters.entrySet().stream()
                    .map(each -> each.getKey() + "@" + each.getValue())
                    .collect(Collectors.joining(","));
        }
        for (int id = 1; id <= 3; id++) {
            start(id);
        }
        for (int id = 1; id <= 3; id++) {
            awaitSaid(id, "started"::equals);
        }
        nodes.get(1).tell("begin");
        awaitSaid(1, "registered"::equals);
    }

    @AfterEach
    void kill() throws InterruptedException {
        for (var each : nodes.values()) {
            each.process().destroyForcibly();
        }
        for (var each : nodes.values()) {
            each.process().waitFor(30, TimeUnit.SECONDS);
        }
    }

    private void start(int id) throws IOException {
        var errors = directory.resolve("errors-" + id);
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Dorg.jboss.logging.provider=jdk",
                        "-cp",
                        System.getProperty("java.class.path"),
                        NodeProcess.class.getName(),
                        directory.resolve("raft-" + id).toString(),
                        String.valueOf(id),
                        voters,
                        "1500")
                .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                .start();
        var said = new CopyOnWriteArrayList<String>();
        var reading = new Thread(() -> process.inputReader().lines().forEach(said::add), "reads-" + id);
        reading.setDaemon(true);
        reading.start();
        nodes.put(id, new Node(process, process.outputWriter(), said));
    }

    private void awaitSaid(int id, Predicate<String> line) {
        await("node " + id).atMost(PATIENCE).until(() -> nodes.get(id).has(line));
    }

    private int active() {
        await("a controller")
                .atMost(PATIENCE)
                .until(() -> nodes.values().stream().filter(Node::isActive).count() == 1);
        return nodes.keySet().stream()
                .filter(id -> nodes.get(id).isActive())
                .findFirst()
                .orElseThrow();
    }

    private int another(int than) {
        return than % 3 + 1;
    }

    private void createThrough(int id, int number) {
        var names = IntStream.range(0, number).mapToObj(i -> "t" + topics++).toList();
        names.forEach(each -> nodes.get(id).tell("topic " + each));
        var done = names.stream().map(each -> "created " + each).toList();
        await("node " + id).atMost(PATIENCE).until(() -> nodes.get(id).said().containsAll(done));
    }

    private void awaitAllHaveAll() {
        await("the same everywhere").atMost(PATIENCE).untilAsserted(() -> {
            for (var each : nodes.values()) {
                each.tell("image");
            }
            assertEquals(
                    1,
                    nodes.values().stream()
                            .map(each -> each.lastOf("image "))
                            .distinct()
                            .count());
            assertTrue(
                    nodes.get(1).lastOf("image ").startsWith("image " + (topics + 2) + " "),
                    nodes.get(1).lastOf("image "));
        });
    }

    @Test
    void killedNodesComeBack() throws Exception {
        for (int round = 0; round < 3; round++) {
            int leader = active();
            createThrough(another(leader), 20);
            long before = System.nanoTime();
            nodes.get(leader).signal("KILL");
            createThrough(another(leader), 1);
            System.out.printf(
                    "leader killed: %d ms to the next change%n",
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before));
            createThrough(another(leader), 20);
            start(leader);
            awaitSaid(leader, "started"::equals);
            awaitAllHaveAll();
        }
        for (int id = 1; id <= 3; id++) {
            nodes.get(id).signal("KILL");
        }
        for (int id = 1; id <= 3; id++) {
            nodes.get(id).process().waitFor(30, TimeUnit.SECONDS);
            start(id);
        }
        for (int id = 1; id <= 3; id++) {
            awaitSaid(id, "started"::equals);
        }
        createThrough(2, 1);
        awaitAllHaveAll();
    }

    @Test
    void aStoppedLeaderIsReplacedAndFollowsWhenItGoesOn() throws Exception {
        int leader = active();
        createThrough(another(leader), 20);
        long before = System.nanoTime();
        nodes.get(leader).signal("STOP");
        createThrough(another(leader), 1);
        System.out.printf(
                "leader stopped: %d ms to the next change%n",
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before));
        createThrough(another(leader), 300);
        nodes.get(leader).signal("CONT");
        awaitAllHaveAll();
        createThrough(leader, 5);
        awaitAllHaveAll();
        assertTrue(Files.readString(directory.resolve("errors-1")).lines().noneMatch(line -> line.contains("ERROR")));
    }
}
