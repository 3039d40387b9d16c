package io.odradek.replication;

import java.util.Arrays;
import org.apache.kafka.common.Uuid;

/**
 * The partitions of one topic that this broker has. Read by any thread without a lock; written under the registry's
 * monitor, by replacing the array.
 */
final class HostedTopic {
    final Uuid id;
    final String name;
    /** Partition n at index n; null where this broker is no replica. */
    private volatile HostedPartition[] partitions = {};

    HostedTopic(Uuid id, String name) {
        this.id = id;
        this.name = name;
    }

    /** Null if this broker is no replica of it; spares the hot path an object. */
    HostedPartition partition(int partition) {
        var current = partitions;
        return partition >= 0 && partition < current.length ? current[partition] : null;
    }

    HostedPartition[] partitions() {
        return partitions;
    }

    void replace(HostedPartition[] next) {
        partitions = next;
    }

    HostedPartition[] copy(int count) {
        return Arrays.copyOf(partitions, count);
    }
}
