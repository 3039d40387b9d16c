package io.odradek.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * What was acknowledged, held against what can be read: every acknowledged record is at its offset, no record is there
 * twice, and each producer's records are in the order in which it sent them. Values are {@code producer:sequence}.
 */
public final class History {
    record Acknowledged(int partition, long offset, String value) {}

    final ConcurrentLinkedQueue<Acknowledged> acknowledged = new ConcurrentLinkedQueue<>();

    /** How many were acknowledged, by partition. */
    private final ConcurrentHashMap<Integer, Long> counts = new ConcurrentHashMap<>();

    /** Records that a producer reported as failed. */
    final ConcurrentLinkedQueue<String> givenUp = new ConcurrentLinkedQueue<>();

    void acknowledge(int partition, long offset, String value) {
        acknowledged.add(new Acknowledged(partition, offset, value));
        counts.merge(partition, 1L, Long::sum);
    }

    /** How many records were acknowledged so far, by partition. */
    public Map<Integer, Long> counts() {
        return Map.copyOf(counts);
    }

    static String value(int producer, long sequence) {
        return producer + ":" + sequence;
    }

    /** All that the broker has, by partition and offset. */
    public static Map<Integer, TreeMap<Long, String>> read(String bootstrap, String topic) {
        return read(Map.of("bootstrap.servers", bootstrap, "check.crcs", "true"), topic);
    }

    static Map<Integer, TreeMap<Long, String>> read(Map<String, Object> settings, String topic) {
        var contents = new HashMap<Integer, TreeMap<Long, String>>();
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            var partitions = consumer.partitionsFor(topic).stream()
                    .map(p -> new TopicPartition(topic, p.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            partitions.forEach(p -> contents.put(p.partition(), new TreeMap<>()));
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                for (ConsumerRecord<String, String> r : consumer.poll(Duration.ofSeconds(1))) {
                    contents.get(r.partition()).put(r.offset(), r.value());
                }
            }
        }
        return contents;
    }

    public void check(Map<Integer, TreeMap<Long, String>> contents) {
        var problems = new ArrayList<String>();
        for (var a : acknowledged) {
            var found = contents.get(a.partition).get(a.offset);
            if (!a.value.equals(found)) {
                problems.add("lost: " + a + ", there is " + found);
            }
        }
        contents.forEach((partition, records) -> problems.addAll(disorder(partition, records)));
        assertTrue(
                problems.isEmpty(),
                () -> problems.size() + " problems, the first: " + problems.subList(0, Math.min(10, problems.size())));
    }

    private static List<String> disorder(int partition, TreeMap<Long, String> records) {
        var problems = new ArrayList<String>();
        var seen = new HashSet<String>();
        var last = new HashMap<String, Long>();
        records.forEach((offset, value) -> {
            var parts = value.split(":");
            var sequence = Long.parseLong(parts[1]);
            if (!seen.add(value)) {
                problems.add("duplicate of " + value + " at " + partition + "/" + offset);
            } else if (last.merge(parts[0], sequence, Math::max) > sequence) {
                problems.add("out of order: " + value + " at " + partition + "/" + offset);
            }
        });
        return problems;
    }
}
