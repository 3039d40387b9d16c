package io.odradek.group.consumer;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.coordinator.Decision;
import io.odradek.group.ClassicCaller;
import io.odradek.group.ClassicProtocol;
import io.odradek.group.KindOfGroup;
import io.odradek.group.ShardParts;
import io.odradek.group.classic.ClassicGroups;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.jboss.logging.Logger;

/** The consumer groups of one shard. */
public final class ConsumerGroups implements KindOfGroup, ClassicProtocol {
    private static final Logger LOG = Logger.getLogger(ConsumerGroups.class);

    private final ShardParts parts;
    private final GroupEnvironment environment;
    private final GroupTimers timers;
    private final RegexLookups lookups;
    private final Upgrades upgrades;
    private final Downgrades downgrades;
    private final Reconciler reconciler;
    private final Heartbeats heartbeats;
    private final ClassicMembers classicMembers;
    private final Departures departures;
    private Optional<ClassicGroups> classicGroups = Optional.empty();

    public ConsumerGroups(ShardParts parts) {
        this.parts = parts;
        environment = new GroupEnvironment(parts);
        timers = new GroupTimers(parts.context().timers(), this::expel);
        lookups = new RegexLookups(environment);
        upgrades = new Upgrades(environment, parts.groups(), timers, this::classicGroups);
        downgrades = new Downgrades(environment, timers, this::classicGroups);
        reconciler = new Reconciler(parts.groups(), timers, this::expel);
        heartbeats = new Heartbeats(environment, timers, lookups, upgrades, reconciler);
        classicMembers = new ClassicMembers(environment, timers, reconciler, downgrades);
        departures = new Departures(environment);
    }

    @Override
    public void alongside(Collection<KindOfGroup> kinds) {
        classicGroups = kinds.stream()
                .filter(ClassicGroups.class::isInstance)
                .map(ClassicGroups.class::cast)
                .findFirst();
    }

    private ClassicGroups classicGroups() {
        return classicGroups.orElseThrow();
    }

    @Override
    public GroupType type() {
        return GroupType.CONSUMER;
    }

    @Override
    public Set<Short> recordTypes() {
        return GroupReplay.TYPES;
    }

    @Override
    public void replay(CoordinatorRecord record) {
        var groupId = GroupReplay.groupId(record);
        var before = parts.groups().get(groupId, ConsumerGroup.class);
        var after = GroupReplay.apply(before, record);
        upgrades.replayed(groupId);
        if (after.isPresent()) {
            parts.groups().put(after.get());
        } else if (before.isPresent()) {
            parts.groups().remove(groupId);
            environment.forget(groupId);
            lookups.done(groupId);
        }
    }

    @Override
    public void loaded(MetadataImage image) {
        environment.loaded(image);
        for (var group : parts.groups().all()) {
            if (group instanceof ConsumerGroup consumers) {
                consumers.members().values().forEach(member -> watch(consumers.groupId(), member));
            }
        }
    }

    private void watch(String groupId, ConsumerGroupMember member) {
        int sessionTimeoutMs = member.metadata()
                .classic()
                .map(classic -> classic.sessionTimeoutMs())
                .orElseGet(() -> environment.sessionTimeoutMs(groupId));
        timers.session(groupId, member.memberId(), sessionTimeoutMs);
        if (member.current().state() == MemberState.UNREVOKED_PARTITIONS) {
            reconciler.limit(groupId, member);
        }
    }

    @Override
    public void onChange(MetadataChange change) {
        environment.onChange(change);
    }

    @Override
    public void unloaded(Errors why) {
        // Nobody waits here: also classic members get their answers at once.
    }

    /** @throws ApiException as Kafka; nothing has changed then */
    public Decision<HeartbeatOutcome> heartbeat(ConsumerCaller caller, ConsumerGroupHeartbeatRequestData request) {
        return switch (request.memberEpoch()) {
            case ConsumerGroupHeartbeatRequest.LEAVE_GROUP_MEMBER_EPOCH,
                    ConsumerGroupHeartbeatRequest.LEAVE_GROUP_STATIC_MEMBER_EPOCH -> leave(request);
            default -> heartbeats.heartbeat(caller, request);
        };
    }

    private Decision<HeartbeatOutcome> leave(ConsumerGroupHeartbeatRequestData request) {
        var group = upgrades.require(request.groupId());
        var member = request.instanceId() == null
                ? group.requireMember(request.memberId())
                : Admission.requireStatic(group, request.memberId(), request.instanceId());
        var response = HeartbeatOutcome.of(new ConsumerGroupHeartbeatResponseData()
                .setMemberId(member.memberId())
                .setMemberEpoch(request.memberEpoch()));
        if (request.instanceId() != null
                && request.memberEpoch() == ConsumerGroupHeartbeatRequest.LEAVE_GROUP_STATIC_MEMBER_EPOCH) {
            var draft = new GroupDraft(group);
            departures.leaveForAWhile(draft, member);
            return Decision.of(draft.records(), response);
        }
        return depart(group, List.of(member), response);
    }

    private Decision<Void> expel(String groupId, String memberId, String why) {
        return parts.groups()
                .get(groupId, ConsumerGroup.class)
                .flatMap(group -> group.member(memberId).map(member -> {
                    LOG.infof("Member %s of group %s is out: %s", memberId, groupId, why);
                    return this.<Void>depart(group, List.of(member), null);
                }))
                .orElseGet(Decision::nothing);
    }

    private <T> Decision<T> depart(ConsumerGroup group, Collection<ConsumerGroupMember> members, T response) {
        if (members.isEmpty()) {
            return Decision.of(response);
        }
        if (downgrades.isDueWithout(group, members)) {
            return downgrades.without(group, members, response);
        }
        var draft = new GroupDraft(group);
        departures.remove(draft, members);
        members.forEach(member -> timers.cancelAll(group.groupId(), member.memberId()));
        return Decision.of(draft.records(), response);
    }

    /**
     * What a {@link RegexLookup} has found.
     *
     * @param topics of each regular expression, as far as the member that had it looked up may see them
     */
    public Decision<Void> resolved(RegexLookup lookup, Map<String, Set<String>> topics) {
        lookups.done(lookup.groupId());
        var group = parts.groups().get(lookup.groupId(), ConsumerGroup.class);
        if (group.isEmpty()) {
            return Decision.nothing();
        }
        var draft = new GroupDraft(group.get());
        boolean changed = false;
        for (var regex : lookup.regexes()) {
            var subscriptions = draft.group().subscriptions();
            if (!subscriptions.regexes().containsKey(regex)) {
                continue;
            }
            var resolved = new ResolvedRegex(
                    topics.getOrDefault(regex, Set.of()), lookup.image().commands(), lookup.timestampMs());
            var before = subscriptions.resolved().get(regex);
            changed |= !resolved.topics().equals(before == null ? Set.of() : before.topics());
            draft.add(GroupRecords.regex(lookup.groupId(), regex, resolved));
        }
        long hash = environment.metadataHash(draft.group());
        if (changed || hash != draft.group().metadataHash()) {
            draft.add(GroupRecords.epoch(lookup.groupId(), draft.group().epoch() + 1, hash));
            environment.seenItsTopics(lookup.groupId());
        }
        return Decision.of(draft.records());
    }

    /** @throws org.apache.kafka.common.errors.GroupIdNotFoundException there is no such group, or it is of another kind */
    public DescribedGroup describe(String groupId) {
        return Descriptions.of(
                parts.groups().require(groupId), environment.settings().assignors(), environment.image());
    }

    @Override
    public Decision<CompletionStage<JoinGroupResponseData>> join(ClassicCaller caller, JoinGroupRequestData request) {
        var group = parts.groups().get(request.groupId(), ConsumerGroup.class);
        if (group.isEmpty() || group.get().members().isEmpty()) {
            return classicGroups().join(caller, request);
        }
        return answered(() -> classicMembers.join(group.get(), caller, request), error -> new JoinGroupResponseData()
                .setErrorCode(error.code()));
    }

    @Override
    public Decision<CompletionStage<SyncGroupResponseData>> sync(ClassicCaller caller, SyncGroupRequestData request) {
        return answered(
                () -> classicMembers.sync(upgrades.require(request.groupId()), request),
                error -> new SyncGroupResponseData().setErrorCode(error.code()));
    }

    @Override
    public Decision<HeartbeatResponseData> heartbeat(ClassicCaller caller, HeartbeatRequestData request) {
        try {
            return classicMembers.heartbeat(upgrades.require(request.groupId()), request);
        } catch (ApiException e) {
            return Decision.of(new HeartbeatResponseData()
                    .setErrorCode(Errors.forException(e).code()));
        }
    }

    /** Also members of the consumer protocol may be taken out, by an Admin client that knows them. */
    @Override
    public Decision<LeaveGroupResponseData> leave(ClassicCaller caller, LeaveGroupRequestData request) {
        var group = upgrades.require(request.groupId());
        var leaving = new LinkedHashSet<ConsumerGroupMember>();
        var answers = new ArrayList<MemberResponse>();
        for (var identity : request.members()) {
            var answer = new MemberResponse()
                    .setMemberId(identity.memberId())
                    .setGroupInstanceId(identity.groupInstanceId());
            try {
                leaving.add(identified(group, identity));
            } catch (ApiException e) {
                answer.setErrorCode(Errors.forException(e).code());
            }
            answers.add(answer);
        }
        return depart(group, leaving, new LeaveGroupResponseData().setMembers(answers));
    }

    private static ConsumerGroupMember identified(ConsumerGroup group, MemberIdentity identity) {
        if (identity.groupInstanceId() == null) {
            return group.requireMember(identity.memberId());
        }
        return identity.memberId().isEmpty()
                ? Admission.requireInstance(group, identity.groupInstanceId())
                : Admission.requireStatic(group, identity.memberId(), identity.groupInstanceId());
    }

    private static <T> Decision<CompletionStage<T>> answered(
            Supplier<Decision<T>> operation, Function<Errors, T> onError) {
        try {
            var decision = operation.get();
            return new Decision<>(
                    decision.records(), CompletableFuture.completedStage(decision.response()), decision.onCommitted());
        } catch (ApiException e) {
            return Decision.of(CompletableFuture.completedStage(onError.apply(Errors.forException(e))));
        }
    }
}
