package io.odradek.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.peer.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How nodes in processes of their own find each other, and whom they do not let in. */
class ClusterFormingIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Nobody listens there. */
    private static final int DEAD_PORT = 1;

    @TempDir
    Path home;

    @Test
    void nodesFindEachOtherInADirectoryThatTheyShare() throws Exception {
        var hosts = Collections.nCopies(3, Host.LOOPBACK);
        try (var cluster = ClusterProcesses.in(home, hosts)
                .with(
                        "ODRADEK_DISCOVERY_DIRECTORY",
                        Files.createDirectory(home.resolve("shared")).toString())) {
            for (int id : cluster.ids()) {
                knowsItselfAlone(cluster, hosts, id, Ports.free());
            }
            formsAndTakesBack(cluster);
        }
    }

    /** As a headless service of Kubernetes: one name with the addresses of all, who listen on the same port. */
    @Test
    void nodesFindEachOtherByAName() throws Exception {
        var hosts = List.of("127.0.0.1", "127.0.0.2", "127.0.0.3").stream()
                .map(address -> new Host(address, List.of()))
                .toList();
        int port = Ports.free();
        var names = Files.writeString(
                home.resolve("hosts"),
                String.join(
                        "",
                        hosts.stream()
                                .map(host -> host.address() + " nodes.test\n")
                                .toList()));
        try (var cluster = ClusterProcesses.in(home, hosts).with("ODRADEK_DISCOVERY_DNS", "nodes.test:" + port)) {
            for (int id : cluster.ids()) {
                knowsItselfAlone(cluster, hosts, id, port);
                cluster.node(id).withJvmOption("-Djdk.net.hosts.file=" + names);
            }
            formsAndTakesBack(cluster);
        }
    }

    /** The addresses that the setting has of the others are wrong. */
    private static void knowsItselfAlone(ClusterProcesses cluster, List<Host> hosts, int id, int port) {
        var address = hosts.get(id - 1).address();
        var voters = IntStream.rangeClosed(1, hosts.size())
                .mapToObj(other -> other + "@" + (other == id ? address + ":" + port : "127.0.0.1:" + DEAD_PORT))
                .toList();
        var node = cluster.node(id);
        node.with("KAFKA_CONTROLLER_QUORUM_VOTERS", String.join(",", voters))
                .with("KAFKA_LISTENERS", "PLAINTEXT://" + node.bootstrap() + ",CONTROLLER://" + address + ":" + port);
    }

    private static void formsAndTakesBack(ClusterProcesses cluster) throws Exception {
        cluster.start();
        try (var admin = cluster.admin()) {
            admin.createTopics(List.of(new NewTopic("formed", 3, (short) 3)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        }
        awaitInSync(cluster);
        int killed = cluster.controller();
        cluster.node(killed).kill();
        cluster.node(killed).start();
        awaitInSync(cluster);
    }

    private static void awaitInSync(ClusterProcesses cluster) {
        await("all are in sync: " + cluster.output())
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> cluster.isInSync("formed"));
    }

    @Test
    void strangersAndDoublesAreTurnedAwayInOneLineOnBothSides() throws Exception {
        try (var cluster = ClusterProcesses.in(home, 3).start();
                var stranger = cluster.another(home.resolve("stranger"), 4)
                        .with("KAFKA_PROCESS_ROLES", "broker")
                        .with("CLUSTER_ID", "x0b3hQwMQZ2B-1nSkzqRyw");
                var twin = cluster.another(home.resolve("twin"), 2)) {
            for (var each : List.of(stranger, twin)) {
                each.launch();
                assertTrue(each.exitStatus() != 0, each.output());
            }
            assertEquals(1, lines(stranger.output(), "refuses node 4"), stranger.output());
            assertEquals(1, lines(twin.output(), "refuses node 2"), twin.output());
            assertTrue(lines(cluster.output(), "node 4", "is refused") > 0, cluster.output());
            assertTrue(lines(cluster.output(), "node 2", "is refused") > 0, cluster.output());
            try (var admin = cluster.admin()) {
                admin.createTopics(List.of(new NewTopic("undisturbed", 1, (short) 3)))
                        .all()
                        .get(60, TimeUnit.SECONDS);
            }
        }
    }

    private static long lines(String output, String... parts) {
        return output.lines()
                .filter(line -> List.of(parts).stream().allMatch(line::contains))
                .count();
    }
}
