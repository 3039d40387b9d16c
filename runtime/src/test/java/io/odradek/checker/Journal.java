package io.odradek.checker;

import io.odradek.checker.Event.Activity;
import io.odradek.checker.Event.Outcome;
import io.odradek.checker.Event.Read;
import io.odradek.checker.Event.What;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a process writes down what it does before it does it, and what it sees once it has seen it. All processes of a
 * machine share the clock behind {@link System#nanoTime()}.
 */
final class Journal {
    private final String process;
    private final Consumer<Event> sink;

    /** @param sink takes events from several threads */
    Journal(String process, Consumer<Event> sink) {
        this.process = process;
        this.sink = sink;
    }

    String process() {
        return process;
    }

    long now() {
        return System.nanoTime();
    }

    void open() {
        add(new Event.Open());
    }

    void invoke(Activity activity) {
        add(new Event.Invoke(activity));
    }

    void send(TopicPartition log, long value) {
        add(new Event.Send(log, value));
    }

    void acknowledge(TopicPartition log, long value, long offset) {
        add(new Event.Acknowledge(log, value, offset));
    }

    void poll(ConsumerRecords<byte[], Long> records) {
        var reads = new HashMap<TopicPartition, List<Read>>();
        for (var r : records) {
            reads.computeIfAbsent(new TopicPartition(r.topic(), r.partition()), l -> new ArrayList<>())
                    .add(new Read(r.offset(), r.value()));
        }
        reads.forEach((log, ofLog) -> add(new Event.Poll(log, List.copyOf(ofLog))));
    }

    void assign(String group, long sinceNs, Map<TopicPartition, Long> positions) {
        add(new Event.Assign(group, sinceNs, Map.copyOf(positions)));
    }

    void seek(Map<TopicPartition, Long> positions) {
        add(new Event.Seek(Map.copyOf(positions)));
    }

    void revoke(Set<TopicPartition> logs) {
        add(new Event.Revoke(Set.copyOf(logs)));
    }

    void offsets(String group, Map<TopicPartition, OffsetAndMetadata> positions) {
        var offsets = new HashMap<TopicPartition, Long>();
        positions.forEach((log, position) -> offsets.put(log, position.offset()));
        add(new Event.Offsets(group, Map.copyOf(offsets)));
    }

    void commit() {
        add(new Event.Commit());
    }

    void complete(Outcome outcome) {
        add(new Event.Complete(outcome));
    }

    void end(TopicPartition log, long lastStableOffset, long highWatermark) {
        add(new Event.End(log, lastStableOffset, highWatermark));
    }

    private void add(What what) {
        sink.accept(new Event(process, now(), what));
    }
}
