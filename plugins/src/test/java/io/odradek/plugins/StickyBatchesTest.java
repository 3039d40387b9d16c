package io.odradek.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.spi.Partitioner.Partitions;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StickyBatchesTest {
    private static final Optional<ByteBuffer> VALUE = Optional.of(ByteBuffer.allocate(79));

    @Test
    void staysUntilABatchIsFull() {
        var sticky = new StickyBatches(1_000, new Random(7));
        var partitions = Partitions.all(1_000_000);

        // Ten records of 79 bytes and 21 of overhead fill a batch of 1,000.
        int first = sticky.partition(partitions, VALUE);
        for (int i = 1; i < 10; i++) {
            assertEquals(first, sticky.partition(partitions, VALUE));
        }
        assertNotEquals(first, sticky.partition(partitions, VALUE));
    }

    @Test
    void spreadsBatchesEvenly() {
        var sticky = new StickyBatches(1_000, new Random(7));
        var counts = new int[6];
        for (int i = 0; i < 60_000; i++) {
            counts[sticky.partition(Partitions.all(6), VALUE)]++;
        }
        for (int count : counts) {
            assertTrue(Math.abs(count - 10_000) < 1_000, "10,000 expected, not " + count);
        }
    }

    @Test
    void leavesAPartitionThatLostItsLeader() {
        var sticky = new StickyBatches(1_000_000, new Random(7));
        int first = sticky.partition(new Partitions(2, List.of(0, 1)), VALUE);

        assertEquals(1 - first, sticky.partition(new Partitions(2, List.of(1 - first)), VALUE));
    }

    @Test
    void choosesAmongAllWhenNoneHasALeader() {
        assertEquals(0, new StickyBatches(1, new Random(7)).partition(new Partitions(1, List.of()), VALUE));
    }

    @Test
    void countsATombstonesOverhead() {
        var sticky = new StickyBatches(21, new Random(7));
        int first = sticky.partition(Partitions.all(1_000_000), Optional.empty());

        assertNotEquals(first, sticky.partition(Partitions.all(1_000_000), Optional.empty()));
    }

    @Test
    void namesASettingThatMakesNoSense() {
        assertEquals(5, StickyBatches.bytesOf(Map.of("sticky.bytes", "5")));
        assertRefused("sticky.bytes is a number of bytes, not 'many'", Map.of("sticky.bytes", "many"));
        assertRefused("sticky.bytes is at least 1, not 0", Map.of("sticky.bytes", "0"));
        assertRefused("unknown setting 'sticky'; known: sticky.bytes", Map.of("sticky", "1"));
    }

    private static void assertRefused(String message, Map<String, String> settings) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> StickyBatches.bytesOf(settings));
        assertEquals(message, refusal.getMessage());
    }
}
