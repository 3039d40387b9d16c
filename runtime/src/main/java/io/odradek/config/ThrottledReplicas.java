package io.odradek.config;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The replicas of a topic whose traffic is throttled (KIP-73).
 *
 * @param all whether all are
 * @param partitions by broker, if not all are
 */
public record ThrottledReplicas(boolean all, Map<Integer, Set<Integer>> partitions) {
    public static final ThrottledReplicas NONE = new ThrottledReplicas(false, Map.of());

    private static final ThrottledReplicas ALL = new ThrottledReplicas(true, Map.of());

    public ThrottledReplicas {
        partitions = Map.copyOf(partitions);
    }

    /**
     * From the values of a topic config.
     *
     * @param replicas {@code partition:broker} pairs, or {@code *} alone. What is neither, as numbers that no broker or
     *     partition can have, is no replica
     */
    static ThrottledReplicas of(List<String> replicas) {
        if (replicas.isEmpty()) {
            return NONE;
        }
        if (String.join("", replicas).trim().equals("*")) {
            return ALL;
        }
        var partitions = new HashMap<Integer, Set<Integer>>();
        for (var replica : replicas) {
            var numbers = replica.trim().split(":");
            try {
                partitions
                        .computeIfAbsent(Integer.valueOf(numbers[numbers.length - 1]), b -> new HashSet<>())
                        .add(Integer.valueOf(numbers[0]));
            } catch (NumberFormatException e) {
                // Empty, or beyond any broker and partition.
            }
        }
        return new ThrottledReplicas(false, partitions);
    }

    public boolean contains(int partition, int broker) {
        if (all || partitions.isEmpty()) {
            return all;
        }
        var ofBroker = partitions.get(broker);
        return ofBroker != null && ofBroker.contains(partition);
    }
}
