package io.odradek.plugins;

import io.odradek.spi.Partitioner;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Gives each partition one record after the other, whatever their keys. Skips partitions without a leader while there
 * are others. A session starts at a random partition, so that many short ones do not all favour the first.
 */
public final class RoundRobinPartitioner implements Partitioner {
    @Override
    public String name() {
        return "round-robin";
    }

    @Override
    public Session newSession(String topic, RandomGenerator random) {
        return new Turns(random);
    }

    private static final class Turns implements Session {
        private final RandomGenerator random;
        private int last = -1;

        Turns(RandomGenerator random) {
            this.random = random;
        }

        @Override
        public int partition(Partitions partitions, Optional<ByteBuffer> key, Optional<ByteBuffer> value) {
            int count = partitions.count();
            int next = last < 0 ? random.nextInt(count) : (last + 1) % count;
            last = partitions.available().isEmpty() ? next : firstFrom(partitions, next);
            return last;
        }

        private static int firstFrom(Partitions partitions, int start) {
            for (int available : partitions.available()) {
                if (available >= start) {
                    return available;
                }
            }
            return partitions.available().get(0);
        }
    }
}
