package io.odradek.metadata;

import java.util.List;

/**
 * A partition.
 *
 * @param replicas broker ids, the preferred leader first
 * @param isr the in-sync replicas; never empty
 * @param leader {@link #NO_LEADER} while no member of the ISR is in service
 * @param leaderEpoch grows with each change of leader, and with each new incarnation of the leader
 * @param partitionEpoch grows with each change of this record
 * @param elr eligible leader replicas (KIP-966)
 * @param lastKnownElr the last members to leave ISR and ELR through an unclean stop (KIP-966)
 */
public record PartitionImage(
        int partition,
        List<Integer> replicas,
        List<Integer> isr,
        int leader,
        int leaderEpoch,
        int partitionEpoch,
        List<Integer> elr,
        List<Integer> lastKnownElr) {
    public static final int NO_LEADER = -1;

    public PartitionImage {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
        elr = List.copyOf(elr);
        lastKnownElr = List.copyOf(lastKnownElr);
    }

    public boolean hasLeader() {
        return leader != NO_LEADER;
    }

    public int preferredLeader() {
        return replicas.get(0);
    }
}
