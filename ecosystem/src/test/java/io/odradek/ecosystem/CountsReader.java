package io.odradek.ecosystem;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;

/**
 * Reads the counts while they are written, only what is committed. Whatever was killed in the meantime, each word must be seen
 * to go up by one each: 1, 2, 3, ...
 */
final class CountsReader implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int PROGRESS = 20;

    private final int partitions;
    private final KafkaConsumer<String, Long> consumer;
    private final Map<String, Long> counts = new ConcurrentHashMap<>();
    private final Map<Integer, Long> recordsOfPartition = new ConcurrentHashMap<>();
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private final Thread thread = new Thread(this::run, "counts-reader");

    CountsReader(String bootstrap, int partitions) {
        this.partitions = partitions;
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", bootstrap,
                        "isolation.level", "read_committed",
                        "auto.offset.reset", "earliest",
                        "reconnect.backoff.max.ms", "100"),
                new StringDeserializer(),
                new LongDeserializer());
        consumer.assign(IntStream.range(0, partitions)
                .mapToObj(p -> new TopicPartition(WordCount.COUNTS, p))
                .toList());
        thread.start();
    }

    private void run() {
        try (consumer) {
            while (true) {
                consumer.poll(Duration.ofSeconds(1)).forEach(this::check);
            }
        } catch (WakeupException e) {
            // Closed.
        } catch (RuntimeException e) {
            problems.add("the reader failed: " + e);
        }
    }

    private void check(ConsumerRecord<String, Long> record) {
        var before = counts.getOrDefault(record.key(), 0L);
        if (record.value() != before + 1) {
            problems.add(record.key() + " goes from " + before + " to " + record.value() + " at " + record.partition()
                    + "/" + record.offset());
        }
        counts.put(record.key(), record.value());
        recordsOfPartition.merge(record.partition(), 1L, Long::sum);
    }

    /** Waits until every partition got some more counts: whoever was killed, another one does its work. */
    void awaitProgress(String after) {
        var before = new HashMap<>(recordsOfPartition);
        Awaitility.await("progress after " + after).atMost(PATIENCE).until(() -> IntStream.range(0, partitions)
                .allMatch(p -> recordsOfPartition.getOrDefault(p, 0L) - before.getOrDefault(p, 0L) >= PROGRESS));
    }

    /** Waits until as many counts were read as words were sent. */
    void awaitTotal(long words) {
        Awaitility.await(words + " words counted")
                .atMost(PATIENCE)
                .until(() -> recordsOfPartition.values().stream()
                                .mapToLong(Long::longValue)
                                .sum()
                        >= words);
    }

    Map<String, Long> counts() {
        return counts;
    }

    List<String> problems() {
        return problems;
    }

    @Override
    public void close() throws InterruptedException {
        consumer.wakeup();
        thread.join();
    }
}
