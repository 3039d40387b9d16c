package io.odradek.group.consumer;

import io.odradek.coordinator.Decision;
import io.odradek.group.consumer.MemberUpdate.SubscriptionChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData.TopicPartitions;

/** ConsumerGroupHeartbeat: a member joins, reports, or hears of a new assignment. */
final class Heartbeats {
    private final GroupEnvironment environment;
    private final GroupTimers timers;
    private final RegexLookups lookups;
    private final Upgrades upgrades;
    private final Reconciler reconciler;

    Heartbeats(
            GroupEnvironment environment,
            GroupTimers timers,
            RegexLookups lookups,
            Upgrades upgrades,
            Reconciler reconciler) {
        this.environment = environment;
        this.timers = timers;
        this.lookups = lookups;
        this.upgrades = upgrades;
        this.reconciler = reconciler;
    }

    Decision<HeartbeatOutcome> heartbeat(ConsumerCaller caller, ConsumerGroupHeartbeatRequestData request) {
        boolean joins = request.memberEpoch() == 0;
        var groupId = request.groupId();
        var draft = joins ? upgrades.existingOrNew(groupId) : new GroupDraft(upgrades.require(groupId));
        Admission.requireRoom(
                draft.group(), request.memberId(), environment.settings().maxSize());
        var memberId = request.memberId().isEmpty() ? environment.newId().toString() : request.memberId();
        var admitted = admit(draft, memberId, request);
        var before = admitted.member();

        var update = new MemberUpdate(environment, draft, memberId);
        var change = update.say(admitted, metadata(before.metadata(), caller, request));
        update.updateEpoch(change == SubscriptionChange.COMPLETE);
        update.updateTarget();
        reconciler.reconcile(
                update, groupId, change != SubscriptionChange.NONE, Optional.ofNullable(request.topicPartitions()));

        environment.seenItsTopics(groupId);
        admitted.replaced().ifPresent(old -> timers.cancelAll(groupId, old));
        timers.session(groupId, memberId, environment.sessionTimeoutMs(groupId));
        var member = update.member();
        var response = new ConsumerGroupHeartbeatResponseData()
                .setMemberId(memberId)
                .setMemberEpoch(member.epoch())
                .setHeartbeatIntervalMs(environment.heartbeatIntervalMs(groupId));
        if (joins
                || isFull(request)
                || !before.current().assigned().equals(member.current().assigned())) {
            response.setAssignment(assignment(member));
        }
        return Decision.of(draft.records(), new HeartbeatOutcome(response, lookups.due(draft.group())));
    }

    private static Admission.Admitted admit(
            GroupDraft draft, String memberId, ConsumerGroupHeartbeatRequestData request) {
        boolean joins = request.memberEpoch() == 0;
        if (request.instanceId() != null && joins) {
            return Admission.joiningStatic(draft, memberId, request.instanceId(), false);
        }
        var admitted = request.instanceId() == null
                ? Admission.dynamic(draft.group(), memberId, joins)
                : new Admission.Admitted(
                        Admission.requireStatic(draft.group(), memberId, request.instanceId()), true, Optional.empty());
        Admission.requireEpoch(
                admitted.member(), request.memberEpoch(), Optional.ofNullable(request.topicPartitions()));
        return admitted;
    }

    /** What is null, or -1, has not changed since the member last said it. */
    private static MemberMetadata metadata(
            MemberMetadata before, ConsumerCaller caller, ConsumerGroupHeartbeatRequestData request) {
        return new MemberMetadata(
                Optional.ofNullable(request.instanceId()).or(before::instanceId),
                Optional.ofNullable(request.rackId()).or(before::rackId),
                request.rebalanceTimeoutMs() == -1 ? before.rebalanceTimeoutMs() : request.rebalanceTimeoutMs(),
                caller.clientId(),
                caller.clientHost(),
                request.subscribedTopicNames() == null
                        ? before.topicNames()
                        : MemberMetadata.sorted(request.subscribedTopicNames()),
                request.subscribedTopicRegex() == null ? before.topicRegex() : request.subscribedTopicRegex(),
                Optional.ofNullable(request.serverAssignor()).or(before::serverAssignor),
                Optional.empty());
    }

    /** A member that joins, or is in doubt after an error, tells everything and wants to hear everything. */
    private static boolean isFull(ConsumerGroupHeartbeatRequestData request) {
        return request.rebalanceTimeoutMs() != -1
                && (request.subscribedTopicNames() != null || request.subscribedTopicRegex() != null)
                && request.topicPartitions() != null;
    }

    private static ConsumerGroupHeartbeatResponseData.Assignment assignment(ConsumerGroupMember member) {
        List<TopicPartitions> topics = new ArrayList<>();
        member.current()
                .assigned()
                .partitions()
                .partitions()
                .forEach((topic, partitions) ->
                        topics.add(new TopicPartitions().setTopicId(topic).setPartitions(List.copyOf(partitions))));
        return new ConsumerGroupHeartbeatResponseData.Assignment().setTopicPartitions(topics);
    }
}
