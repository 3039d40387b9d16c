package io.odradek.log;

import java.util.Objects;
import org.apache.kafka.common.Uuid;

/**
 * Which partition a log belongs to. Two topics of the same name that existed one after the other differ in {@code
 * topicId}, so the log of the deleted one can never be taken for that of its successor.
 *
 * @param topicId the topic's id, persisted in the log's {@code partition.metadata}; {@link Uuid#ZERO_UUID} only for a
 *     directory written before topic ids existed
 */
public record LogId(String topic, int partition, Uuid topicId) {
    public LogId {
        Objects.requireNonNull(topic);
        Objects.requireNonNull(topicId);
    }

    /** The name of the log's directory below its log directory, as in Kafka: {@code topic-partition}. */
    public String directoryName() {
        return topic + "-" + partition;
    }

    @Override
    public String toString() {
        return directoryName();
    }
}
