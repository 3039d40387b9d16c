package io.odradek.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.common.Uuid;
import org.pcollections.HashTreePMap;

class ReplicaPlacementTest {
    /** Brokers 1 to n, in turn in each of the racks. */
    private static List<BrokerImage> brokers(int count, int racks) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(id -> broker(id, "rack" + id % racks, false))
                .toList();
    }

    private static BrokerImage broker(int id, String rack, boolean fenced) {
        return new BrokerImage(id, id, new Uuid(0, id), List.of(), Optional.of(rack), HashTreePMap.empty(), fenced);
    }

    private static Map<Integer, Integer> counts(List<Integer> values) {
        var counts = new HashMap<Integer, Integer>();
        values.forEach(v -> counts.merge(v, 1, Integer::sum));
        return counts;
    }

    private static int spread(Map<Integer, Integer> counts, int brokers) {
        int max = counts.values().stream().mapToInt(c -> c).max().orElse(0);
        int min = counts.size() < brokers
                ? 0
                : counts.values().stream().mapToInt(c -> c).min().orElse(0);
        return max - min;
    }

    @Property(tries = 300)
    void replicasAreDistinctAndLeadersEven(
            @ForAll @IntRange(min = 1, max = 9) int brokerCount,
            @ForAll @IntRange(min = 1, max = 4) int racks,
            @ForAll @IntRange(min = 1, max = 9) int wanted,
            @ForAll @IntRange(min = 1, max = 60) int partitions,
            @ForAll long id) {
        int replicationFactor = Math.min(wanted, brokerCount);
        var brokers = brokers(brokerCount, racks);

        var placed = ReplicaPlacement.place(brokers, new Uuid(id, 7), 0, partitions, replicationFactor);

        assertEquals(partitions, placed.size());
        for (var replicas : placed) {
            assertEquals(replicationFactor, new HashSet<>(replicas).size());
        }
        assertTrue(spread(counts(placed.stream().map(r -> r.get(0)).toList()), brokerCount) <= 1);
        assertEquals(placed, ReplicaPlacement.place(brokers, new Uuid(id, 7), 0, partitions, replicationFactor));
    }

    @Property(tries = 300)
    void noRackHasTwoReplicasBeforeEachHasOne(
            @ForAll @IntRange(min = 1, max = 9) int brokerCount,
            @ForAll @IntRange(min = 1, max = 4) int racks,
            @ForAll @IntRange(min = 1, max = 9) int wanted,
            @ForAll long id) {
        int replicationFactor = Math.min(wanted, brokerCount);
        int actualRacks = Math.min(racks, brokerCount);

        for (var replicas :
                ReplicaPlacement.place(brokers(brokerCount, racks), new Uuid(id, 7), 0, 20, replicationFactor)) {
            var used = new HashSet<Integer>();
            replicas.forEach(broker -> used.add(broker % racks));
            assertEquals(Math.min(replicationFactor, actualRacks), used.size());
        }
    }

    @Example
    void replicasAreEvenWhereRacksAre() {
        var placed = ReplicaPlacement.place(brokers(6, 3), new Uuid(1, 2), 0, 60, 3);
        var replicas = new ArrayList<Integer>();
        placed.forEach(replicas::addAll);

        assertEquals(0, spread(counts(replicas), 6));
    }

    @Example
    void aLeadersFollowersDiffer() {
        var placed = ReplicaPlacement.place(brokers(4, 1), new Uuid(1, 2), 0, 12, 2);

        assertEquals(12, new HashSet<>(placed).size());
    }

    @Example
    void addedPartitionsGoOnWhereTheOthersEnded() {
        var brokers = brokers(5, 2);

        var all = ReplicaPlacement.place(brokers, new Uuid(1, 2), 0, 20, 3);

        assertEquals(all.subList(7, 20), ReplicaPlacement.place(brokers, new Uuid(1, 2), 7, 13, 3));
    }

    @Example
    void topicsStartAtDifferentBrokers() {
        var leaders = new HashSet<Integer>();
        for (int i = 0; i < 100; i++) {
            leaders.add(ReplicaPlacement.place(brokers(6, 1), new Uuid(i, i), 0, 1, 1)
                    .get(0)
                    .get(0));
        }

        assertEquals(6, leaders.size());
        assertNotEquals(
                ReplicaPlacement.place(brokers(6, 1), new Uuid(1, 1), 0, 6, 2),
                ReplicaPlacement.place(brokers(6, 1), new Uuid(2, 2), 0, 6, 2));
    }

    @Example
    void brokersOutOfServiceAreTheLastChoiceAndNeverLead() {
        var brokers = List.of(broker(1, "a", false), broker(2, "a", false), broker(3, "a", true));

        for (var replicas : ReplicaPlacement.place(brokers, new Uuid(1, 2), 0, 10, 2)) {
            assertTrue(!replicas.contains(3), replicas.toString());
        }
        for (var replicas : ReplicaPlacement.place(brokers, new Uuid(1, 2), 0, 10, 3)) {
            assertEquals(3, replicas.get(2));
        }
    }
}
