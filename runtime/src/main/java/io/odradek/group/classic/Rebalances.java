package io.odradek.group.classic;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.coordinator.Decision;
import io.odradek.coordinator.ShardTimers;
import io.odradek.group.Groups;
import io.odradek.group.classic.ClassicGroup.InitialRebalance;
import io.odradek.security.ClientText;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.Time;
import org.jboss.logging.Logger;

/**
 * How a group comes from one generation to the next: all members are to join, then those who did are the generation, and
 * each is to ask for its assignment. Who does neither within the rebalance timeout is out.
 *
 * <p>The returned records are to be written: one if the group has become empty, none otherwise.
 */
final class Rebalances {
    private static final Logger LOG = Logger.getLogger(Rebalances.class);
    private static final List<CoordinatorRecord> NOTHING_TO_WRITE = List.of();

    private final Groups groups;
    private final Sessions sessions;
    private final ShardTimers timers;
    private final Time time;
    private final IntSupplier initialDelayMs;

    /** @param initialDelayMs {@code group.initial.rebalance.delay.ms} */
    Rebalances(Groups groups, Sessions sessions, ShardTimers timers, Time time, IntSupplier initialDelayMs) {
        this.groups = groups;
        this.sessions = sessions;
        this.timers = timers;
        this.time = time;
        this.initialDelayMs = initialDelayMs;
    }

    /** For a change that needs a new generation; if members are joining already, it may have been the last to wait for. */
    List<CoordinatorRecord> prepareOrGoOn(ClassicGroup group, String reason) {
        return group.canPrepareRebalance() ? prepare(group, reason) : goOn(group);
    }

    /** Begins a rebalance. */
    List<CoordinatorRecord> prepare(ClassicGroup group, String reason) {
        abandonAssignments(group);
        timers.cancel(TimerKeys.sync(group.groupId()));
        group.pendingSyncs().clear();
        group.prepareRebalance(time.milliseconds());
        LOG.infof(
                "Group %s rebalances, its generation %d ends: %s",
                ClientText.oneLine(group.groupId()), group.generationId(), ClientText.oneLine(reason));
        if (group.initialRebalance() != InitialRebalance.NONE) {
            int delayMs = initialDelayMs.getAsInt();
            waitForMoreMembers(group, delayMs, Math.max(group.membership().rebalanceTimeoutMs() - delayMs, 0));
            return NOTHING_TO_WRITE;
        }
        return group.allHaveJoined() ? complete(group) : waitForJoins(group);
    }

    /** Those who wait for assignments of the generation that ends are to join again. */
    private void abandonAssignments(ClassicGroup group) {
        if (group.isIn(GroupState.COMPLETING_REBALANCE)) {
            group.assign(Map.of());
        }
        // Also in a stable group, whose assignments are written but not committed yet.
        answerSyncs(group, member -> Answers.syncError(Errors.REBALANCE_IN_PROGRESS));
    }

    /** Answers all members that wait for their assignments. */
    void answerSyncs(ClassicGroup group, Function<ClassicMember, SyncGroupResponseData> response) {
        for (var member : group.members()) {
            if (member.isWaitingForSync()) {
                Answers.answerSync(member, response.apply(member));
                // While it waited, its session may have ended without effect.
                sessions.renew(group, member);
            }
        }
    }

    private List<CoordinatorRecord> waitForJoins(ClassicGroup group) {
        schedule(
                TimerKeys.join(group.groupId()),
                group,
                group.membership().rebalanceTimeoutMs(),
                this::completeIfJoining);
        return NOTHING_TO_WRITE;
    }

    /**
     * A group that was empty waits for members as long as new ones come.
     *
     * @param remainingMs of the time that the group may wait in all, after {@code delayMs}
     */
    private void waitForMoreMembers(ClassicGroup group, int delayMs, int remainingMs) {
        schedule(TimerKeys.join(group.groupId()), group, delayMs, waited -> {
            if (waited.initialRebalance() != InitialRebalance.MEMBER_ADDED || remainingMs == 0) {
                return completeIfJoining(waited);
            }
            waited.waitForMoreMembers();
            waitForMoreMembers(
                    waited, Math.min(initialDelayMs.getAsInt(), remainingMs), Math.max(remainingMs - delayMs, 0));
            return NOTHING_TO_WRITE;
        });
    }

    /** Ends the joining if all have joined, unless the group waits for members that nobody knows of yet. */
    List<CoordinatorRecord> goOn(ClassicGroup group) {
        return group.initialRebalance() == InitialRebalance.NONE ? completeIfAllJoined(group) : NOTHING_TO_WRITE;
    }

    List<CoordinatorRecord> completeIfAllJoined(ClassicGroup group) {
        return group.isIn(GroupState.PREPARING_REBALANCE) && group.allHaveJoined() ? complete(group) : NOTHING_TO_WRITE;
    }

    /** A timer's operation is run again if its commit took too long. */
    private List<CoordinatorRecord> completeIfJoining(ClassicGroup group) {
        return group.isIn(GroupState.PREPARING_REBALANCE) ? complete(group) : NOTHING_TO_WRITE;
    }

    /** Those who have joined by now, and static members, are the next generation. */
    private List<CoordinatorRecord> complete(ClassicGroup group) {
        timers.cancel(TimerKeys.join(group.groupId()));
        for (var member : group.membership().copy()) {
            if (!member.isWaitingForJoin() && !member.isStatic()) {
                group.remove(member.memberId());
                sessions.end(group, member.memberId());
            }
        }
        if (group.members().isEmpty()) {
            group.beginGeneration(time.milliseconds());
            LOG.debugf(
                    "Group %s is empty since generation %d", ClientText.oneLine(group.groupId()), group.generationId());
            return List.of(GroupRecords.of(group));
        }
        if (!group.electLeader()) {
            // Only static members, none of which is back: one after the other, their sessions end.
            return waitForJoins(group);
        }
        group.beginGeneration(time.milliseconds());
        LOG.infof(
                "Group %s has %d members in generation %d",
                ClientText.oneLine(group.groupId()), group.members().size(), group.generationId());
        for (var member : group.members()) {
            Answers.answerJoin(group, member, Answers.joined(group, member.memberId()));
            member.joinsForTheFirstTime(false);
            sessions.renew(group, member);
        }
        waitForSyncs(group);
        return NOTHING_TO_WRITE;
    }

    private void waitForSyncs(ClassicGroup group) {
        int generation = group.generationId();
        schedule(TimerKeys.sync(group.groupId()), group, group.membership().rebalanceTimeoutMs(), waited -> {
            boolean goesOn = waited.generationId() == generation
                    && (waited.isIn(GroupState.COMPLETING_REBALANCE) || waited.isIn(GroupState.STABLE));
            return goesOn ? throwOut(waited, Set.copyOf(waited.pendingSyncs())) : NOTHING_TO_WRITE;
        });
    }

    private List<CoordinatorRecord> throwOut(ClassicGroup group, Set<String> neverSynced) {
        if (neverSynced.isEmpty()) {
            return NOTHING_TO_WRITE;
        }
        for (var memberId : neverSynced) {
            group.remove(memberId);
            sessions.end(group, memberId);
        }
        return prepare(group, neverSynced.size() + " members did not ask for their assignments");
    }

    /** The member has asked for its assignment. */
    void hasSynced(ClassicGroup group, String memberId) {
        group.pendingSyncs().remove(memberId);
        if (group.pendingSyncs().isEmpty()) {
            timers.cancel(TimerKeys.sync(group.groupId()));
        }
    }

    /** Forgets what was to happen with a group that is not a classic one any more. */
    void stop(ClassicGroup group) {
        timers.cancel(TimerKeys.join(group.groupId()));
        timers.cancel(TimerKeys.sync(group.groupId()));
        group.members().forEach(member -> sessions.end(group, member.memberId()));
        group.pendingJoins().forEach(memberId -> sessions.end(group, memberId));
    }

    /** @param work is done if the group is still there */
    private void schedule(
            String key, ClassicGroup group, long delayMs, Function<ClassicGroup, List<CoordinatorRecord>> work) {
        timers.schedule(key, delayMs, () -> groups.get(group.groupId(), ClassicGroup.class)
                .filter(current -> current == group)
                .map(current -> Decision.of(work.apply(current)))
                .orElse(Decision.nothing()));
    }
}
