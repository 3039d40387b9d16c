package io.odradek.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.odradek.spi.Partitioner.Partitions;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

class Murmur2PartitionerTest {
    @Property
    void hashesLikeKafka(@ForAll byte[] key) {
        assertEquals(Utils.murmur2(key), Murmur2Partitioner.hash(ByteBuffer.wrap(key)));
    }

    @Property
    void choosesThePartitionThatKafkasProducerChooses(
            @ForAll byte[] key, @ForAll @IntRange(min = 1, max = 10_000) int partitions) {
        var session = new Murmur2Partitioner().newSession("topic", new Random(1));

        assertEquals(
                BuiltInPartitioner.partitionForKey(key, partitions),
                session.partition(Partitions.all(partitions), Optional.of(ByteBuffer.wrap(key)), Optional.empty()));
    }

    @Test
    void hashesFromThePositionOfTheBufferInEitherByteOrder() {
        var key = "some longer key".getBytes();
        var padded = ByteBuffer.allocateDirect(key.length + 5);
        padded.position(3).put(3, key).limit(3 + key.length);

        assertEquals(Utils.murmur2(key), Murmur2Partitioner.hash(padded));
    }
}
