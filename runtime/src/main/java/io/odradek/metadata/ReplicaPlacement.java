package io.odradek.metadata;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;

/**
 * Chooses brokers for new partitions.
 *
 * <p>Brokers stand in one ring in which neighbours are of different racks where there are enough. Partition after
 * partition the leader is the next in the ring, so that leaders are spread evenly. Followers come after it, one from
 * each rack before a second of any; each lap around the ring they start one further, so that the partitions of one
 * leader have different followers.
 *
 * <p>Deterministic: the ring's order depends on nothing but the brokers and the topic's id. {@link Random} is used for
 * methods whose algorithm its contract fixes.
 */
final class ReplicaPlacement {
    private final List<BrokerImage> ring;
    private final List<BrokerImage> fenced = new ArrayList<>();

    private ReplicaPlacement(Collection<BrokerImage> brokers, Random random) {
        var racks = new TreeMap<String, List<BrokerImage>>();
        for (var broker : brokers) {
            if (broker.fenced()) {
                fenced.add(broker);
            } else {
                racks.computeIfAbsent(broker.rack().orElse(""), r -> new ArrayList<>())
                        .add(broker);
            }
        }
        racks.values().forEach(rack -> shuffle(rack, random));
        var order = new ArrayList<>(racks.values());
        shuffle(order, random);
        ring = new ArrayList<>();
        for (int i = 0; ring.size() + fenced.size() < brokers.size(); i++) {
            for (var rack : order) {
                if (i < rack.size()) {
                    ring.add(rack.get(i));
                }
            }
        }
    }

    private static <T> void shuffle(List<T> list, Random random) {
        for (int i = list.size() - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            var swapped = list.get(i);
            list.set(i, list.get(j));
            list.set(j, swapped);
        }
    }

    /**
     * @param registered in the order of their ids; who is about to stop gets nothing, who is out of service may be back
     * @param first number of the first partition that is placed
     * @return for each partition its replicas, the preferred leader first
     * @throws InvalidReplicationFactorException if there are not enough brokers
     */
    static List<List<Integer>> place(
            Collection<BrokerImage> registered, Uuid topic, int first, int count, int replicationFactor) {
        var brokers = registered.stream()
                .filter(broker -> broker.isActive() || broker.fenced())
                .toList();
        if (replicationFactor <= 0) {
            throw new InvalidReplicationFactorException(
                    "Invalid replication factor " + replicationFactor + ": the replication factor must be positive.");
        }
        if (brokers.stream().allMatch(BrokerImage::fenced)) {
            throw new InvalidReplicationFactorException(
                    "All brokers are currently fenced, or have all their log" + " directories cordoned.");
        }
        if (replicationFactor > brokers.size()) {
            throw new InvalidReplicationFactorException("The target replication factor of " + replicationFactor
                    + " cannot be reached because only " + brokers.size() + " broker(s) are registered or some brokers"
                    + " have all their log directories cordoned.");
        }
        var seed = topic.getMostSignificantBits() * 31 + topic.getLeastSignificantBits();
        var placement = new ReplicaPlacement(brokers, new Random(seed));
        var replicas = new ArrayList<List<Integer>>(count);
        for (int partition = first; partition < first + count; partition++) {
            replicas.add(placement.replicas(partition, replicationFactor));
        }
        return replicas;
    }

    private List<Integer> replicas(int partition, int replicationFactor) {
        int leader = partition % ring.size();
        int lap = partition / ring.size();
        var chosen = new ArrayList<Integer>(replicationFactor);
        var candidates = new ArrayList<BrokerImage>(ring.size() + fenced.size());
        int others = ring.size() - 1;
        for (int i = 0; i < others; i++) {
            candidates.add(ring.get((leader + 1 + (i + lap) % others) % ring.size()));
        }
        candidates.addAll(fenced);
        Map<Optional<String>, Integer> usedRacks = new HashMap<>();
        chosen.add(ring.get(leader).id());
        usedRacks.merge(ring.get(leader).rack(), 1, Integer::sum);
        while (chosen.size() < replicationFactor) {
            var next = candidates.get(0);
            for (var candidate : candidates) {
                if (usedRacks.getOrDefault(candidate.rack(), 0) < usedRacks.getOrDefault(next.rack(), 0)) {
                    next = candidate;
                }
            }
            candidates.remove(next);
            chosen.add(next.id());
            usedRacks.merge(next.rack(), 1, Integer::sum);
        }
        return chosen;
    }
}
