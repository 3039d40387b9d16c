package io.odradek.metadata;

import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * A partition on its way to its next state: what is asked for, and what follows from it for the reassignment in progress,
 * for ISR, ELR and leader, and for the epochs. Used for one change, then thrown away.
 */
final class PartitionChange {
    /** Whom an election may choose. */
    enum Election {
        /** The preferred leader if it is in sync, whoever leads; else as {@link #CLEAN}. */
        PREFERRED,
        /** Whoever is known to have all that was committed, if the leader is not in service. */
        CLEAN,
        /** If there is nobody else, anybody who is in service: records may be lost. */
        UNCLEAN
    }

    private final PartitionImage before;
    private final IntPredicate active;
    private final ElectionRules rules;
    private List<Integer> replicas;
    private List<Integer> adding;
    private List<Integer> removing;
    private List<Integer> isr;
    private List<Integer> elr;
    private List<Integer> unclean = List.of();

    /** @param active who may lead and be in sync */
    PartitionChange(PartitionImage before, IntPredicate active, ElectionRules rules) {
        this.before = before;
        this.active = active;
        this.rules = rules;
        replicas = before.replicas();
        adding = before.addingReplicas();
        removing = before.removingReplicas();
        isr = before.isr();
        elr = before.elr();
    }

    PartitionChange isr(List<Integer> members) {
        isr = members;
        return this;
    }

    PartitionChange replicas(List<Integer> all, List<Integer> added, List<Integer> removed) {
        replicas = all;
        adding = added;
        removing = removed;
        return this;
    }

    /** This replica may have lost records that it had acknowledged. */
    PartitionChange uncleanlyShutDown(int replica) {
        unclean = List.of(replica);
        isr = Replicas.without(isr, unclean);
        return this;
    }

    /** Empty if nothing changes. */
    Optional<PartitionImage> settle() {
        settleIsr();
        completeReassignment();
        settleElr();
        var leader = elect();
        var lastKnownElr = lastKnownLeader(leader);
        if (leader == before.leader()
                && replicas.equals(before.replicas())
                && adding.equals(before.addingReplicas())
                && removing.equals(before.removingReplicas())
                && isr.equals(before.isr())
                && elr.equals(before.elr())
                && lastKnownElr.equals(before.lastKnownElr())) {
            return Optional.empty();
        }
        // A replica that is none any more must not go on with what it followed: the others see a new leader epoch.
        var newEpoch = leader != before.leader() || !replicas.containsAll(before.replicas());
        return Optional.of(new PartitionImage(
                before.partition(),
                replicas,
                isr,
                leader,
                newEpoch ? before.leaderEpoch() + 1 : before.leaderEpoch(),
                before.partitionEpoch() + 1,
                elr,
                lastKnownElr,
                adding,
                removing));
    }

    /** Who may not lead is not in sync. Without eligible leader replicas the last ones stay: they alone have all records. */
    private void settleIsr() {
        var members = isr.stream().filter(active::test).toList();
        if (!members.isEmpty() || rules.eligibleLeaderReplicas()) {
            isr = members;
        } else if (isr.isEmpty()) {
            isr = before.isr();
        }
    }

    /** Once all who come are in sync. Who goes leaves the ISR, if somebody else is in it. */
    private void completeReassignment() {
        if (adding.isEmpty() && removing.isEmpty()) {
            return;
        }
        var targetIsr = Replicas.without(isr, removing);
        var target = Replicas.without(replicas, removing);
        if (targetIsr.isEmpty() || target.isEmpty() || !targetIsr.containsAll(adding)) {
            return;
        }
        // With fewer replicas than before, those that stay must be in sync too, or the ISR would shrink for no need.
        if (adding.size() < removing.size() && !targetIsr.containsAll(target)) {
            return;
        }
        replicas = target;
        isr = targetIsr;
        adding = List.of();
        removing = List.of();
    }

    /** Nothing is committed while fewer than the minimum are in sync: who was, or was eligible, has all that ever was. */
    private void settleElr() {
        // As the leader counts: no partition can have more in sync than it has replicas.
        if (!rules.eligibleLeaderReplicas() || isr.size() >= Math.min(rules.minInsyncReplicas(), replicas.size())) {
            elr = List.of();
            return;
        }
        elr = replicas.stream()
                .filter(id -> before.isr().contains(id) || before.elr().contains(id))
                .filter(id -> !isr.contains(id) && !unclean.contains(id))
                .toList();
    }

    /** Who leads from now on; sets ISR and ELR as that asks for. */
    private int elect() {
        var clean = cleanLeader();
        if (clean.isPresent()) {
            if (!isr.contains(clean.get())) {
                isr = List.of(clean.get());
                settleElr();
            }
            return clean.get();
        }
        var other = lastKnownLeader();
        if (other.isEmpty() && rules.election() == Election.UNCLEAN) {
            other = replicas.stream().filter(active::test).findFirst();
        }
        if (other.isEmpty()) {
            return PartitionImage.NO_LEADER;
        }
        // Its log is the truth from now on, whatever the others have.
        isr = List.of(other.get());
        elr = List.of();
        return other.get();
    }

    private Optional<Integer> cleanLeader() {
        if (rules.election() == Election.PREFERRED && isEligible(replicas.get(0))) {
            return Optional.of(replicas.get(0));
        }
        if (isEligible(before.leader())) {
            return Optional.of(before.leader());
        }
        return replicas.stream().filter(this::isEligible).findFirst();
    }

    private boolean isEligible(int replica) {
        var hasAllRecords = isr.isEmpty() ? elr.contains(replica) : isr.contains(replica);
        return hasAllRecords && active.test(replica);
    }

    /** Who led last, where all who were in sync have come back from an unclean shutdown. */
    private Optional<Integer> lastKnownLeader() {
        return rules.eligibleLeaderReplicas()
                        && isr.isEmpty()
                        && elr.isEmpty()
                        && before.lastKnownElr().size() == 1
                ? before.lastKnownElr().stream()
                        .filter(id -> replicas.contains(id) && active.test(id))
                        .findFirst()
                : Optional.empty();
    }

    private List<Integer> lastKnownLeader(int leader) {
        if (!rules.eligibleLeaderReplicas() || leader != PartitionImage.NO_LEADER) {
            return List.of();
        }
        return before.hasLeader() ? List.of(before.leader()) : before.lastKnownElr();
    }
}
