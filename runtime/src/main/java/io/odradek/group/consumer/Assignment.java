package io.odradek.group.consumer;

import io.odradek.group.message.ConsumerGroupTargetAssignmentMemberValue;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;

/**
 * Partitions that a member is to have.
 *
 * @param partitions by topic; no topic without partitions; sorted
 */
record Assignment(Map<Uuid, Set<Integer>> partitions) {
    static final Assignment NONE = new Assignment(Map.of());

    Assignment {
        partitions = Collections.unmodifiableMap(partitions);
    }

    static Assignment of(ConsumerGroupTargetAssignmentMemberValue value) {
        var partitions = new TreeMap<Uuid, Set<Integer>>();
        value.topicPartitions().forEach(topic -> partitions.put(topic.topicId(), new TreeSet<>(topic.partitions())));
        return new Assignment(partitions);
    }

    Set<Integer> of(Uuid topic) {
        return partitions.getOrDefault(topic, Set.of());
    }
}
