package io.odradek.metadata;

import java.util.List;

/**
 * A partition.
 *
 * @param replicas broker ids, the preferred leader first; during a reassignment those it comes from and those it goes to
 * @param isr the in-sync replicas; empty only with eligible leader replicas (KIP-966), while none of them is in service
 * @param leader {@link #NO_LEADER} while no member of the ISR is in service
 * @param leaderEpoch grows with each change of leader, and with each new incarnation of the leader
 * @param partitionEpoch grows with each change of this record
 * @param elr eligible leader replicas (KIP-966): not in sync any more, but they have all that was ever committed, since
 *     nothing is while fewer than {@code min.insync.replicas} are in sync
 * @param lastKnownElr the last leader, while there is none (KIP-966)
 * @param addingReplicas those of {@code replicas} that a reassignment adds
 * @param removingReplicas those of {@code replicas} that a reassignment takes away
 */
public record PartitionImage(
        int partition,
        List<Integer> replicas,
        List<Integer> isr,
        int leader,
        int leaderEpoch,
        int partitionEpoch,
        List<Integer> elr,
        List<Integer> lastKnownElr,
        List<Integer> addingReplicas,
        List<Integer> removingReplicas) {
    public static final int NO_LEADER = -1;

    public PartitionImage {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
        elr = List.copyOf(elr);
        lastKnownElr = List.copyOf(lastKnownElr);
        addingReplicas = List.copyOf(addingReplicas);
        removingReplicas = List.copyOf(removingReplicas);
    }

    /** Without a reassignment. */
    public PartitionImage(
            int partition,
            List<Integer> replicas,
            List<Integer> isr,
            int leader,
            int leaderEpoch,
            int partitionEpoch,
            List<Integer> elr,
            List<Integer> lastKnownElr) {
        this(partition, replicas, isr, leader, leaderEpoch, partitionEpoch, elr, lastKnownElr, List.of(), List.of());
    }

    /** A new one, led by the first of those in sync. */
    static PartitionImage created(int partition, List<Integer> replicas, List<Integer> isr) {
        return new PartitionImage(partition, replicas, isr, isr.get(0), 0, 0, List.of(), List.of());
    }

    public boolean hasLeader() {
        return leader != NO_LEADER;
    }

    public int preferredLeader() {
        return replicas.get(0);
    }

    public boolean hasPreferredLeader() {
        return leader == preferredLeader();
    }

    public boolean isReassigning() {
        return !addingReplicas.isEmpty() || !removingReplicas.isEmpty();
    }

    /** Where a reassignment comes from; the replicas if there is none. */
    public List<Integer> originalReplicas() {
        return Replicas.without(replicas, addingReplicas);
    }

    /** Where a reassignment goes to; the replicas if there is none. */
    public List<Integer> targetReplicas() {
        return Replicas.without(replicas, removingReplicas);
    }
}
