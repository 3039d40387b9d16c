package io.odradek.metadata;

import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/** How a partition's ISR and leader follow from which brokers are in service. */
final class Leadership {
    private Leadership() {}

    static PartitionImage created(int partition, List<Integer> replicas, List<Integer> isr) {
        return new PartitionImage(partition, replicas, isr, isr.get(0), 0, 0, List.of(), List.of());
    }

    /**
     * Without a broker that is out of service already. The last member stays in the ISR: it alone is known to have all
     * records.
     */
    static Optional<PartitionImage> without(
            PartitionImage before, int broker, IntPredicate inService, boolean uncleanElection) {
        var shrinks = before.isr().size() > 1 && before.isr().contains(broker);
        if (!shrinks && before.leader() != broker) {
            return Optional.empty();
        }
        var isr = shrinks ? before.isr().stream().filter(id -> id != broker).toList() : before.isr();
        return Optional.of(settle(before, isr, inService, uncleanElection));
    }

    /** With a leader, if it had none and one can be elected. */
    static Optional<PartitionImage> elected(PartitionImage before, IntPredicate inService, boolean uncleanElection) {
        if (before.hasLeader() || candidate(before, before.isr(), inService, uncleanElection) == null) {
            return Optional.empty();
        }
        return Optional.of(settle(before, before.isr(), inService, uncleanElection));
    }

    private static PartitionImage settle(
            PartitionImage before, List<Integer> isr, IntPredicate inService, boolean uncleanElection) {
        int leader = before.leader();
        if (leader == PartitionImage.NO_LEADER || !inService.test(leader)) {
            var candidate = candidate(before, isr, inService, uncleanElection);
            leader = candidate == null ? PartitionImage.NO_LEADER : candidate;
        }
        // An unclean leader's log is the truth from now on, whatever the others have.
        var members = leader == PartitionImage.NO_LEADER || isr.contains(leader) ? isr : List.of(leader);
        return new PartitionImage(
                before.partition(),
                before.replicas(),
                members,
                leader,
                leader == before.leader() ? before.leaderEpoch() : before.leaderEpoch() + 1,
                before.partitionEpoch() + 1,
                before.elr(),
                before.lastKnownElr());
    }

    /** Null if there is none. */
    private static Integer candidate(
            PartitionImage partition, List<Integer> isr, IntPredicate inService, boolean uncleanElection) {
        Integer unclean = null;
        for (var replica : partition.replicas()) {
            if (inService.test(replica)) {
                if (isr.contains(replica)) {
                    return replica;
                }
                unclean = unclean == null ? replica : unclean;
            }
        }
        return uncleanElection ? unclean : null;
    }
}
