package io.odradek.cli;

import io.odradek.spi.Partitioner;
import io.odradek.spi.Partitioner.Partitions;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.PartitionInfo;

/** Asks a partitioner of the SPI for the partition of a record, with the topic's partitions as the producer knows them. */
final class PartitionChoice {
    private final Partitioner.Session session;
    private final Supplier<List<PartitionInfo>> metadata;
    private List<PartitionInfo> known = List.of();
    private Partitions partitions;

    /** @param metadata the topic's partitions; answers the same list until something about them changes */
    PartitionChoice(Partitioner.Session session, Supplier<List<PartitionInfo>> metadata) {
        this.session = session;
        this.metadata = metadata;
    }

    int choose(InputRecord record) {
        var current = metadata.get();
        if (current != known) {
            known = current;
            partitions = new Partitions(
                    current.size(),
                    current.stream()
                            .filter(p -> p.leader() != null)
                            .map(PartitionInfo::partition)
                            .sorted()
                            .toList());
        }
        int partition = session.partition(
                partitions, record.key().map(ByteBuffer::wrap), record.value().map(ByteBuffer::wrap));
        if (partition < 0 || partition >= partitions.count()) {
            throw new CommandFailure("there is no partition " + partition + ": the topic has " + partitions.count());
        }
        return partition;
    }

    /** The same partition for every record. */
    static PartitionChoice fixed(int partition, Supplier<List<PartitionInfo>> metadata) {
        return new PartitionChoice((partitions, key, value) -> partition, metadata);
    }
}
