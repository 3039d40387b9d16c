package io.odradek.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Apache Kafka's own producer, consumer and admin client over sockets. */
@Timeout(120)
class RealClientsTest {
    private static final int PARTITIONS = 3;

    @TempDir
    Path directory;

    private OneNode broker;

    @BeforeEach
    void start() throws Exception {
        broker = OneNode.create(directory);
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void everyRecordComesBackOnceAndInOrder(String compression) throws Exception {
        createTopic("t", PARTITIONS, Map.of());
        int count = 3_000;
        produce("t", count, Map.of("compression.type", compression, "linger.ms", "5"));

        var byPartition = new TreeMap<Integer, List<String>>();
        for (var record : consume("t", count, Map.of())) {
            byPartition
                    .computeIfAbsent(record.partition(), p -> new ArrayList<>())
                    .add(record.value());
        }

        var expected = new TreeMap<Integer, List<String>>();
        for (int i = 0; i < count; i++) {
            expected.computeIfAbsent(i % PARTITIONS, p -> new ArrayList<>()).add("value " + i);
        }
        assertEquals(expected, byPartition);
    }

    @Test
    void aWaitingConsumerIsWokenByTheNextRecord() throws Exception {
        createTopic("t", 1, Map.of());
        // Without the wake-up the fetch would wait for longer than the test may take.
        var consumer = consumer("t", 1, Map.of("fetch.max.wait.ms", "600000", "request.timeout.ms", "900000"));
        try {
            consumer.poll(Duration.ofMillis(200));
            produce("t", 1, Map.of());

            var records = new ArrayList<ConsumerRecord<String, String>>();
            while (records.isEmpty()) {
                consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
            }
            assertEquals("value 0", records.get(0).value());
        } finally {
            // Its next fetch waits already, and its goodbye would wait behind that.
            consumer.close(CloseOptions.timeout(Duration.ZERO));
        }
    }

    @Test
    void recordsSurviveARestart() throws Exception {
        createTopic("t", 1, Map.of("odradek.durability", "fsync"));
        produce("t", 100, Map.of());

        broker = broker.restart();
        produce("t", 100, Map.of());

        var records = consume("t", 200, Map.of("isolation.level", "read_committed"));
        assertEquals(199, records.get(199).offset());
        assertEquals("value 99", records.get(99).value());
    }

    @Test
    void aSmallFetchSizeStillGetsEverything() throws Exception {
        createTopic("t", PARTITIONS, Map.of());
        produce("t", 600, Map.of("batch.size", "500"));

        var records = consume("t", 600, Map.of("fetch.max.bytes", "600", "max.partition.fetch.bytes", "300"));

        assertEquals(600, records.size());
    }

    @Test
    void offsetsAndSizesAreTold() throws Exception {
        createTopic("t", 1, Map.of());
        produce("t", 10, Map.of());
        var partition = new TopicPartition("t", 0);
        try (var admin = admin()) {
            assertEquals(10, offset(admin, partition, OffsetSpec.latest()));
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(4)))
                    .all()
                    .get();
            assertEquals(4, offset(admin, partition, OffsetSpec.earliest()));
            assertEquals(-1, offset(admin, partition, OffsetSpec.forTimestamp(Long.MAX_VALUE)));

            var producers = admin.describeProducers(List.of(partition))
                    .partitionResult(partition)
                    .get()
                    .activeProducers();
            assertEquals(9, producers.get(0).lastSequence());

            var directories =
                    admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1);
            assertFalse(directories.values().iterator().next().replicaInfos().isEmpty());
        }
        assertEquals(4, consume("t", 6, Map.of()).get(0).offset());
    }

    private static long offset(Admin admin, TopicPartition partition, OffsetSpec spec) throws Exception {
        return admin.listOffsets(Map.of(partition, spec))
                .partitionResult(partition)
                .get()
                .offset();
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    private void createTopic(String name, int partitions, Map<String, String> configs) throws Exception {
        try (var admin = admin()) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(configs)))
                    .all()
                    .get();
        }
    }

    private void produce(String topic, int count, Map<String, String> settings) throws Exception {
        var all = new HashMap<String, Object>(Map.of("bootstrap.servers", broker.bootstrapServers(), "acks", "all"));
        all.putAll(settings);
        var sent = new ArrayList<Future<RecordMetadata>>();
        try (var producer = new KafkaProducer<>(all, new StringSerializer(), new StringSerializer())) {
            int partitions = producer.partitionsFor(topic).size();
            for (int i = 0; i < count; i++) {
                sent.add(producer.send(new ProducerRecord<>(topic, i % partitions, "key " + i, "value " + i)));
            }
        }
        for (var future : sent) {
            future.get();
        }
    }

    private KafkaConsumer<String, String> consumer(String topic, int partitions, Map<String, String> settings) {
        var all = new HashMap<String, Object>(Map.of(
                "bootstrap.servers", broker.bootstrapServers(),
                "auto.offset.reset", "earliest",
                "enable.auto.commit", "false"));
        all.putAll(settings);
        var consumer = new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
        var assignment = new ArrayList<TopicPartition>();
        for (int p = 0; p < partitions; p++) {
            assignment.add(new TopicPartition(topic, p));
        }
        consumer.assign(assignment);
        return consumer;
    }

    private List<ConsumerRecord<String, String>> consume(String topic, int count, Map<String, String> settings) {
        var records = new ArrayList<ConsumerRecord<String, String>>();
        try (var consumer = consumer(topic, PARTITIONS, settings)) {
            consumer.assign(consumer.partitionsFor(topic).stream()
                    .map(p -> new TopicPartition(topic, p.partition()))
                    .toList());
            while (records.size() < count) {
                consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
            }
        }
        return records;
    }
}
