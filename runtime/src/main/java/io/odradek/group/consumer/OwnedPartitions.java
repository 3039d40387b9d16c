package io.odradek.group.consumer;

import io.odradek.group.message.ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;

/**
 * Partitions that a member has, and since which epoch: commits of an older one are those of a zombie.
 *
 * @param epochs by topic and partition; no topic without partitions; sorted
 */
record OwnedPartitions(Map<Uuid, Map<Integer, Integer>> epochs) {
    static final OwnedPartitions NONE = new OwnedPartitions(Map.of());

    OwnedPartitions {
        epochs = Collections.unmodifiableMap(epochs);
    }

    /** @param defaultEpoch where the record, written before Kafka 4.3, names none */
    static OwnedPartitions of(List<TopicPartitions> topics, int defaultEpoch) {
        var epochs = new TreeMap<Uuid, Map<Integer, Integer>>();
        for (var topic : topics) {
            var known = topic.assignmentEpochs();
            boolean complete =
                    known != null && known.size() == topic.partitions().size();
            var of = new TreeMap<Integer, Integer>();
            for (int i = 0; i < topic.partitions().size(); i++) {
                // A static member that is away has epoch -2.
                of.put(topic.partitions().get(i), complete ? known.get(i) : Math.max(defaultEpoch, 0));
            }
            if (!of.isEmpty()) {
                epochs.put(topic.topicId(), of);
            }
        }
        return new OwnedPartitions(epochs);
    }

    static OwnedPartitions of(Assignment assignment, int epoch) {
        var epochs = new TreeMap<Uuid, Map<Integer, Integer>>();
        assignment.partitions().forEach((topic, partitions) -> {
            var of = new TreeMap<Integer, Integer>();
            partitions.forEach(partition -> of.put(partition, epoch));
            epochs.put(topic, of);
        });
        return new OwnedPartitions(epochs);
    }

    List<TopicPartitions> toRecord() {
        var topics = new ArrayList<TopicPartitions>();
        epochs.forEach((topic, partitions) -> topics.add(new TopicPartitions()
                .setTopicId(topic)
                .setPartitions(List.copyOf(partitions.keySet()))
                .setAssignmentEpochs(List.copyOf(partitions.values()))));
        return topics;
    }

    boolean isEmpty() {
        return epochs.isEmpty();
    }

    Set<Uuid> topics() {
        return epochs.keySet();
    }

    Map<Integer, Integer> of(Uuid topic) {
        return epochs.getOrDefault(topic, Map.of());
    }

    boolean contains(Uuid topic, int partition) {
        return of(topic).containsKey(partition);
    }

    OptionalInt epochOf(Uuid topic, int partition) {
        var epoch = of(topic).get(partition);
        return epoch == null ? OptionalInt.empty() : OptionalInt.of(epoch);
    }

    /** Whether a member that says it owns {@code claimed} owns none but these. */
    boolean containsAll(List<ConsumerGroupHeartbeatRequestData.TopicPartitions> claimed) {
        return claimed.stream().allMatch(topic -> of(topic.topicId()).keySet().containsAll(topic.partitions()));
    }

    /** Whether a member that says it owns {@code claimed} owns one of these. */
    boolean containsAny(List<ConsumerGroupHeartbeatRequestData.TopicPartitions> claimed) {
        return claimed.stream()
                .anyMatch(topic -> !Collections.disjoint(of(topic.topicId()).keySet(), topic.partitions()));
    }

    OwnedPartitions withEpochs(IntUnaryOperator change) {
        var changed = new TreeMap<Uuid, Map<Integer, Integer>>();
        epochs.forEach((topic, partitions) -> {
            var of = new TreeMap<>(partitions);
            of.replaceAll((partition, epoch) -> change.applyAsInt(epoch));
            changed.put(topic, of);
        });
        return new OwnedPartitions(changed);
    }

    /** Those without epochs. */
    Assignment partitions() {
        var partitions = new TreeMap<Uuid, Set<Integer>>();
        epochs.forEach((topic, of) -> partitions.put(topic, Collections.unmodifiableSet(of.keySet())));
        return new Assignment(partitions);
    }
}
