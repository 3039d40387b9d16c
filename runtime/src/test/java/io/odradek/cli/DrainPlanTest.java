package io.odradek.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class DrainPlanTest {
    private static final TopicPartition FIRST = new TopicPartition("t", 0);

    private static List<Node> brokers(String... racks) {
        return IntStream.rangeClosed(1, racks.length)
                .mapToObj(id -> new Node(id, "host" + id, 9092, racks[id - 1].isEmpty() ? null : racks[id - 1]))
                .toList();
    }

    @Test
    void aReplicaGoesToARackThatHasNone() {
        var plan = new DrainPlan(1, brokers("a", "b", "b", "c"), Map.of(FIRST, List.of(2, 1)));

        assertEquals(Map.of(FIRST, List.of(2, 4)), plan.targets());
        assertEquals(
                Map.of(FIRST, List.of(3, 2)),
                new DrainPlan(1, brokers("a", "b", "b"), Map.of(FIRST, List.of(1, 2))).targets());
    }

    @Test
    void replicasAreSpreadEvenly() {
        var replicas = new HashMap<TopicPartition, List<Integer>>();
        for (int i = 0; i < 30; i++) {
            replicas.put(new TopicPartition("t", i), List.of(1, 2 + i % 4));
        }

        var plan = new DrainPlan(1, brokers("", "", "", "", ""), replicas);

        assertEquals(30, plan.targets().size());
        var load = new HashMap<Integer, Integer>();
        plan.targets().values().forEach(ids -> {
            assertEquals(2, new HashSet<>(ids).size());
            ids.forEach(id -> load.merge(id, 1, Integer::sum));
        });
        assertTrue(load.values().stream().allMatch(count -> Math.abs(count - 15) <= 1), load.toString());
    }

    @Test
    void whatEveryoneHasCannotMove() {
        var other = new TopicPartition("t", 1);

        var plan = new DrainPlan(1, brokers("", ""), Map.of(FIRST, List.of(1, 2), other, List.of(2)));

        assertEquals(Map.of(), plan.targets());
        assertEquals(List.of(FIRST), plan.stuck());
    }

    @Test
    void aBrokerThatIsDownIsDrainedToo() {
        var plan = new DrainPlan(9, brokers("", ""), Map.of(FIRST, List.of(9, 2)));

        assertEquals(Map.of(FIRST, List.of(1, 2)), plan.targets());
    }
}
