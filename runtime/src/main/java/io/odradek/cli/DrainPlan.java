package io.odradek.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;

/**
 * Where the partitions of one broker go if it is to hold none: each replica to a broker that has none of that partition, of
 * a rack that has none either if there is one, and of those to the one with the fewest. It takes the place that the drained
 * broker had in the order of preference.
 */
final class DrainPlan {
    private final int drained;
    private final Collection<Node> brokers;
    private final Map<Integer, Integer> load = new HashMap<>();
    private final Map<TopicPartition, List<Integer>> targets = new TreeMap<>(PartitionBatch.ORDER);
    private final List<TopicPartition> stuck = new ArrayList<>();

    /**
     * @param brokers those in service
     * @param replicas of every partition in the cluster
     */
    DrainPlan(int drained, Collection<Node> brokers, Map<TopicPartition, List<Integer>> replicas) {
        this.drained = drained;
        this.brokers = brokers;
        replicas.values().forEach(ids -> ids.forEach(id -> load.merge(id, 1, Integer::sum)));
        var ordered = new TreeMap<TopicPartition, List<Integer>>(PartitionBatch.ORDER);
        ordered.putAll(replicas);
        ordered.forEach(this::move);
    }

    /** The partitions that move, with all replicas that they have afterwards. */
    Map<TopicPartition, List<Integer>> targets() {
        return targets;
    }

    /** The partitions that every other broker in service has already. */
    List<TopicPartition> stuck() {
        return stuck;
    }

    private void move(TopicPartition partition, List<Integer> replicas) {
        if (!replicas.contains(drained)) {
            return;
        }
        var successor = successor(replicas);
        if (successor.isEmpty()) {
            stuck.add(partition);
            return;
        }
        int id = successor.get().id();
        load.merge(id, 1, Integer::sum);
        targets.put(
                partition,
                replicas.stream()
                        .map(replica -> replica == drained ? id : replica)
                        .toList());
    }

    private Optional<Node> successor(List<Integer> replicas) {
        var usedRacks = brokers.stream()
                .filter(broker -> broker.id() != drained && replicas.contains(broker.id()))
                .map(Node::rack)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        return brokers.stream()
                .filter(broker -> broker.id() != drained && !replicas.contains(broker.id()))
                .min(Comparator.<Node>comparingInt(broker -> usedRacks.contains(broker.rack()) ? 1 : 0)
                        .thenComparingInt(broker -> load.getOrDefault(broker.id(), 0))
                        .thenComparingInt(Node::id));
    }
}
