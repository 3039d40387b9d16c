package io.odradek.group.consumer.assignor;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Uuid;

/** A way to share out partitions. Without state, thread-safe. */
public sealed interface PartitionAssignor permits RangeAssignor, UniformAssignor {
    /** Every assignor that there is. */
    List<PartitionAssignor> ALL = List.of(new UniformAssignor(), new RangeAssignor());

    /** As {@code group.consumer.assignors} and {@code group.remote.assignor} know it. */
    String name();

    /**
     * Gives every partition that someone is subscribed to, to one member that is.
     *
     * @return by member id, then by topic, sorted; a member that gets nothing has an empty map. May be kept
     */
    Map<String, Map<Uuid, Set<Integer>>> assign(GroupSpec group);

    static Optional<PartitionAssignor> named(String name) {
        return ALL.stream().filter(assignor -> assignor.name().equals(name)).findFirst();
    }
}
