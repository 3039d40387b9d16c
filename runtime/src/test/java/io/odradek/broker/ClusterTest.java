package io.odradek.broker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three brokers in one JVM, with real clients. */
class ClusterTest {
    @TempDir
    Path home;

    @Test
    void threeBrokersReplicateAndHandOver() throws Exception {
        try (var cluster = TestCluster.in(home, 3).start()) {
            assertEquals(3, cluster.broker(1).census().activeBrokers());
            cluster.createTopic("t", 3, 3, Map.of("min.insync.replicas", "2"));
            try (var producer = cluster.producer()) {
                send(producer, 0, 300);
                cluster.awaitInSync("t");
                int leader = cluster.partition("t", 0).leader();

                cluster.stop(leader);
                await("others lead")
                        .atMost(TestCluster.PATIENCE)
                        .until(() -> cluster.partition("t", 0).leader() != leader);
                assertNotEquals(-1, cluster.partition("t", 0).leader());
                send(producer, 300, 600);

                cluster.start(List.of(leader));
                cluster.awaitInSync("t");
                assertEquals(3, cluster.broker(leader).census().replicas());
                send(producer, 600, 900);
            }
            assertEquals(
                    IntStream.range(0, 900).mapToObj(i -> "v" + i).sorted().toList(),
                    read(cluster).stream().sorted().toList());
            assertTrue(cluster.brokers().stream().allMatch(b -> b.census().underReplicated() == 0));
        }
    }

    /** Two brokers that vote on nothing, and a controller that is no broker. */
    @Test
    void aControllerMayBeNoBroker() throws Exception {
        try (var cluster = TestCluster.in(home, 1, 2).controllerOnly(1).start()) {
            assertTrue(cluster.broker(1).members().activeController());
            assertTrue(cluster.broker(1).health().inService());
            assertEquals(2, cluster.broker(1).census().activeBrokers());
            cluster.createTopic("t", 3, 2, Map.of());
            try (var producer = cluster.producer()) {
                send(producer, 0, 900);
            }
            assertEquals(900, read(cluster).size());
            assertEquals(0, cluster.broker(1).census().replicas());
        }
    }

    /** Which of three nodes is gone, and that it is back, is seen in what the others count. */
    @Test
    void aBrokerThatStopsIsFenced() throws Exception {
        try (var cluster = TestCluster.in(home, 3).start()) {
            cluster.stop(3);
            await("it is fenced").atMost(TestCluster.PATIENCE).until(() -> cluster.brokers().stream()
                    .allMatch(broker -> broker.census().fencedBrokers() == 1));

            cluster.start();
            await("it is back").atMost(TestCluster.PATIENCE).until(() -> cluster.brokers().stream()
                    .allMatch(broker -> broker.census().fencedBrokers() == 0
                            && broker.members().nodes().size() == 3));
            assertTrue(cluster.brokers().stream()
                    .allMatch(broker -> broker.health().quorum()));
        }
    }

    private static void send(KafkaProducer<String, String> producer, int from, int to) throws Exception {
        var sent = IntStream.range(from, to)
                .mapToObj(i -> producer.send(new ProducerRecord<>("t", i % 3, null, "v" + i)))
                .toList();
        for (var each : sent) {
            each.get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** As a member of a group. */
    private static List<String> read(TestCluster cluster) {
        var values = new java.util.ArrayList<String>();
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", cluster.bootstrap(), "group.id", "g", "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.subscribe(List.of("t"));
            await("all is read").atMost(TestCluster.PATIENCE).until(() -> {
                consumer.poll(java.time.Duration.ofMillis(100)).forEach(r -> values.add(r.value()));
                return values.size() >= 900;
            });
        }
        return values;
    }
}
