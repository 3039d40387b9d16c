package io.odradek.it;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** A consumer of a group in a thread of its own, which polls until it is closed. */
final class GroupMember implements AutoCloseable {
    private final KafkaConsumer<String, String> consumer;
    private final Thread thread;
    private final ConcurrentLinkedQueue<ConsumerRecord<String, String>> consumed = new ConcurrentLinkedQueue<>();
    private volatile Set<TopicPartition> assignment = Set.of();
    private volatile Exception failure;

    private GroupMember(Map<String, Object> config, Consumer<KafkaConsumer<String, String>> subscription) {
        consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
        subscription.accept(consumer);
        thread = new Thread(this::poll, "member of " + config.get("group.id"));
        thread.start();
    }

    /** @param protocol {@code classic} or {@code consumer} */
    static GroupMember of(String bootstrap, String group, String protocol, Map<String, Object> more, String... topics) {
        return new GroupMember(config(bootstrap, group, protocol, more), c -> c.subscribe(List.of(topics)));
    }

    static GroupMember of(
            String bootstrap,
            String group,
            String protocol,
            Map<String, Object> more,
            Consumer<KafkaConsumer<String, String>> subscription) {
        return new GroupMember(config(bootstrap, group, protocol, more), subscription);
    }

    private static Map<String, Object> config(
            String bootstrap, String group, String protocol, Map<String, Object> more) {
        var config = new HashMap<String, Object>(Map.of(
                "bootstrap.servers",
                bootstrap,
                "group.id",
                group,
                "group.protocol",
                protocol,
                "client.id",
                "member",
                "auto.offset.reset",
                "earliest",
                "auto.commit.interval.ms",
                100));
        if (protocol.equals("classic")) {
            config.put("heartbeat.interval.ms", 100);
            config.put("session.timeout.ms", 10_000);
        }
        config.putAll(more);
        return config;
    }

    private void poll() {
        try (consumer) {
            while (true) {
                consumer.poll(Duration.ofMillis(200)).forEach(consumed::add);
                assignment = Set.copyOf(consumer.assignment());
            }
        } catch (WakeupException closed) {
            // By close().
        } catch (Exception e) {
            failure = e;
        }
    }

    Set<TopicPartition> assignment() {
        if (failure != null) {
            throw new IllegalStateException("the member failed", failure);
        }
        return assignment;
    }

    /** What it has read so far. */
    List<ConsumerRecord<String, String>> consumed() {
        return List.copyOf(consumed);
    }

    Exception failure() {
        return failure;
    }

    /** Leaves the group. */
    @Override
    public void close() throws InterruptedException {
        consumer.wakeup();
        thread.join(TimeUnit.SECONDS.toMillis(30));
        if (thread.isAlive()) {
            throw new IllegalStateException("the member does not end");
        }
    }
}
