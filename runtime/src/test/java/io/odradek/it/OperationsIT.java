package io.odradek.it;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of the packaged program: health, metrics, exit status, refusals to start. */
class OperationsIT {
    @TempDir
    Path home;

    @Test
    void healthAndMetricsOfARunningBroker() throws Exception {
        try (var broker = BrokerProcess.in(home).start().awaitReady()) {
            for (var path : new String[] {"/q/health/live", "/q/health/ready", "/q/health/started"}) {
                get(broker.http(path)).then().statusCode(200).body("status", equalTo("UP"));
            }
            try (var producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", broker.bootstrap()), new StringSerializer(), new StringSerializer())) {
                producer.send(new ProducerRecord<>("metered", "x")).get();
            }
            try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
                var topic = new org.apache.kafka.clients.admin.NewTopic("..", 1, (short) 1);
                org.junit.jupiter.api.Assertions.assertThrows(
                        java.util.concurrent.ExecutionException.class,
                        () -> admin.createTopics(java.util.List.of(topic)).all().get());
            }
            try (var socket = new java.net.Socket("127.0.0.1", broker.port())) {
                socket.getOutputStream().write(new byte[] {-1, -1, -1, -1});
                assertEquals(-1, socket.getInputStream().read(), "a frame of negative size closes its connection");
            }
            var metrics = given().accept("text/plain")
                    .get(broker.http("/q/metrics"))
                    .then()
                    .statusCode(200)
                    .extract()
                    .asString();
            assertTrue(metrics.contains("odradek_requests_seconds_count{api=\"Produce\",} 1"), metrics);
            assertTrue(
                    metrics.contains(
                            "odradek_request_errors_total{api=\"CreateTopics\",error=\"INVALID_TOPIC_EXCEPTION\",} 1"),
                    metrics);
            assertTrue(metrics.contains("odradek_raft_leader 1"), metrics);
            assertEquals(documented(), exported(metrics), "docs/metrics.md says what is exported");
        }
    }

    private static TreeSet<String> documented() throws Exception {
        var row = Pattern.compile("(?m)^\\| `(odradek_\\w+)`");
        return row.matcher(Files.readString(Path.of("..", "docs", "metrics.md")))
                .results()
                .map(m -> m.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static TreeSet<String> exported(String metrics) {
        var names = Pattern.compile("(?m)^# TYPE (odradek_\\w+) ")
                .matcher(metrics)
                .results()
                .map(m -> m.group(1))
                .filter(n -> !n.endsWith("_seconds_max"))
                .collect(Collectors.toCollection(TreeSet::new));
        return names;
    }

    @Test
    void sigtermEndsWithStatusZeroAndTheNextStartScansNothing() throws Exception {
        try (var broker = BrokerProcess.in(home).start()) {
            assertEquals(0, broker.terminate(), broker.output());
            assertTrue(Files.exists(broker.data().resolve(".kafka_cleanshutdown")));
            broker.start();
            assertFalse(broker.output().toLowerCase().contains("recover"), broker.output());
        }
    }

    @Test
    void anUnknownSettingStopsTheStartWithALineThatNamesTheNearest() throws Exception {
        refuses(BrokerProcess.in(home).with("KAFKA_NUM_PARTITONS", "3"), "num.partitons", "num.partitions");
    }

    @Test
    void aMalformedSettingStopsTheStart() throws Exception {
        refuses(BrokerProcess.in(home).with("KAFKA_NUM_PARTITIONS", "many"), "num.partitions", "many");
    }

    @Test
    void variablesOfKafkasImagesAndOfKubernetesAreNoSettings() throws Exception {
        try (var broker = BrokerProcess.in(home)
                .with("KAFKA_HEAP_OPTS", "-Xmx1g")
                .with("KAFKA_PORT_9092_TCP_ADDR", "10.0.0.1")
                .with("KAFKA_SERVICE_HOST", "10.0.0.1")
                .start()) {
            broker.awaitReady();
        }
    }

    @Test
    void thePortIsTakenByAnother() throws Exception {
        try (var one = BrokerProcess.in(home.resolve("one")).start()) {
            refuses(
                    BrokerProcess.in(home.resolve("two")).with("KAFKA_LISTENERS", "PLAINTEXT://" + one.bootstrap()),
                    "PLAINTEXT",
                    String.valueOf(one.port()));
        }
    }

    /** Clients may have been served by then: the broker ends as if it had been told to. */
    @Test
    void thePortForHttpIsTakenByAnother() throws Exception {
        try (var taken = new java.net.ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            var port = String.valueOf(taken.getLocalPort());
            var broker = BrokerProcess.in(home).with("QUARKUS_HTTP_PORT", port);
            refuses(broker, port);
            assertTrue(Files.exists(broker.data().resolve(".kafka_cleanshutdown")));
        }
    }

    /** Wherever in its start it is. */
    @Test
    void sigtermEndsAStartWithStatusZero() throws Exception {
        try (var broker = BrokerProcess.in(home)) {
            broker.launch();
            await().until(() -> Files.exists(broker.data().resolve("meta.properties")));
            assertEquals(0, broker.terminate(), broker.output());
            assertTrue(Files.exists(broker.data().resolve(".kafka_cleanshutdown")));
        }
    }

    /** Of three voters it is alone. */
    @Test
    void sigtermEndsTheWaitForAQuorum() throws Exception {
        try (var cluster = ClusterProcesses.in(home, 3)) {
            var alone = cluster.node(1).launch();
            await().atMost(Duration.ofSeconds(60)).until(() -> alone.output().contains("Nodes in view: [1]"));
            assertEquals(0, alone.terminate(), alone.output());
            assertTrue(alone.output().contains("told to end while waiting for the metadata quorum"), alone.output());
        }
    }

    @Test
    void aDamagedMetadataLogIsRefused() throws Exception {
        try (var broker = BrokerProcess.in(home).start()) {
            broker.terminate();
            var segment = broker.data().resolve("metadata/00000000000000000001.log");
            var bytes = Files.readAllBytes(segment);
            bytes[bytes.length / 2] ^= 1;
            Files.write(segment, bytes);
            refuses(broker, segment + " is damaged at position ", "not starting", "delete everything in ");
        }
    }

    @Test
    void aDataDirectoryOfAnotherNodeIsRefused() throws Exception {
        try (var broker = BrokerProcess.in(home).start()) {
            broker.terminate();
            refuses(broker.with("KAFKA_NODE_ID", "7"), "node", "7");
        }
    }

    @Test
    void aPluginThatDoesNotExistStopsTheStart() throws Exception {
        refuses(BrokerProcess.in(home).with("ODRADEK_AUTHORIZER", "nobody"), "Authorizer", "nobody");
    }

    /** The start ends with a status that is not 0 and one line that says why, without a stack trace. */
    private static void refuses(BrokerProcess broker, String... words) throws Exception {
        var before = broker.output().length();
        try (broker) {
            broker.launch();
            assertNotEquals(0, broker.exitStatus(), broker.output());
            var output = broker.output().substring(before);
            for (var word : words) {
                assertTrue(output.contains(word), "expected '" + word + "' in: " + output);
            }
            assertFalse(output.contains("\tat "), output);
        }
    }
}
