package io.odradek.bench;

import java.time.Duration;
import java.util.ArrayList;
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

/** What is asked of both brokers: 1 KB records, 64 KiB batches, 6 partitions, acks=1. */
final class Load {
    static final int PARTITIONS = 6;
    static final int RECORD_BYTES = 1000;

    private Load() {}

    record Measured(Duration wall, Duration brokerCpu, double gigabytes) {
        double cpuPerGigabyte() {
            return brokerCpu.toNanos() / 1e9 / gigabytes;
        }

        double megabytesPerSecond() {
            return gigabytes * 1000 / (wall.toNanos() / 1e9);
        }
    }

    static void createTopics(BrokerUnderTest broker, String prefix, int topics, int partitions) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            var news = new ArrayList<NewTopic>();
            for (int i = 0; i < topics; i++) {
                news.add(new NewTopic(prefix + i, partitions, (short) 1));
            }
            admin.createTopics(news).all().get();
        }
    }

    static void deleteTopic(BrokerUnderTest broker, String topic) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            admin.deleteTopics(List.of(topic)).all().get();
        }
    }

    static Measured produce(BrokerUnderTest broker, String topic, double gigabytes) throws Exception {
        var settings = Map.<String, Object>of(
                "bootstrap.servers",
                broker.bootstrap(),
                "acks",
                "1",
                "enable.idempotence",
                "false",
                "batch.size",
                65536,
                "linger.ms",
                50,
                "buffer.memory",
                64 << 20);
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
                throw new IllegalStateException(broker.name + " refused " + failures + " records");
            }
            return new Measured(
                    Duration.ofNanos(System.nanoTime() - from), broker.cpu().minus(cpu), gigabytes);
        }
    }

    static Measured consume(BrokerUnderTest broker, String topic) {
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
