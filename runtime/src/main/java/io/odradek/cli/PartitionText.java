package io.odradek.cli;

import org.apache.kafka.common.TopicPartition;

/** Partitions as the user writes and reads them: {@code orders:0}. */
final class PartitionText {
    private PartitionText() {}

    static String of(TopicPartition partition) {
        return of(partition.topic(), partition.partition());
    }

    static String of(String topic, int partition) {
        return topic + ":" + partition;
    }

    static TopicPartition parse(String text) {
        int colon = text.lastIndexOf(':');
        try {
            return new TopicPartition(
                    text.substring(0, Math.max(colon, 0)), Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new CommandFailure("'" + text + "' is no partition: write TOPIC:NUMBER", e);
        }
    }
}
