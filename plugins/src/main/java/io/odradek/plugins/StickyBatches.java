package io.odradek.plugins;

import io.odradek.spi.Partitioner.Partitions;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Records without a key: stays with one partition until about a batch of bytes went there, then goes on to another one
 * at random. Batches stay large and partitions fill evenly (KIP-480, KIP-794). The state of one session; not thread-safe.
 *
 * <p>Setting {@code sticky.bytes}: how many bytes go to a partition before the next one is chosen, at least 1; 16,384
 * (the producer's default {@code batch.size}) unless set.
 */
final class StickyBatches {
    static final int DEFAULT_BYTES = 16_384;
    /** What a record costs beside its value, as Kafka estimates it: lengths, deltas, attributes of a v2 record. */
    private static final int RECORD_OVERHEAD_BYTES = 21;

    private static final String SETTING = "sticky.bytes";
    private static final int NONE = -1;

    private final int batchBytes;
    private final RandomGenerator random;
    private int current = NONE;
    private long bytesInBatch;

    StickyBatches(int batchBytes, RandomGenerator random) {
        this.batchBytes = batchBytes;
        this.random = random;
    }

    /** Reads the one setting of a partitioner that uses sticky batches. */
    static int bytesOf(Map<String, String> settings) {
        for (var name : settings.keySet()) {
            if (!name.equals(SETTING)) {
                throw new IllegalArgumentException("unknown setting '" + name + "'; known: " + SETTING);
            }
        }
        var text = settings.getOrDefault(SETTING, Integer.toString(DEFAULT_BYTES));
        int bytes;
        try {
            bytes = Integer.parseInt(text.trim());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(SETTING + " is a number of bytes, not '" + text + "'");
        }
        if (bytes < 1) {
            throw new IllegalArgumentException(SETTING + " is at least 1, not " + bytes);
        }
        return bytes;
    }

    int partition(Partitions partitions, Optional<ByteBuffer> value) {
        if (!usable(partitions) || bytesInBatch >= batchBytes) {
            current = next(partitions);
            bytesInBatch = 0;
        }
        bytesInBatch += RECORD_OVERHEAD_BYTES + value.map(ByteBuffer::remaining).orElse(0);
        return current;
    }

    private boolean usable(Partitions partitions) {
        return current != NONE
                && current < partitions.count()
                && (partitions.available().isEmpty() || partitions.available().contains(current));
    }

    private int next(Partitions partitions) {
        var available = partitions.available();
        return available.isEmpty()
                ? random.nextInt(partitions.count())
                : available.get(random.nextInt(available.size()));
    }
}
