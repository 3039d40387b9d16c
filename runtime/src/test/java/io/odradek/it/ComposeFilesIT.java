package io.odradek.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.odradek.peer.Ports;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The variables of compose files for a single node of the {@code apache/kafka} image. */
class ComposeFilesIT {
    private static final String CLUSTER_ID = "4L6g3nShT-eMCtK--X86sw";

    @TempDir
    Path home;

    /** The example of Apache Kafka's repository, but for ports and names of hosts. */
    @Test
    void listenersForTheHostForContainersAndForControllers() throws Exception {
        var inside = "127.0.0.1:" + Ports.free();
        int controller = Ports.free();
        try (var broker = BrokerProcess.in(home)) {
            broker.with("KAFKA_NODE_ID", "3")
                    .with(
                            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
                            "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT")
                    .with(
                            "KAFKA_ADVERTISED_LISTENERS",
                            "PLAINTEXT_HOST://localhost:" + broker.port() + ",PLAINTEXT://" + inside)
                    .with("KAFKA_PROCESS_ROLES", "broker,controller")
                    .with("KAFKA_CONTROLLER_QUORUM_VOTERS", "3@localhost:" + controller)
                    .with(
                            "KAFKA_LISTENERS",
                            "CONTROLLER://:" + controller + ",PLAINTEXT_HOST://:" + broker.port() + ",PLAINTEXT://:"
                                    + inside.split(":")[1])
                    .with("KAFKA_INTER_BROKER_LISTENER_NAME", "PLAINTEXT")
                    .with("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
                    .with("CLUSTER_ID", CLUSTER_ID)
                    .with("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1")
                    .with("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
                    .with("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1")
                    .with("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1")
                    .with("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "1")
                    .with("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", "1")
                    .start();
            works(broker.bootstrap());
            works(inside);
            worksForAGroup(inside);
            try (var admin = Admin.create(Map.of("bootstrap.servers", inside))) {
                var cluster = admin.describeCluster();
                assertEquals(CLUSTER_ID, cluster.clusterId().get(60, TimeUnit.SECONDS));
                assertEquals(3, cluster.controller().get(60, TimeUnit.SECONDS).id());
            }
        }
    }

    /** A few variables; Kafka takes the controller's listener for PLAINTEXT then. */
    @Test
    void noMapOfProtocols() throws Exception {
        try (var broker = withController(BrokerProcess.in(home), Ports.free()).start()) {
            works(broker.bootstrap());
        }
    }

    /** Whatever listens at the controller's port: a node that nobody can join does not ask for it. */
    @Test
    void aMapOfProtocolsThatDoesNotNameTheController() throws Exception {
        try (var taken = new ServerSocket(0);
                var broker = withController(BrokerProcess.in(home), taken.getLocalPort())
                        .with("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "PLAINTEXT:PLAINTEXT")
                        .start()) {
            works(broker.bootstrap());
            // What the broker says before Quarkus has set up the log is written as soon as that is done.
            await().until(() -> broker.output().contains("Listener CONTROLLER stays closed"));
        }
    }

    /** But for those that a test needs, which must not meet another broker. */
    @Test
    void noneOfTheVariables() throws Exception {
        try (var broker = BrokerProcess.in(home).start()) {
            works(broker.bootstrap());
            worksForAGroup(broker.bootstrap());
            // And what it wrote is there when it is started as a node of KRaft, which others may join.
            broker.terminate();
            withController(broker, Ports.free())
                    .with("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT")
                    .start();
            assertEquals("v", History.read(broker.bootstrap(), "t").get(0).get(0L));
        }
    }

    private static BrokerProcess withController(BrokerProcess broker, int controller) {
        return broker.with("KAFKA_NODE_ID", "1")
                .with("KAFKA_PROCESS_ROLES", "broker,controller")
                .with("KAFKA_LISTENERS", "PLAINTEXT://" + broker.bootstrap() + ",CONTROLLER://127.0.0.1:" + controller)
                .with("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
                .with("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@127.0.0.1:" + controller);
    }

    /** A topic is made by itself, a record goes in and comes out. */
    private static void works(String bootstrap) throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("t", "v")).get(60, TimeUnit.SECONDS);
        }
        assertEquals("v", History.read(bootstrap, "t").get(0).get(0L));
    }

    private static void worksForAGroup(String bootstrap) throws Exception {
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "group.id", "g", "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.subscribe(List.of("t"));
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> !consumer.poll(Duration.ofMillis(100)).isEmpty());
        }
    }
}
