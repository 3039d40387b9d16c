package io.odradek.spi;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Chooses the partition of a record wherever the choice is not the Kafka client's: records that arrive over HTTP, the
 * reactive API, the command line.
 *
 * <p>The plugin itself holds no state that records change. Whoever sends records opens a {@link Session} per topic and
 * asks it for every record; a session remembers what the partitioner needs between two records of the same sender, such
 * as the partition it currently sticks to. Randomness is handed in, so that a test can repeat every choice.
 *
 * <p>Threading: {@link #newSession} may be called by many threads at once. A session belongs to one caller, which calls
 * it from one thread at a time. Neither may block.
 *
 * <p>Example, all records of a customer in one partition and everything else in the first one:
 *
 * <pre>{@code
 * public final class CustomerPartitioner implements Partitioner {
 *     public String name() {
 *         return "customer";
 *     }
 *
 *     public Session newSession(String topic, RandomGenerator random) {
 *         return (partitions, key, value) ->
 *                 key.map(k -> Math.floorMod(k.hashCode(), partitions.count())).orElse(0);
 *     }
 * }
 * }</pre>
 *
 * with the line {@code com.example.CustomerPartitioner} in {@code META-INF/services/io.odradek.spi.Partitioner}.
 */
public interface Partitioner extends Plugin {
    /**
     * Opens the state of one sender for one topic.
     *
     * @param topic name of the topic that the session's records go to
     * @param random the only source of randomness the session may use; it belongs to the session alone
     */
    Session newSession(String topic, RandomGenerator random);

    /** One sender's view on one topic. Not safe for use by several threads. */
    @FunctionalInterface
    interface Session {
        /**
         * Chooses the partition of the next record.
         *
         * @param partitions the topic's partitions at this moment; a topic may have gained partitions since the last call
         * @param key the record's key, or empty if it has none; an empty buffer is a key of no bytes. Position and limit
         *     delimit it; they need not be restored
         * @param value the record's value, or empty for a tombstone
         * @return a partition from 0 to {@code partitions.count() - 1}; the caller refuses any other answer
         */
        int partition(Partitions partitions, Optional<ByteBuffer> key, Optional<ByteBuffer> value);
    }

    /**
     * The partitions of a topic.
     *
     * @param count number of partitions, at least 1; they are numbered from 0
     * @param available those that have a leader now, ascending; may be empty. A partitioner that promises one partition
     *     per key ignores it, others do well to prefer these
     */
    record Partitions(int count, List<Integer> available) {
        public Partitions {
            if (count < 1) {
                throw new IllegalArgumentException("a topic has at least one partition, not " + count);
            }
            available = List.copyOf(available);
        }

        /** All of a topic's partitions, every one with a leader. */
        public static Partitions all(int count) {
            return new Partitions(
                    count, java.util.stream.IntStream.range(0, count).boxed().toList());
        }
    }
}
