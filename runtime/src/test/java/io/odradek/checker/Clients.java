package io.odradek.checker;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;

/** Producers and consumers as careful users configure them, but quick to notice that a broker is gone and back. */
record Clients(String bootstrap) {
    /** Which group protocol a consumer speaks. */
    enum Protocol {
        CLASSIC,
        CONSUMER
    }

    private Map<String, Object> common() {
        return new HashMap<>(Map.of(
                "bootstrap.servers", bootstrap,
                "request.timeout.ms", 5_000,
                "retry.backoff.ms", 20,
                "retry.backoff.max.ms", 200,
                "reconnect.backoff.ms", 20,
                "reconnect.backoff.max.ms", 200));
    }

    KafkaProducer<byte[], Long> producer(String transactionalId, int transactionTimeoutMs) {
        var settings = common();
        settings.put("transactional.id", transactionalId);
        settings.put("transaction.timeout.ms", transactionTimeoutMs);
        settings.put("delivery.timeout.ms", 30_000);
        settings.put("max.block.ms", 30_000);
        settings.put("linger.ms", 2);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new LongSerializer());
    }

    KafkaConsumer<byte[], Long> assigned() {
        return consumer(new HashMap<>());
    }

    KafkaConsumer<byte[], Long> uncommitted() {
        return consumer(new HashMap<>(Map.of("isolation.level", "read_uncommitted")));
    }

    KafkaConsumer<byte[], Long> subscribed(String group, Protocol protocol) {
        var settings = new HashMap<String, Object>(Map.of("group.id", group));
        if (protocol == Protocol.CLASSIC) {
            settings.put("session.timeout.ms", 6_000);
            settings.put("heartbeat.interval.ms", 500);
            settings.put(
                    "partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
        } else {
            settings.put("group.protocol", "consumer");
        }
        return consumer(settings);
    }

    private KafkaConsumer<byte[], Long> consumer(Map<String, Object> special) {
        var settings = common();
        settings.put("isolation.level", "read_committed");
        settings.put("enable.auto.commit", false);
        settings.put("auto.offset.reset", "earliest");
        settings.put("fetch.max.wait.ms", 100);
        settings.put("max.poll.records", 50);
        settings.put("default.api.timeout.ms", 30_000);
        settings.putAll(special);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new LongDeserializer());
    }
}
