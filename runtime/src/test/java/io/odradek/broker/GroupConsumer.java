package io.odradek.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** A consumer of a group that polls on a thread of its own until it is closed. */
final class GroupConsumer implements AutoCloseable {
    /** By value. */
    final ConcurrentLinkedQueue<String> records = new ConcurrentLinkedQueue<>();

    final AtomicInteger rebalances = new AtomicInteger();
    /** What was revoked, each time. */
    final List<Set<TopicPartition>> revoked = new CopyOnWriteArrayList<>();

    private final KafkaConsumer<String, String> consumer;
    private final Thread thread;
    private final AtomicReference<Set<TopicPartition>> assignment = new AtomicReference<>(Set.of());
    private final AtomicReference<String> memberId = new AtomicReference<>("");
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private volatile boolean closing;

    GroupConsumer(String bootstrapServers, String group, String topic, Map<String, Object> settings) {
        var all = new HashMap<String, Object>(Map.of(
                "bootstrap.servers", bootstrapServers,
                "group.id", group,
                "group.protocol", "classic",
                "auto.offset.reset", "earliest",
                "enable.auto.commit", "false",
                "heartbeat.interval.ms", "100",
                "retry.backoff.ms", "20",
                "reconnect.backoff.ms", "20",
                "fetch.max.wait.ms", "50"));
        all.putAll(settings);
        consumer = new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
        consumer.subscribe(List.of(topic), new Listener());
        thread = new Thread(this::run, "consumer of " + group);
        thread.start();
    }

    private void run() {
        try {
            while (!closing) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(50))) {
                    records.add(record.value());
                }
                consumer.commitAsync();
                assignment.set(Set.copyOf(consumer.assignment()));
                memberId.set(consumer.groupMetadata().memberId());
            }
        } catch (WakeupException e) {
            // It is closed.
        } catch (Exception e) {
            failure.set(e);
        } finally {
            consumer.close();
        }
    }

    /** As of the last poll. */
    Set<TopicPartition> assignment() {
        var failed = failure.get();
        if (failed != null) {
            throw new AssertionError("the consumer failed", failed);
        }
        return assignment.get();
    }

    String memberId() {
        return memberId.get();
    }

    static Set<Integer> partitions(Collection<TopicPartition> assignment) {
        var partitions = new TreeSet<Integer>();
        assignment.forEach(p -> partitions.add(p.partition()));
        return partitions;
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        consumer.wakeup();
        thread.join();
    }

    private final class Listener implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            rebalances.incrementAndGet();
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            revoked.add(Set.copyOf(partitions));
            consumer.commitSync();
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            revoked.add(Set.copyOf(partitions));
        }
    }

    /** Values in the order in which they were read. */
    List<String> read() {
        return new ArrayList<>(records);
    }
}
