package io.odradek.group.classic;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.coordinator.Decision;
import io.odradek.security.ClientText;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.Time;
import org.jboss.logging.Logger;

/** SyncGroup: the leader brings the assignment, everybody gets their part of it. */
final class Syncing {
    private static final Logger LOG = Logger.getLogger(Syncing.class);

    private final Rebalances rebalances;
    private final Sessions sessions;
    private final SizeLimits limits;
    private final Time time;

    Syncing(Rebalances rebalances, Sessions sessions, SizeLimits limits, Time time) {
        this.rebalances = rebalances;
        this.sessions = sessions;
        this.limits = limits;
        this.time = time;
    }

    Decision<CompletionStage<SyncGroupResponseData>> sync(ClassicGroup group, SyncGroupRequestData request) {
        var refusal = refusal(group, request);
        if (refusal != Errors.NONE) {
            return now(Answers.syncError(refusal));
        }
        var member = group.member(request.memberId()).orElseThrow();
        rebalances.hasSynced(group, member.memberId());
        if (group.isIn(GroupState.STABLE)) {
            return now(Answers.synced(group, member));
        }
        return group.isLeader(member.memberId()) ? lead(group, member, request) : wait(member);
    }

    private static Errors refusal(ClassicGroup group, SyncGroupRequestData request) {
        if (group.isIn(GroupState.EMPTY)) {
            return Errors.UNKNOWN_MEMBER_ID;
        }
        try {
            group.requireMember(request.memberId(), Optional.ofNullable(request.groupInstanceId()));
        } catch (ApiException e) {
            return Errors.forException(e);
        }
        if (request.generationId() != group.generationId()) {
            return Errors.ILLEGAL_GENERATION;
        }
        if (differs(request.protocolType(), group.protocolType())
                || differs(request.protocolName(), group.protocolName())) {
            return Errors.INCONSISTENT_GROUP_PROTOCOL;
        }
        return group.isIn(GroupState.PREPARING_REBALANCE) ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE;
    }

    /** @param said null by clients that are too old to say it */
    private static boolean differs(String said, Optional<String> actual) {
        return said != null && actual.isPresent() && !actual.get().equals(said);
    }

    private static Decision<CompletionStage<SyncGroupResponseData>> wait(ClassicMember member) {
        var waiting = new CompletableFuture<SyncGroupResponseData>();
        // The client has sent another request, so it has given up on the earlier one.
        member.waitForSync(waiting)
                .ifPresent(earlier -> earlier.complete(Answers.syncError(Errors.REBALANCE_IN_PROGRESS)));
        return Decision.of(waiting);
    }

    private Decision<CompletionStage<SyncGroupResponseData>> lead(
            ClassicGroup group, ClassicMember leader, SyncGroupRequestData request) {
        var assignments = new HashMap<String, byte[]>();
        request.assignments().forEach(a -> assignments.put(a.memberId(), a.assignment()));
        group.assign(assignments);
        var record = GroupRecords.of(group);
        if (!limits.fits(record)) {
            return tooLarge(group);
        }
        group.stabilise(time.milliseconds());
        sessions.renew(group, leader);
        int generation = group.generationId();
        return new Decision<CompletionStage<SyncGroupResponseData>>(
                        List.of(record), CompletableFuture.completedStage(Answers.synced(group, leader)), () -> {})
                .whenCommitted(() -> handOut(group, generation));
    }

    /** Gives their assignments to those who waited for the leader, if the group has not gone on already. */
    private void handOut(ClassicGroup group, int generation) {
        if (group.generationId() == generation) {
            rebalances.answerSyncs(group, member -> Answers.synced(group, member));
        }
    }

    /** Members would make the same assignment again, so all of them are told, not only that there is a rebalance. */
    private Decision<CompletionStage<SyncGroupResponseData>> tooLarge(ClassicGroup group) {
        LOG.warnf(
                "The record of group %s with %d members would be larger than %d bytes, as much as its topic takes",
                ClientText.oneLine(group.groupId()), group.members().size(), limits.maxBytes());
        var error = Answers.syncError(Errors.MESSAGE_TOO_LARGE);
        rebalances.answerSyncs(group, member -> error.duplicate());
        List<CoordinatorRecord> records = rebalances.prepare(group, "its record would be too large");
        return Decision.of(records, CompletableFuture.completedStage(error));
    }

    private static Decision<CompletionStage<SyncGroupResponseData>> now(SyncGroupResponseData response) {
        return Decision.of(CompletableFuture.completedStage(response));
    }
}
