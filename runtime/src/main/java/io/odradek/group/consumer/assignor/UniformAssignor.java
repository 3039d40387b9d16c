package io.odradek.group.consumer.assignor;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;

/**
 * Members get the same number of partitions, give or take one, and keep what they have as far as that allows. Members with
 * different subscriptions get as close to that as these allow.
 */
public final class UniformAssignor implements PartitionAssignor {
    @Override
    public String name() {
        return "uniform";
    }

    @Override
    public Map<String, Map<Uuid, Set<Integer>>> assign(GroupSpec group) {
        if (group.members().isEmpty()) {
            return Map.of();
        }
        return group.isHomogeneous()
                ? new EqualSubscriptions(group).assign()
                : new DifferentSubscriptions(group).assign();
    }
}
