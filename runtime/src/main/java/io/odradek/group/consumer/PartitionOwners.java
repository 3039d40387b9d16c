package io.odradek.group.consumer;

import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * Which member owns each partition, those included that it has been told to give up: nobody else gets a partition before
 * its owner has let it go. Immutable.
 */
record PartitionOwners(PMap<Uuid, PMap<Integer, String>> members) {
    static final PartitionOwners NONE = new PartitionOwners(HashTreePMap.empty());

    Optional<String> of(Uuid topic, int partition) {
        return Optional.ofNullable(
                members.getOrDefault(topic, HashTreePMap.empty()).get(partition));
    }

    PartitionOwners changed(String memberId, CurrentAssignment before, CurrentAssignment after) {
        if (before.assigned().equals(after.assigned())
                && before.pendingRevocation().equals(after.pendingRevocation())) {
            return this;
        }
        return without(memberId, before.assigned())
                .without(memberId, before.pendingRevocation())
                .with(memberId, after.assigned())
                .with(memberId, after.pendingRevocation());
    }

    private PartitionOwners with(String memberId, OwnedPartitions partitions) {
        var all = members;
        for (var topic : partitions.topics()) {
            PMap<Integer, String> owners = all.getOrDefault(topic, HashTreePMap.empty());
            for (var partition : partitions.of(topic).keySet()) {
                owners = owners.plus(partition, memberId);
            }
            all = all.plus(topic, owners);
        }
        return new PartitionOwners(all);
    }

    private PartitionOwners without(String memberId, OwnedPartitions partitions) {
        var all = members;
        for (var topic : partitions.topics()) {
            PMap<Integer, String> owners = all.getOrDefault(topic, HashTreePMap.empty());
            for (var partition : partitions.of(topic).keySet()) {
                // In a log that was compacted in part, a record of its next owner may come first.
                if (memberId.equals(owners.get(partition))) {
                    owners = owners.minus(partition);
                }
            }
            all = owners.isEmpty() ? all.minus(topic) : all.plus(topic, owners);
        }
        return new PartitionOwners(all);
    }
}
