package io.odradek.metadata;

import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.internals.Topic;
import org.pcollections.PMap;
import org.pcollections.PVector;

/**
 * A topic.
 *
 * @param partitions partition n at index n
 * @param configs what the topic overrides, by name; values as they were set
 */
public record TopicImage(Uuid id, String name, PVector<PartitionImage> partitions, PMap<String, String> configs) {
    /** Whether it belongs to the broker itself ({@code __consumer_offsets} and the like). */
    public boolean internal() {
        return Topic.isInternal(name);
    }

    public Optional<PartitionImage> partition(int partition) {
        return partition >= 0 && partition < partitions.size()
                ? Optional.of(partitions.get(partition))
                : Optional.empty();
    }
}
