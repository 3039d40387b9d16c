package io.odradek.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * The offsets that partitions have now and those to start at.
 *
 * @param start first offset to read
 * @param end offset after the last record there is now (for a reader of committed records: the last stable offset)
 */
record StartOffsets(Map<TopicPartition, Long> start, Map<TopicPartition, Long> end) {
    static StartOffsets find(Consumer<?, ?> consumer, Set<TopicPartition> partitions, StartPosition position) {
        var end = consumer.endOffsets(partitions);
        var beginning = consumer.beginningOffsets(partitions);
        var start = new HashMap<TopicPartition, Long>();
        if (position instanceof StartPosition.Time time) {
            var found = consumer.offsetsForTimes(
                    partitions.stream().collect(Collectors.toMap(p -> p, p -> time.timestampMs())));
            partitions.forEach(p -> start.put(
                    p, found.get(p) == null ? end.get(p) : found.get(p).offset()));
        } else {
            BinaryOperator<Long> choice = choice(position);
            partitions.forEach(p -> {
                long first = beginning.get(p);
                long last = end.get(p);
                start.put(p, Math.max(first, Math.min(last, choice.apply(first, last))));
            });
        }
        return new StartOffsets(start, end);
    }

    /** Of a partition's first offset and its end. */
    private static BinaryOperator<Long> choice(StartPosition position) {
        if (position instanceof StartPosition.End) {
            return (first, end) -> end;
        }
        if (position instanceof StartPosition.Offset o) {
            return (first, end) -> o.offset();
        }
        if (position instanceof StartPosition.Last last) {
            return (first, end) -> end - last.count();
        }
        return (first, end) -> first;
    }

    /** The partitions that have something to read before their end. */
    Set<TopicPartition> unfinished() {
        return start.entrySet().stream()
                .filter(e -> e.getValue() < end.get(e.getKey()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }
}
