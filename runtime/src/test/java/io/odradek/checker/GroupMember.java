package io.odradek.checker;

import io.odradek.checker.Clients.Protocol;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** A consumer that subscribes and writes down which logs it was given, and where the group stood in them. */
final class GroupMember implements ConsumerRebalanceListener, AutoCloseable {
    private static final Duration POSITION_TIMEOUT = Duration.ofSeconds(30);

    private final Journal journal;
    private final String group;
    private final KafkaConsumer<byte[], Long> consumer;

    GroupMember(Clients clients, Journal journal, String group, Protocol protocol, String topic) {
        this.journal = journal;
        this.group = group;
        this.consumer = clients.subscribed(group, protocol);
        consumer.subscribe(List.of(topic), this);
    }

    KafkaConsumer<byte[], Long> consumer() {
        return consumer;
    }

    ConsumerRecords<byte[], Long> poll() {
        var records = consumer.poll(Duration.ofMillis(100));
        journal.poll(records);
        return records;
    }

    /**
     * The positions after these records, with leader epochs, as consumers commit them by themselves: whoever goes on there does
     * not believe a leader of an earlier epoch (KIP-320).
     */
    static Map<TopicPartition, OffsetAndMetadata> after(ConsumerRecords<byte[], Long> records) {
        var positions = new HashMap<TopicPartition, OffsetAndMetadata>();
        records.forEach(r -> positions.put(
                new TopicPartition(r.topic(), r.partition()),
                new OffsetAndMetadata(r.offset() + 1, r.leaderEpoch(), "")));
        return positions;
    }

    /** Goes back to where the group stands, as one does after an aborted transaction. */
    void rewind() {
        var since = journal.now();
        var positions = new HashMap<TopicPartition, Long>();
        consumer.committed(consumer.assignment()).forEach((log, committed) -> {
            var offset = committed == null ? new OffsetAndMetadata(0) : committed;
            consumer.seek(log, offset);
            positions.put(log, offset.offset());
        });
        journal.assign(group, since, positions);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> logs) {
        var since = journal.now();
        var positions = new HashMap<TopicPartition, Long>();
        logs.forEach(log -> positions.put(log, consumer.position(log, POSITION_TIMEOUT)));
        journal.assign(group, since, positions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> logs) {
        journal.revoke(new HashSet<>(logs));
    }

    @Override
    public void close() {
        consumer.close();
    }
}
