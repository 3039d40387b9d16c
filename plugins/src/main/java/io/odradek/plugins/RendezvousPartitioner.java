package io.odradek.plugins;

import io.odradek.spi.Partitioner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Highest random weight (Thaler and Ravishankar, 1998): every partition gets a weight from a hash of the key and its own
 * number, and the heaviest one gets the record. A partition that is added takes its fair share of the keys from all the
 * others, and no key moves between two old partitions; with a modulo nearly all keys would move.
 *
 * <p>Costs one pass over the key and then one multiplication chain per partition, about two nanoseconds each, and no
 * allocation. The hash is part of the contract: it never changes, or keys would move with an upgrade.
 *
 * <p>Records without a key go in sticky batches. Setting {@code sticky.bytes}: see {@link StickyBatches}.
 */
public final class RendezvousPartitioner implements Partitioner {
    /** The step and the mixer of SplitMix64 (Steele, Lea, Flood, 2014). */
    private static final long STEP = 0x9e3779b97f4a7c15L;

    private int stickyBytes = StickyBatches.DEFAULT_BYTES;

    @Override
    public String name() {
        return "rendezvous";
    }

    @Override
    public void configure(Map<String, String> settings) {
        stickyBytes = StickyBatches.bytesOf(settings);
    }

    @Override
    public Session newSession(String topic, RandomGenerator random) {
        var sticky = new StickyBatches(stickyBytes, random);
        return (partitions, key, value) ->
                key.isPresent() ? heaviest(hash(key.get()), partitions.count()) : sticky.partition(partitions, value);
    }

    static int heaviest(long keyHash, int partitions) {
        int heaviest = 0;
        long highestWeight = Long.MIN_VALUE;
        long seed = keyHash;
        for (int partition = 0; partition < partitions; partition++) {
            seed += STEP;
            long weight = mix(seed);
            if (weight > highestWeight) {
                highestWeight = weight;
                heaviest = partition;
            }
        }
        return heaviest;
    }

    static long hash(ByteBuffer key) {
        var bytes = key.slice().order(ByteOrder.LITTLE_ENDIAN);
        long hash = mix(bytes.remaining() + STEP);
        while (bytes.remaining() >= Long.BYTES) {
            hash = mix(hash ^ bytes.getLong());
        }
        long tail = 0;
        while (bytes.hasRemaining()) {
            tail = tail << Byte.SIZE | bytes.get() & 0xff;
        }
        return mix(hash ^ tail);
    }

    private static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }
}
