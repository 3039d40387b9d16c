package io.odradek.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.spi.Partitioner.Partitions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RendezvousPartitionerTest {
    private static final int KEYS = 100_000;

    private static int partition(byte[] key, int partitions) {
        return new RendezvousPartitioner()
                .newSession("topic", new Random(1))
                .partition(Partitions.all(partitions), Optional.of(ByteBuffer.wrap(key)), Optional.empty());
    }

    private static int partition(int key, int partitions) {
        return partition(("key-" + key).getBytes(StandardCharsets.UTF_8), partitions);
    }

    @Property
    void anAddedPartitionOnlyTakesKeys(
            @ForAll byte[] key,
            @ForAll @IntRange(min = 1, max = 300) int before,
            @ForAll @IntRange(min = 1, max = 50) int added) {
        int from = partition(key, before);
        int to = partition(key, before + added);

        assertTrue(to == from || to >= before, () -> "moved between old partitions, from " + from + " to " + to);
    }

    @Test
    void anAddedPartitionTakesItsShareAndNoMore() {
        int moved = 0;
        for (int key = 0; key < KEYS; key++) {
            moved += partition(key, 10) == partition(key, 11) ? 0 : 1;
        }
        assertEquals(KEYS / 11.0, moved, 400);
    }

    @Test
    void spreadsKeysEvenly() {
        var counts = new int[10];
        for (int key = 0; key < KEYS; key++) {
            counts[partition(key, counts.length)]++;
        }
        for (int count : counts) {
            assertEquals(KEYS / 10.0, count, 400);
        }
    }

    /** Keys must not move with an upgrade: these answers are for ever. */
    @Test
    void neverChanges() {
        assertEquals(3, partition(new byte[0], 12));
        assertEquals(2, partition("a".getBytes(StandardCharsets.UTF_8), 12));
        assertEquals(6, partition("customer-4711".getBytes(StandardCharsets.UTF_8), 12));
        assertEquals(671, partition("customer-4711".getBytes(StandardCharsets.UTF_8), 1000));
    }

    @Test
    void tailsOfDifferentLengthDiffer() {
        assertTrue(RendezvousPartitioner.hash(ByteBuffer.wrap(new byte[] {0}))
                != RendezvousPartitioner.hash(ByteBuffer.wrap(new byte[] {0, 0})));
    }
}
