package io.odradek.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.odradek.spi.Partitioner.Partitions;
import io.odradek.spi.Partitioner.Session;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RoundRobinPartitionerTest {
    private final Session session = new RoundRobinPartitioner().newSession("topic", new Random(3));

    private int next(Partitions partitions) {
        return session.partition(partitions, Optional.of(ByteBuffer.wrap(new byte[] {1})), Optional.empty());
    }

    private List<Integer> next(int times, Partitions partitions) {
        return Stream.generate(() -> next(partitions)).limit(times).toList();
    }

    @Test
    void takesTurnsWhateverTheKey() {
        var start = next(Partitions.all(4));

        for (int turn = 1; turn <= 20; turn++) {
            assertEquals((start + turn) % 4, next(Partitions.all(4)));
        }
    }

    @Test
    void skipsPartitionsWithoutALeader() {
        next(Partitions.all(1));

        assertEquals(List.of(1, 3, 1, 3), next(4, new Partitions(4, List.of(1, 3))));
    }

    @Test
    void keepsTurningWhenNoneHasALeaderOrPartitionsAreAdded() {
        next(Partitions.all(1));

        assertEquals(List.of(0, 0), next(2, new Partitions(1, List.of())));
        assertEquals(List.of(1, 2, 0, 1), next(4, Partitions.all(3)));
    }
}
