package io.odradek.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What is asked of all systems: 1 KB records, 6 partitions. */
final class Load {
    static final int PARTITIONS = 6;
    static final int RECORD_BYTES = 1000;

    private Load() {}

    /** A producer's settings for a lot at once: batches of 64 KiB. */
    private static final Map<String, Object> LARGE_BATCHES =
            Map.of("batch.size", 65536, "linger.ms", 50, "buffer.memory", 64 << 20);

    record Measured(Duration wall, Duration brokerCpu, double gigabytes) {
        double cpuPerGigabyte() {
            return brokerCpu.toNanos() / 1e9 / gigabytes;
        }

        double megabytesPerSecond() {
            return gigabytes * 1000 / (wall.toNanos() / 1e9);
        }
    }

    static void createTopics(SystemUnderTest broker, String prefix, int topics, int partitions) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            var news = new ArrayList<NewTopic>();
            for (int i = 0; i < topics; i++) {
                news.add(new NewTopic(prefix + i, partitions, (short) 1));
            }
            admin.createTopics(news).all().get();
        }
    }

    static void deleteTopic(SystemUnderTest broker, String topic) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            admin.deleteTopics(List.of(topic)).all().get();
        }
    }

    /** In large batches; with {@code acks=1} and without idempotence. */
    static Measured produce(SystemUnderTest broker, String topic, double gigabytes) throws Exception {
        var settings = new HashMap<>(LARGE_BATCHES);
        settings.put("acks", "1");
        settings.put("enable.idempotence", "false");
        return produce(broker, topic, gigabytes, settings);
    }

    /** In large batches; with {@code acks=all} and idempotence, as is a producer's default. */
    static Measured produceSafely(SystemUnderTest broker, String topic, double gigabytes) throws Exception {
        return produce(broker, topic, gigabytes, LARGE_BATCHES);
    }

    private static Measured produce(
            SystemUnderTest broker, String topic, double gigabytes, Map<String, Object> producerSettings)
            throws Exception {
        var settings = new HashMap<>(producerSettings);
        settings.put("bootstrap.servers", broker.bootstrap());
        var payload = new byte[RECORD_BYTES];
        new Random(1).nextBytes(payload);
        var records = (long) (gigabytes * 1e9 / RECORD_BYTES);
        var failures = new java.util.concurrent.atomic.LongAdder();
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.partitionsFor(topic);
            var cpu = broker.cpu();
            var from = System.nanoTime();
            for (long i = 0; i < records; i++) {
                producer.send(new ProducerRecord<>(topic, (int) (i % PARTITIONS), null, payload), (m, e) -> {
                    if (e != null) {
                        failures.increment();
                    }
                });
            }
            producer.flush();
            if (failures.sum() > 0) {
                throw new IllegalStateException(broker.name() + " refused " + failures + " records");
            }
            return new Measured(
                    Duration.ofNanos(System.nanoTime() - from), broker.cpu().minus(cpu), gigabytes);
        }
    }

    static Measured consume(SystemUnderTest broker, String topic) {
        var settings = Map.<String, Object>of(
                "bootstrap.servers",
                broker.bootstrap(),
                "fetch.max.bytes",
                50 << 20,
                "max.partition.fetch.bytes",
                1 << 20,
                "max.poll.records",
                5000);
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var partitions = consumer.partitionsFor(topic).stream()
                    .map(p -> new TopicPartition(topic, p.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long wanted = consumer.endOffsets(partitions).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            var cpu = broker.cpu();
            var from = System.nanoTime();
            for (long read = 0; read < wanted; ) {
                read += consumer.poll(Duration.ofSeconds(1)).count();
            }
            return new Measured(
                    Duration.ofNanos(System.nanoTime() - from), broker.cpu().minus(cpu), wanted * RECORD_BYTES / 1e9);
        }
    }
}
