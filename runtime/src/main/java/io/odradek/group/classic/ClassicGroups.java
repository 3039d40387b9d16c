package io.odradek.group.classic;

import io.odradek.config.GroupSettings;
import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.coordinator.Decision;
import io.odradek.group.ClassicCaller;
import io.odradek.group.ClassicProtocol;
import io.odradek.group.Group;
import io.odradek.group.KindOfGroup;
import io.odradek.group.ShardParts;
import io.odradek.group.message.CoordinatorRecordType;
import io.odradek.group.message.GroupMetadataKey;
import io.odradek.group.message.GroupMetadataValue;
import io.odradek.metadata.EffectiveConfig;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/** The classic groups of one shard. */
public final class ClassicGroups implements KindOfGroup, ClassicProtocol {
    /** Kinds that an empty group gives up when a classic member joins. */
    private static final Set<GroupType> GIVE_WAY_WHEN_EMPTY = Set.of(GroupType.CONSUMER, GroupType.STREAMS);

    private final ShardParts parts;
    private final Rebalances rebalances;
    private final Sessions sessions;
    private final Expiry expiry;
    private final Joining joining;
    private final Syncing syncing;
    private final Leaving leaving;

    /** Groups that begin with the operation that is just running, until their record is replayed. */
    private final Map<String, ClassicGroup> beginning = new HashMap<>();

    private boolean loaded;
    private MetadataImage image = MetadataImage.EMPTY;

    public ClassicGroups(ShardParts parts) {
        this.parts = parts;
        var context = parts.context();
        sessions = new Sessions(context.timers(), this::sessionEnded);
        rebalances = new Rebalances(parts.groups(), sessions, context.timers(), context.time(), () -> settings()
                .initialRebalanceDelayMs());
        expiry = new Expiry(parts.groups(), rebalances);
        var limits = new SizeLimits(this::maxBatchBytes);
        joining = new Joining(
                rebalances,
                sessions,
                new StaticMembers(rebalances, sessions, limits),
                limits,
                () -> settings().maxSize(),
                context.newId());
        syncing = new Syncing(rebalances, sessions, limits, context.time());
        leaving = new Leaving(rebalances, sessions);
    }

    private GroupSettings settings() {
        return parts.settings().get().groups();
    }

    private int maxBatchBytes() {
        var config = parts.settings().get();
        return image.topics()
                .byName(Topic.GROUP_METADATA_TOPIC_NAME)
                .map(topic -> EffectiveConfig.logConfig(config, image, topic))
                .orElse(config.topicDefaults())
                .maxMessageBytes();
    }

    private Decision<Void> sessionEnded(String groupId, String memberId) {
        return expiry.sessionEnded(groupId, memberId);
    }

    /** A group without members, for those who only want to keep offsets. */
    public static Group simple(String groupId) {
        return ClassicGroup.empty(groupId, OptionalLong.empty());
    }

    @Override
    public GroupType type() {
        return GroupType.CLASSIC;
    }

    @Override
    public Set<Short> recordTypes() {
        return Set.of(CoordinatorRecordType.GROUP_METADATA.id());
    }

    /**
     * A group of a loaded shard is ahead of its records, which were made from it: what was written is in it already. While
     * the shard loads, the record is all there is.
     */
    @Override
    public void replay(CoordinatorRecord record) {
        var groupId = ((GroupMetadataKey) record.key()).group();
        if (record.value().isEmpty()) {
            parts.groups().get(groupId, ClassicGroup.class).ifPresent(group -> {
                rebalances.stop(group);
                parts.groups().remove(groupId);
            });
        } else if (!loaded) {
            parts.groups().put(GroupRecords.read(groupId, (GroupMetadataValue)
                    record.value().get()));
        } else {
            var begun = Optional.ofNullable(beginning.remove(groupId));
            if (parts.groups().get(groupId, ClassicGroup.class).isEmpty()) {
                begun.ifPresent(parts.groups()::put);
            }
        }
    }

    /** Renews the member's session, as its heartbeat would, unless the leader's assignment is awaited. */
    @Override
    public void offsetsCommitted(Group group, String memberId) {
        if (group instanceof ClassicGroup classic
                && (classic.isIn(GroupState.STABLE) || classic.isIn(GroupState.PREPARING_REBALANCE))) {
            classic.member(memberId).ifPresent(member -> sessions.renew(classic, member));
        }
    }

    @Override
    public void loaded(MetadataImage image) {
        loaded = true;
        this.image = image;
        for (var group : all()) {
            group.members().forEach(member -> sessions.renew(group, member));
            if (group.members().size() > settings().maxSize()) {
                rebalances.prepare(group, "the group is larger than groups may be now");
            }
        }
    }

    private List<ClassicGroup> all() {
        return parts.groups().all().stream()
                .filter(ClassicGroup.class::isInstance)
                .map(ClassicGroup.class::cast)
                .toList();
    }

    @Override
    public void onChange(MetadataChange change) {
        // Topics are the leaders' affair.
        image = change.after();
    }

    @Override
    public void unloaded(Errors why) {
        all().forEach(group -> Answers.answerAllWaiting(group, why));
    }

    @Override
    public Decision<CompletionStage<JoinGroupResponseData>> join(ClassicCaller caller, JoinGroupRequestData data) {
        var groupId = data.groupId();
        var request = JoinRequest.of(caller, data);
        var existing = parts.groups().get(groupId);
        if (existing.isPresent() && existing.get() instanceof ClassicGroup group) {
            return joining.join(group, request);
        }
        if (existing.filter(group -> !givesWay(group)).isPresent()) {
            return Joining.refuse("", Errors.INCONSISTENT_GROUP_PROTOCOL);
        }
        return request.memberId().isEmpty()
                ? begin(groupId, existing, request)
                : Joining.refuse(request.memberId(), Errors.UNKNOWN_MEMBER_ID);
    }

    private static boolean givesWay(Group group) {
        return group.state() == GroupState.EMPTY && GIVE_WAY_WHEN_EMPTY.contains(group.type());
    }

    /** The group is written at once, so that it is found again after a failover by the members that are told to come back. */
    private Decision<CompletionStage<JoinGroupResponseData>> begin(
            String groupId, Optional<Group> before, JoinRequest request) {
        var group = ClassicGroup.empty(
                groupId, OptionalLong.of(parts.context().time().milliseconds()));
        var records = new ArrayList<CoordinatorRecord>();
        before.ifPresent(other -> records.addAll(other.tombstones()));
        records.add(GroupRecords.ofNew(group));
        beginning.put(groupId, group);
        var joined = joining.join(group, request);
        return new Decision<>(records, joined.response(), joined.onCommitted());
    }

    @Override
    public Decision<CompletionStage<SyncGroupResponseData>> sync(ClassicCaller caller, SyncGroupRequestData request) {
        return parts.groups()
                .get(request.groupId(), ClassicGroup.class)
                .map(group -> syncing.sync(group, request))
                .orElseGet(() ->
                        Decision.of(CompletableFuture.completedStage(Answers.syncError(Errors.UNKNOWN_MEMBER_ID))));
    }

    @Override
    public Decision<HeartbeatResponseData> heartbeat(ClassicCaller caller, HeartbeatRequestData request) {
        var error = parts.groups()
                .get(request.groupId(), ClassicGroup.class)
                .map(group -> heartbeat(group, request))
                .orElse(Errors.UNKNOWN_MEMBER_ID);
        return Decision.of(new HeartbeatResponseData().setErrorCode(error.code()));
    }

    private Errors heartbeat(ClassicGroup group, HeartbeatRequestData request) {
        try {
            group.requireMember(request.memberId(), Optional.ofNullable(request.groupInstanceId()));
        } catch (ApiException e) {
            return Errors.forException(e);
        }
        if (request.generationId() != group.generationId()) {
            return Errors.ILLEGAL_GENERATION;
        }
        group.member(request.memberId()).ifPresent(member -> sessions.renew(group, member));
        return group.isIn(GroupState.PREPARING_REBALANCE) ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE;
    }

    @Override
    public Decision<LeaveGroupResponseData> leave(ClassicCaller caller, LeaveGroupRequestData request) {
        return parts.groups()
                .get(request.groupId(), ClassicGroup.class)
                .map(group -> leaving.leave(group, request))
                .orElseGet(() -> Decision.of(new LeaveGroupResponseData()
                        .setMembers(request.members().stream()
                                .map(identity -> Leaving.answer(identity, Errors.UNKNOWN_MEMBER_ID))
                                .toList())));
    }

    /**
     * As DescribeGroups tells of the group.
     *
     * @throws org.apache.kafka.common.errors.GroupIdNotFoundException there is no such group, or it is of another kind
     */
    public DescribedGroup describe(String groupId) {
        return Descriptions.of(parts.groups(), groupId);
    }

    /**
     * For an operation that turns a classic group into one of another kind. Who waits is told to join again; nothing
     * happens with the group any more. The records that the operation is to write begin with the group's
     * {@linkplain Group#tombstones() tombstones}.
     */
    public void convertFrom(ClassicGroup group) {
        Answers.answerAllWaiting(group, Errors.REBALANCE_IN_PROGRESS);
        rebalances.stop(group);
    }

    /**
     * For an operation that turns a group of another kind into a classic one, made with
     * {@link ClassicGroup#ofConsumers}.
     *
     * @return the record to write after the tombstones of the other kind; with its replay, the group takes their place
     */
    public List<CoordinatorRecord> convertTo(ClassicGroup group) {
        beginning.put(group.groupId(), group);
        group.members().forEach(member -> sessions.renew(group, member));
        return List.of(GroupRecords.of(group));
    }

    /**
     * Has the members of a stable group join again. Called within an operation on the shard, or when its records are
     * committed; nothing is to be written.
     *
     * @param reason for the log
     */
    public void rebalance(ClassicGroup group, String reason) {
        if (group.canPrepareRebalance() && !group.members().isEmpty()) {
            rebalances.prepare(group, reason);
        }
    }
}
