package io.odradek.plugins;

import io.odradek.spi.Partitioner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Puts every record where Apache Kafka's Java producer would: keys by Murmur2, records without a key in sticky batches
 * (KIP-480, KIP-794).
 *
 * <p>Setting {@code sticky.bytes}: see {@link StickyBatches}.
 */
public final class Murmur2Partitioner implements Partitioner {
    private static final int SEED = 0x9747b28c;
    private static final int MULTIPLIER = 0x5bd1e995;

    private int stickyBytes = StickyBatches.DEFAULT_BYTES;

    @Override
    public String name() {
        return "murmur2";
    }

    @Override
    public void configure(Map<String, String> settings) {
        stickyBytes = StickyBatches.bytesOf(settings);
    }

    @Override
    public Session newSession(String topic, RandomGenerator random) {
        var sticky = new StickyBatches(stickyBytes, random);
        return (partitions, key, value) -> key.isPresent()
                // Kafka drops the sign bit rather than taking the absolute value.
                ? (hash(key.get()) & Integer.MAX_VALUE) % partitions.count()
                : sticky.partition(partitions, value);
    }

    /** Murmur2 of the buffer's remaining bytes with the seed that Kafka's clients agree on. */
    static int hash(ByteBuffer key) {
        var bytes = key.slice().order(ByteOrder.LITTLE_ENDIAN);
        int hash = SEED ^ bytes.remaining();
        while (bytes.remaining() >= Integer.BYTES) {
            int word = bytes.getInt() * MULTIPLIER;
            hash = hash * MULTIPLIER ^ (word ^ word >>> 24) * MULTIPLIER;
        }
        if (bytes.hasRemaining()) {
            for (int shift = 0; bytes.hasRemaining(); shift += Byte.SIZE) {
                hash ^= (bytes.get() & 0xff) << shift;
            }
            hash *= MULTIPLIER;
        }
        hash = (hash ^ hash >>> 13) * MULTIPLIER;
        return hash ^ hash >>> 15;
    }
}
