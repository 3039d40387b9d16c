package io.odradek.group.classic;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.group.Group;
import io.odradek.group.OffsetCommitter;
import io.odradek.group.OffsetExpiration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.protocol.Errors;

/**
 * The state of one classic group. Its states are those of Kafka: {@link GroupState#EMPTY},
 * {@link GroupState#PREPARING_REBALANCE} (members join), {@link GroupState#COMPLETING_REBALANCE} (they wait for the
 * leader's assignment), {@link GroupState#STABLE}. Used by the shard only.
 *
 * <p>A group that is not known by any record yet, or that rebalances, is ahead of the log: its records are made from it.
 */
public final class ClassicGroup implements Group {
    private final String groupId;
    private final Members members = new Members();
    private final Set<String> pendingJoins = new HashSet<>();
    private final Set<String> pendingSyncs = new HashSet<>();
    private GroupState state;
    private OptionalLong stateSinceMs;
    private int generationId;
    private Optional<String> protocolType;
    private Optional<String> protocolName;
    private Optional<String> leaderId;
    private Optional<Set<String>> subscribedTopics = Optional.empty();
    private InitialRebalance initialRebalance = InitialRebalance.NONE;

    /** The first rebalance of a group that was empty, which waits for more members while some keep coming. */
    enum InitialRebalance {
        NONE,
        WAITING,
        MEMBER_ADDED
    }

    private ClassicGroup(
            String groupId,
            GroupState state,
            OptionalLong stateSinceMs,
            int generationId,
            Optional<String> protocolType,
            Optional<String> protocolName,
            Optional<String> leaderId) {
        this.groupId = groupId;
        this.state = state;
        this.stateSinceMs = stateSinceMs;
        this.generationId = generationId;
        this.protocolType = protocolType;
        this.protocolName = protocolName;
        this.leaderId = leaderId;
    }

    static ClassicGroup empty(String groupId, OptionalLong sinceMs) {
        return new ClassicGroup(
                groupId, GroupState.EMPTY, sinceMs, 0, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** A group as a record has it: stable if it has members, else empty. */
    static ClassicGroup recorded(
            String groupId,
            OptionalLong stateSinceMs,
            int generationId,
            Optional<String> protocolType,
            Optional<String> protocolName,
            Optional<String> leaderId,
            List<ClassicMember> members) {
        var state = members.isEmpty() ? GroupState.EMPTY : GroupState.STABLE;
        var group = new ClassicGroup(groupId, state, stateSinceMs, generationId, protocolType, protocolName, leaderId);
        members.forEach(group::add);
        group.subscribedTopics = group.parseSubscriptions();
        return group;
    }

    /**
     * A stable group of consumers, made out of members that were in a group of another kind.
     *
     * @param members at least one, and all understand one protocol; their assignments are set with {@link #assign}
     */
    public static ClassicGroup ofConsumers(
            String groupId, long nowMs, int generationId, Collection<ClassicMember> members) {
        var group = new ClassicGroup(
                groupId,
                GroupState.STABLE,
                OptionalLong.of(nowMs),
                generationId,
                Optional.of(ConsumerProtocol.PROTOCOL_TYPE),
                Optional.empty(),
                Optional.empty());
        members.forEach(group::add);
        group.protocolName = Optional.of(group.members.selectProtocol());
        group.subscribedTopics = group.parseSubscriptions();
        return group;
    }

    @Override
    public String groupId() {
        return groupId;
    }

    @Override
    public GroupType type() {
        return GroupType.CLASSIC;
    }

    @Override
    public GroupState state() {
        return state;
    }

    boolean isIn(GroupState other) {
        return state == other;
    }

    @Override
    public Optional<String> protocolType() {
        return protocolType;
    }

    /** The one that was chosen for the generation. */
    public Optional<String> protocolName() {
        return protocolName;
    }

    public int generationId() {
        return generationId;
    }

    public Optional<String> leaderId() {
        return leaderId;
    }

    boolean isLeader(String memberId) {
        return leaderId.filter(memberId::equals).isPresent();
    }

    /** Since when the group is in its state, wall clock; empty for a group that was made for offsets, or by old records. */
    OptionalLong stateSinceMs() {
        return stateSinceMs;
    }

    public Collection<ClassicMember> members() {
        return members.all();
    }

    public Optional<ClassicMember> member(String memberId) {
        return members.get(memberId);
    }

    Members membership() {
        return members;
    }

    /** Whether its members are consumers, whose metadata and assignments can be read. */
    public boolean usesConsumerProtocol() {
        return protocolType.filter(ConsumerProtocol.PROTOCOL_TYPE::equals).isPresent();
    }

    /** Whether it is there for its offsets alone: nobody has ever joined. */
    public boolean isSimple() {
        return protocolType.isEmpty() && isIn(GroupState.EMPTY) && pendingJoins.isEmpty();
    }

    /** Sets the assignments of all members; who is not in the map gets an empty one. */
    public void assign(Map<String, byte[]> assignments) {
        members.all()
                .forEach(member ->
                        member.assign(assignments.getOrDefault(member.memberId(), ClassicMember.NO_ASSIGNMENT)));
    }

    // Membership

    void add(ClassicMember member) {
        members.add(member);
        pendingJoins.remove(member.memberId());
        if (leaderId.isEmpty()) {
            leaderId = Optional.of(member.memberId());
        }
        if (initialRebalance == InitialRebalance.WAITING) {
            initialRebalance = InitialRebalance.MEMBER_ADDED;
        }
    }

    /** @param memberId of a member, or of one that was told to join with this id and has not yet */
    void remove(String memberId) {
        members.remove(memberId);
        pendingJoins.remove(memberId);
        pendingSyncs.remove(memberId);
        if (isLeader(memberId)) {
            leaderId = members.all().stream().map(ClassicMember::memberId).findFirst();
        }
    }

    /** In place of {@code old}, which is the same static member before its restart. */
    void replace(ClassicMember old, ClassicMember replacement) {
        boolean leads = isLeader(old.memberId());
        members.remove(old.memberId());
        members.add(replacement);
        // Not in pendingSyncs: a generation that waits for the old id ends in any case.
        pendingSyncs.remove(old.memberId());
        if (leads) {
            leaderId = Optional.of(replacement.memberId());
        }
    }

    /** Members that were given an id and told to come back with it (KIP-394). */
    Set<String> pendingJoins() {
        return pendingJoins;
    }

    /** Members of the generation that have not asked for their assignments yet. */
    Set<String> pendingSyncs() {
        return pendingSyncs;
    }

    boolean allHaveJoined() {
        return members.allWaitForJoin() && pendingJoins.isEmpty();
    }

    /**
     * Whether a member may join that brings these protocols.
     *
     * @param memberProtocolType "consumer", "connect" or what applications call it
     */
    boolean supports(String memberProtocolType, MemberProtocols protocols) {
        if (isIn(GroupState.EMPTY)) {
            return !memberProtocolType.isEmpty() && !protocols.names().isEmpty();
        }
        return protocolType.filter(memberProtocolType::equals).isPresent()
                && members.allSupportOneOf(protocols.names());
    }

    /** @throws org.apache.kafka.common.errors.ApiException UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID */
    void requireMember(String memberId, Optional<String> groupInstanceId) {
        if (groupInstanceId.isPresent()) {
            var current = members.idOfInstance(groupInstanceId.get())
                    .orElseThrow(() -> new UnknownMemberIdException("No such group instance id"));
            if (!current.equals(memberId)) {
                throw new FencedInstanceIdException("Another member has this group instance id now");
            }
        }
        if (!members.contains(memberId)) {
            throw new UnknownMemberIdException("No such member");
        }
    }

    // States

    /** Members are to join. */
    void prepareRebalance(long nowMs) {
        requireState(GroupState.EMPTY, GroupState.COMPLETING_REBALANCE, GroupState.STABLE);
        initialRebalance = isIn(GroupState.EMPTY) ? InitialRebalance.WAITING : InitialRebalance.NONE;
        enter(GroupState.PREPARING_REBALANCE, nowMs);
    }

    boolean canPrepareRebalance() {
        return !isIn(GroupState.PREPARING_REBALANCE);
    }

    InitialRebalance initialRebalance() {
        return initialRebalance;
    }

    void waitForMoreMembers() {
        initialRebalance = InitialRebalance.WAITING;
    }

    /** @param type of the first member of a group that was empty */
    void protocolType(String type) {
        protocolType = Optional.of(type);
    }

    /** Makes one of those who have joined again the leader, if the leader has not. Returns whether there is one. */
    boolean electLeader() {
        if (leaderId.flatMap(members::get)
                .filter(ClassicMember::isWaitingForJoin)
                .isPresent()) {
            return true;
        }
        var joined = members.all().stream()
                .filter(ClassicMember::isWaitingForJoin)
                .map(ClassicMember::memberId)
                .findFirst();
        joined.ifPresent(id -> leaderId = Optional.of(id));
        return joined.isPresent();
    }

    /** Those who are members now are the next generation. */
    void beginGeneration(long nowMs) {
        requireState(GroupState.PREPARING_REBALANCE);
        generationId++;
        initialRebalance = InitialRebalance.NONE;
        protocolName = members.isEmpty() ? Optional.empty() : Optional.of(members.selectProtocol());
        subscribedTopics = parseSubscriptions();
        pendingSyncs.clear();
        members.all().forEach(member -> pendingSyncs.add(member.memberId()));
        enter(members.isEmpty() ? GroupState.EMPTY : GroupState.COMPLETING_REBALANCE, nowMs);
    }

    void stabilise(long nowMs) {
        requireState(GroupState.COMPLETING_REBALANCE);
        enter(GroupState.STABLE, nowMs);
    }

    private void enter(GroupState next, long nowMs) {
        state = next;
        stateSinceMs = OptionalLong.of(nowMs);
    }

    private void requireState(GroupState... allowed) {
        if (!List.of(allowed).contains(state)) {
            throw new IllegalStateException("Group " + groupId + " is " + state + ", not one of " + List.of(allowed));
        }
    }

    private Optional<Set<String>> parseSubscriptions() {
        if (!usesConsumerProtocol()) {
            return Optional.empty();
        }
        return members.isEmpty()
                ? Optional.of(Set.of())
                : protocolName.flatMap(protocol -> Subscriptions.topics(members.all(), protocol));
    }

    // What those ask who deal with all kinds of groups

    @Override
    public void validateOffsetCommit(OffsetCommitter committer) {
        int generation = committer.generationIdOrMemberEpoch();
        if (generation < 0 && isIn(GroupState.EMPTY)) {
            return;
        }
        if (generation >= 0
                || !committer.memberId().isEmpty()
                || committer.groupInstanceId().isPresent()) {
            requireMember(committer.memberId(), committer.groupInstanceId());
            if (generation != generationId) {
                throw Errors.ILLEGAL_GENERATION.exception();
            }
        } else if (!committer.transactional()) {
            // Who stands outside of the group may not commit what its members read. Transactional producers may: old
            // versions of their protocol do not say who they are.
            throw Errors.UNKNOWN_MEMBER_ID.exception();
        }
        if (!committer.transactional() && isIn(GroupState.COMPLETING_REBALANCE)) {
            throw Errors.REBALANCE_IN_PROGRESS.exception();
        }
    }

    @Override
    public void validateOffsetFetch(Optional<String> memberId, int memberEpoch) {
        // Anyone may read them.
    }

    @Override
    public void validateOffsetDelete() {
        if (!isIn(GroupState.EMPTY) && !usesConsumerProtocol()) {
            throw Errors.NON_EMPTY_GROUP.exception();
        }
    }

    @Override
    public void validateDelete() {
        if (!isIn(GroupState.EMPTY)) {
            throw Errors.NON_EMPTY_GROUP.exception();
        }
    }

    /** If it is not known which topics consumers read, any may be among them. */
    @Override
    public boolean isSubscribedTo(String topic) {
        return subscribedTopics.map(topics -> topics.contains(topic)).orElse(usesConsumerProtocol());
    }

    @Override
    public Optional<OffsetExpiration> offsetExpiration() {
        if (protocolType.isEmpty()) {
            return Optional.of(new OffsetExpiration.SinceCommit());
        }
        if (isIn(GroupState.EMPTY)) {
            return Optional.of(
                    stateSinceMs.isPresent()
                            ? new OffsetExpiration.SinceEmpty(stateSinceMs.getAsLong())
                            : new OffsetExpiration.SinceCommit());
        }
        return usesConsumerProtocol() && subscribedTopics.isPresent() && isIn(GroupState.STABLE)
                ? Optional.of(new OffsetExpiration.SinceCommit())
                : Optional.empty();
    }

    @Override
    public List<CoordinatorRecord> tombstones() {
        return List.of(GroupRecords.tombstone(groupId));
    }
}
