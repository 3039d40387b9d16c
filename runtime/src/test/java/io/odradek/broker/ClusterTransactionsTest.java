package io.odradek.broker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What goes from broker to broker besides replication, with real clients: transactions, and consumers in other racks. */
@Timeout(180)
class ClusterTransactionsTest {
    private static final int PARTITIONS = 6;

    @TempDir
    static Path home;

    private static TestCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = TestCluster.in(home, 3)
                .with("replica.selector.class", "org.apache.kafka.common.replica.RackAwareReplicaSelector")
                .with(1, "broker.rack", "rack1")
                .with(2, "broker.rack", "rack2")
                .with(3, "broker.rack", "rack3")
                .start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static Set<Integer> leaders(String topic, int partitions) {
        var leaders = new HashSet<Integer>();
        IntStream.range(0, partitions)
                .forEach(p -> leaders.add(cluster.partition(topic, p).leader()));
        return leaders;
    }

    private static KafkaProducer<String, String> producer(String transactionalId) {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        cluster.bootstrap(),
                        "transactional.id",
                        transactionalId,
                        "reconnect.backoff.max.ms",
                        "100",
                        "retry.backoff.ms",
                        "20"),
                new StringSerializer(),
                new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer(Map<String, Object> more) {
        var settings = new HashMap<String, Object>(
                Map.of("bootstrap.servers", cluster.bootstrap(), "auto.offset.reset", "earliest"));
        settings.putAll(more);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private static List<TopicPartition> partitions(String topic, int count) {
        return IntStream.range(0, count)
                .mapToObj(p -> new TopicPartition(topic, p))
                .toList();
    }

    @Test
    void transactionsSpanBrokersWhoeverCoordinatesThem() throws Exception {
        cluster.createTopic("t", PARTITIONS, 3, Map.of());
        cluster.awaitInSync("t");
        assertEquals(Set.of(1, 2, 3), leaders("t", PARTITIONS));
        var committed = new TreeSet<String>();
        var coordinators = new HashSet<Integer>();
        try (var admin = cluster.admin()) {
            for (int i = 0; i < 6; i++) {
                var id = "producer-" + i;
                try (var producer = producer(id)) {
                    producer.initTransactions();
                    write(producer, id + "-commit-1", committed);
                    write(producer, id + "-abort", null);
                    write(producer, id + "-commit-2", committed);
                }
                coordinators.add(coordinator(admin, id));
            }
        }
        assertTrue(coordinators.size() > 1, "one broker coordinates all: " + coordinators);
        assertEquals(committed, readCommitted("t", committed.size()));
    }

    /** One record to each partition. */
    private static void write(KafkaProducer<String, String> producer, String value, Set<String> committed) {
        producer.beginTransaction();
        for (int p = 0; p < PARTITIONS; p++) {
            producer.send(new ProducerRecord<>("t", p, null, value + "-" + p));
        }
        if (committed == null) {
            producer.flush();
            producer.abortTransaction();
        } else {
            producer.commitTransaction();
            for (int p = 0; p < PARTITIONS; p++) {
                committed.add(value + "-" + p);
            }
        }
    }

    private static int coordinator(Admin admin, String transactionalId) throws Exception {
        return admin.describeTransactions(List.of(transactionalId))
                .description(transactionalId)
                .get(60, TimeUnit.SECONDS)
                .coordinatorId();
    }

    private static Set<String> readCommitted(String topic, int count) {
        var read = new ArrayList<String>();
        try (var consumer = consumer(Map.of("isolation.level", "read_committed"))) {
            var partitions = partitions(topic, PARTITIONS);
            consumer.assign(partitions);
            await("all that is committed").atMost(TestCluster.PATIENCE).until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> read.add(record.value()));
                return read.size() >= count;
            });
            // No transaction is left open that would hold anybody back.
            await("the last markers").atMost(TestCluster.PATIENCE).until(() -> {
                var ends = consumer.endOffsets(partitions);
                consumer.poll(Duration.ofMillis(100)).forEach(record -> read.add(record.value()));
                return partitions.stream().allMatch(p -> consumer.position(p) == ends.get(p));
            });
        }
        var values = new TreeSet<>(read);
        assertEquals(values.size(), read.size(), "duplicates");
        return values;
    }

    @Test
    void offsetsOfATransactionTakeEffectWithIt() throws Exception {
        cluster.createTopic("in", 1, 3, Map.of());
        cluster.awaitInSync("in");
        var in = new TopicPartition("in", 0);
        try (var admin = cluster.admin();
                var producer = producer("mover")) {
            producer.initTransactions();
            for (int i = 0; i < 6; i++) {
                // Groups are coordinated by different brokers.
                var group = "group-" + i;
                producer.beginTransaction();
                producer.send(new ProducerRecord<>("in", 0, null, "x"));
                producer.sendOffsetsToTransaction(
                        Map.of(in, new OffsetAndMetadata(i + 1)), new ConsumerGroupMetadata(group));
                producer.commitTransaction();
                await("offsets of " + group).atMost(TestCluster.PATIENCE).until(() -> {
                    var offsets = admin.listConsumerGroupOffsets(group)
                            .partitionsToOffsetAndMetadata()
                            .get(60, TimeUnit.SECONDS);
                    return offsets.containsKey(in) && offsets.get(in) != null;
                });
            }
        }
    }

    @Test
    void consumersReadFromTheBrokerInTheirRack() throws Exception {
        cluster.createTopic("near", 1, 3, Map.of());
        cluster.awaitInSync("near");
        try (var producer = producer("near")) {
            producer.initTransactions();
            for (int i = 0; i < 20; i++) {
                producer.beginTransaction();
                producer.send(new ProducerRecord<>("near", 0, null, "v" + i));
                producer.commitTransaction();
            }
        }
        int leader = cluster.partition("near", 0).leader();
        for (int rack = 1; rack <= 3; rack++) {
            try (var consumer = consumer(Map.of(
                    "client.rack", "rack" + rack,
                    "isolation.level", "read_committed",
                    "max.poll.records", "1"))) {
                consumer.assign(partitions("near", 1));
                var read = new ArrayList<String>();
                await("all is read").atMost(TestCluster.PATIENCE).until(() -> {
                    consumer.poll(Duration.ofMillis(100)).forEach(record -> read.add(record.value()));
                    return read.size() == 20;
                });
                assertEquals(IntStream.range(0, 20).mapToObj(i -> "v" + i).toList(), read);
                assertEquals(rack == leader ? -1 : rack, preferredReadReplica(consumer));
            }
        }
    }

    private static int preferredReadReplica(KafkaConsumer<?, ?> consumer) {
        return consumer.metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals("preferred-read-replica"))
                .map(metric -> ((Number) metric.metricValue()).intValue())
                .findFirst()
                .orElseThrow();
    }
}
