package io.odradek.group.consumer;

import io.odradek.coordinator.Decision;
import io.odradek.group.ClassicCaller;
import io.odradek.group.consumer.MemberUpdate.SubscriptionChange;
import io.odradek.group.message.ConsumerGroupMemberMetadataValue.ClassicMemberMetadata;
import io.odradek.group.message.ConsumerGroupMemberMetadataValue.ClassicProtocol;
import java.util.Optional;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.errors.IllegalGenerationException;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.types.SchemaException;
import org.apache.kafka.common.requests.JoinGroupRequest;

/**
 * Members of a consumer group that speak the classic protocol: their generation is the member epoch, their assignment that
 * of the coordinator, and nobody waits for anybody else. Whatever fails is thrown.
 */
final class ClassicMembers {
    private final GroupEnvironment environment;
    private final GroupTimers timers;
    private final Reconciler reconciler;
    private final Downgrades downgrades;

    ClassicMembers(GroupEnvironment environment, GroupTimers timers, Reconciler reconciler, Downgrades downgrades) {
        this.environment = environment;
        this.timers = timers;
        this.reconciler = reconciler;
        this.downgrades = downgrades;
    }

    Decision<JoinGroupResponseData> join(ConsumerGroup group, ClassicCaller caller, JoinGroupRequestData request) {
        requireMigration(group);
        boolean unknown = request.memberId().equals(JoinGroupRequest.UNKNOWN_MEMBER_ID);
        var memberId = unknown ? environment.newId().toString() : request.memberId();
        Admission.requireRoom(group, memberId, environment.settings().maxSize());
        requireSupported(group, memberId, request);
        if (JoinGroupRequest.requiresKnownMemberId(request, caller.apiVersion())) {
            return Decision.of(
                    new JoinGroupResponseData().setMemberId(memberId).setErrorCode(Errors.MEMBER_ID_REQUIRED.code()));
        }
        var subscription = subscription(request);
        var draft = new GroupDraft(group);
        var instanceId = Optional.ofNullable(request.groupInstanceId());
        boolean downgrade = instanceId
                .flatMap(group::staticMember)
                .map(existing -> downgrades.isDueWithReplacement(group, existing))
                .orElse(false);
        var admitted = admit(draft, memberId, instanceId, unknown);

        var update = new MemberUpdate(environment, draft, memberId);
        var change = update.say(admitted, metadata(admitted.member().metadata(), caller, request, subscription));
        boolean changed = change != SubscriptionChange.NONE;
        update.updateEpoch(changed);
        boolean stale = draft.group().target().epoch() < draft.group().epoch();
        if (!downgrade) {
            update.updateTarget();
        }
        if (!downgrade || !stale) {
            var owned = EmbeddedProtocol.owned(subscription, environment.image());
            reconciler.reconcile(update, group.groupId(), changed, Optional.of(owned));
        }
        environment.seenItsTopics(group.groupId());
        admitted.replaced().ifPresent(old -> timers.cancelAll(group.groupId(), old));
        timers.cancelJoin(group.groupId(), memberId);
        var response = new JoinGroupResponseData()
                .setMemberId(memberId)
                .setGenerationId(update.member().epoch())
                .setProtocolType(ConsumerProtocol.PROTOCOL_TYPE)
                .setProtocolName(protocol(update.member()).name());
        if (downgrade) {
            return downgrades.afterReplacement(draft, stale, response);
        }
        timers.session(group.groupId(), memberId, request.sessionTimeoutMs());
        timers.sync(group.groupId(), memberId, request.rebalanceTimeoutMs());
        return Decision.of(draft.records(), response);
    }

    private void requireMigration(ConsumerGroup group) {
        var policy = environment.settings().migrationPolicy();
        if (!policy.allowsUpgrade() && !policy.allowsDowngrade()) {
            throw new InconsistentGroupProtocolException("Cannot join the consumer group " + group.groupId()
                    + " with the classic protocol because the group migration is disabled.");
        }
    }

    /** One of the protocols must be one that all classic members support: they may become a classic group again. */
    private static void requireSupported(ConsumerGroup group, String memberId, JoinGroupRequestData request) {
        boolean supported = ConsumerProtocol.PROTOCOL_TYPE.equals(request.protocolType())
                && request.protocols().stream().anyMatch(protocol -> group.members().values().stream()
                        .flatMap(member -> member.metadata().classic().stream())
                        .allMatch(classic -> classic.supportedProtocols().stream()
                                .anyMatch(p -> p.name().equals(protocol.name()))));
        if (!supported) {
            throw new InconsistentGroupProtocolException("Member " + memberId + "'s protocols are not supported.");
        }
    }

    private static ConsumerProtocolSubscription subscription(JoinGroupRequestData request) {
        try {
            return EmbeddedProtocol.subscription(
                    request.protocols().iterator().next().metadata());
        } catch (SchemaException e) {
            throw new InconsistentGroupProtocolException(
                    "Malformed embedded consumer protocol in subscription deserialization.");
        }
    }

    private static Admission.Admitted admit(
            GroupDraft draft, String memberId, Optional<String> instanceId, boolean unknown) {
        if (instanceId.isEmpty()) {
            return Admission.dynamic(draft.group(), memberId, true);
        }
        return unknown
                ? Admission.joiningStatic(draft, memberId, instanceId.get(), true)
                : new Admission.Admitted(
                        Admission.requireStatic(draft.group(), memberId, instanceId.get()), true, Optional.empty());
    }

    private static MemberMetadata metadata(
            MemberMetadata before,
            ClassicCaller caller,
            JoinGroupRequestData request,
            ConsumerProtocolSubscription subscription) {
        var protocols = request.protocols().stream()
                .map(protocol -> new ClassicProtocol().setName(protocol.name()).setMetadata(protocol.metadata()))
                .toList();
        return new MemberMetadata(
                Optional.ofNullable(request.groupInstanceId()).or(before::instanceId),
                EmbeddedProtocol.rack(subscription).or(before::rackId),
                request.rebalanceTimeoutMs() == -1 ? before.rebalanceTimeoutMs() : request.rebalanceTimeoutMs(),
                caller.clientId(),
                caller.clientHost(),
                MemberMetadata.sorted(subscription.topics()),
                "",
                before.serverAssignor(),
                Optional.of(new ClassicMemberMetadata()
                        .setSessionTimeoutMs(request.sessionTimeoutMs())
                        .setSupportedProtocols(protocols)));
    }

    private static ClassicProtocol protocol(ConsumerGroupMember member) {
        return member.metadata().classic().orElseThrow().supportedProtocols().get(0);
    }

    Decision<SyncGroupResponseData> sync(ConsumerGroup group, SyncGroupRequestData request) {
        var member = require(group, request.memberId(), Optional.ofNullable(request.groupInstanceId()));
        requireGeneration(member, request.generationId());
        requireProtocol(member, request);
        requireNoRebalance(group, member);
        timers.cancelSync(group.groupId(), member.memberId());
        renewSession(group, member);
        return Decision.of(new SyncGroupResponseData()
                .setProtocolType(request.protocolType())
                .setProtocolName(request.protocolName())
                .setAssignment(EmbeddedProtocol.bytes(
                        member.current().assigned().partitions(), protocol(member), environment.image())));
    }

    private static ConsumerGroupMember require(ConsumerGroup group, String memberId, Optional<String> instanceId) {
        if (instanceId.isPresent() && group.staticMember(instanceId.get()).isEmpty()) {
            throw new UnknownMemberIdException(String.format(
                    "Member with instance id %s is not a member of group %s.", instanceId.get(), group.groupId()));
        }
        var member = instanceId
                .map(instance -> Admission.requireStatic(group, memberId, instance))
                .orElseGet(() -> group.requireMember(memberId));
        if (!member.usesClassicProtocol()) {
            throw new UnknownMemberIdException(
                    String.format("Member %s does not use the classic protocol.", member.memberId()));
        }
        return member;
    }

    private static void requireGeneration(ConsumerGroupMember member, int generationId) {
        if (member.epoch() != generationId) {
            throw new IllegalGenerationException(String.format(
                    "The request generation id %s is not equal to the member epoch %d of member %s.",
                    generationId, member.epoch(), member.memberId()));
        }
    }

    private static void requireProtocol(ConsumerGroupMember member, SyncGroupRequestData request) {
        if (request.protocolType() != null && !ConsumerProtocol.PROTOCOL_TYPE.equals(request.protocolType())) {
            throw new InconsistentGroupProtocolException(String.format(
                    "The protocol type %s from member %s request is not equal to the group protocol type %s.",
                    request.protocolType(), member.memberId(), ConsumerProtocol.PROTOCOL_TYPE));
        }
        var protocol = protocol(member).name();
        if (request.protocolName() != null && !protocol.equals(request.protocolName())) {
            throw new InconsistentGroupProtocolException(String.format(
                    "The protocol name %s from member %s request is not equal to the protocol name %s returned in the"
                            + " join response.",
                    request.protocolName(), member.memberId(), protocol));
        }
    }

    /** A member that has partitions to give up has joined for that, and does so first. */
    private void requireNoRebalance(ConsumerGroup group, ConsumerGroupMember member) {
        if (group.target().epoch() > member.epoch() && member.current().state() != MemberState.UNREVOKED_PARTITIONS) {
            timers.join(group.groupId(), member.memberId(), member.metadata().rebalanceTimeoutMs());
            throw new RebalanceInProgressException(String.format(
                    "A new rebalance is triggered in group %s and member %s should rejoin to catch up.",
                    group.groupId(), member.memberId()));
        }
    }

    private void renewSession(ConsumerGroup group, ConsumerGroupMember member) {
        timers.session(
                group.groupId(),
                member.memberId(),
                member.metadata().classic().orElseThrow().sessionTimeoutMs());
    }

    /**
     * The member is told to join again when there is a new target, it has partitions to give up, or some to get. Unlike
     * in Kafka, also when there should be a new target: where no member speaks the consumer protocol any more, and the
     * group may not become a classic one, nobody else would have it computed.
     */
    Decision<HeartbeatResponseData> heartbeat(ConsumerGroup group, HeartbeatRequestData request) {
        var member = require(group, request.memberId(), Optional.ofNullable(request.groupInstanceId()));
        requireGeneration(member, request.generationId());
        renewSession(group, member);
        var state = member.current().state();
        boolean rejoin = member.epoch() < group.target().epoch()
                || new TargetComputation(environment).isDue(group)
                || state == MemberState.UNREVOKED_PARTITIONS
                || state == MemberState.UNRELEASED_PARTITIONS && !group.waitsForPartitions(member);
        if (rejoin) {
            timers.join(group.groupId(), member.memberId(), member.metadata().rebalanceTimeoutMs());
        }
        return Decision.of(
                new HeartbeatResponseData().setErrorCode((rejoin ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE).code()));
    }
}
