package io.odradek.ecosystem;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What a topic holds for a reader of committed records. */
final class CommittedRecords {
    private CommittedRecords() {}

    /** All records until the last stable offset, partition by partition, in order. */
    static List<ConsumerRecord<String, String>> read(String bootstrap, String topic) {
        var settings = Map.<String, Object>of(
                "bootstrap.servers", bootstrap, "isolation.level", "read_committed", "auto.offset.reset", "none");
        var records = new ArrayList<ConsumerRecord<String, String>>();
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            for (var partition : consumer.partitionsFor(topic)) {
                read(consumer, new TopicPartition(topic, partition.partition()), records);
            }
        }
        return records;
    }

    private static void read(
            KafkaConsumer<String, String> consumer,
            TopicPartition partition,
            List<ConsumerRecord<String, String>> records) {
        var end = consumer.endOffsets(List.of(partition)).get(partition);
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        while (consumer.position(partition) < end) {
            consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
        }
    }
}
