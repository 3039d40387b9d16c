package io.odradek.group.classic;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.coordinator.Decision;
import io.odradek.group.classic.ClassicMember.Terms;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.JoinGroupRequest;

/** JoinGroup: somebody becomes a member, comes back, or takes part in the next generation. */
final class Joining {
    /**
     * A new member whose JoinGroup waits cannot send heartbeats, and a broken connection is not noticed. After this time it
     * has to ask again, so that members that have died do not add up. As in Kafka.
     */
    private static final int NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60 * 1000;

    /** Members that were given an id and have not come back with it; each is gone when its session would end. */
    private static final int MAX_PENDING_JOINS = 100_000;

    private final Rebalances rebalances;
    private final Sessions sessions;
    private final StaticMembers staticMembers;
    private final SizeLimits limits;
    private final IntSupplier maxSize;
    private final Supplier<Uuid> newId;

    /** @param maxSize {@code group.max.size} */
    Joining(
            Rebalances rebalances,
            Sessions sessions,
            StaticMembers staticMembers,
            SizeLimits limits,
            IntSupplier maxSize,
            Supplier<Uuid> newId) {
        this.rebalances = rebalances;
        this.sessions = sessions;
        this.staticMembers = staticMembers;
        this.limits = limits;
        this.maxSize = maxSize;
        this.newId = newId;
    }

    Decision<CompletionStage<JoinGroupResponseData>> join(ClassicGroup group, JoinRequest request) {
        if (!hasRoom(group, request.memberId())) {
            group.remove(request.memberId());
            sessions.end(group, request.memberId());
            return refuse("", Errors.GROUP_MAX_SIZE_REACHED);
        }
        if (!limits.fits(request.terms().protocols())) {
            return refuse(request.memberId(), Errors.MESSAGE_TOO_LARGE);
        }
        if (!SizeLimits.fitsIntoMemberId(request.groupInstanceId().orElse(request.clientId()))) {
            return refuse(request.memberId(), Errors.INVALID_REQUEST);
        }
        if (!group.supports(request.protocolType(), request.terms().protocols())) {
            return refuse(request.memberId(), Errors.INCONSISTENT_GROUP_PROTOCOL);
        }
        return request.memberId().isEmpty() ? joinUnknown(group, request) : joinKnown(group, request);
    }

    /**
     * Whether there is room for this member. While members join, those count that have joined, not those of the last
     * generation: if the limit was lowered meanwhile, the last to join again stay out.
     */
    private boolean hasRoom(ClassicGroup group, String memberId) {
        var member = group.member(memberId);
        return switch (group.state()) {
            case PREPARING_REBALANCE ->
                member.filter(ClassicMember::isWaitingForJoin).isPresent()
                        || group.membership().waitingForJoin() < maxSize.getAsInt();
            case COMPLETING_REBALANCE, STABLE ->
                member.isPresent() || group.members().size() < maxSize.getAsInt();
            default -> true;
        };
    }

    private Decision<CompletionStage<JoinGroupResponseData>> joinUnknown(ClassicGroup group, JoinRequest request) {
        var memberId = request.groupInstanceId().orElse(request.clientId()) + "-" + javaUuid(newId.get());
        if (request.groupInstanceId().isPresent()) {
            var instance = request.groupInstanceId().get();
            return group.membership()
                    .idOfInstance(instance)
                    .flatMap(group::member)
                    .map(old -> staticMembers.rejoin(group, old, memberId, request))
                    .orElseGet(() -> add(group, memberId, request));
        }
        return JoinGroupRequest.requiresKnownMemberId(request.apiVersion())
                ? askToComeBack(group, memberId, request)
                : add(group, memberId, request);
    }

    /** Kafka's member ids end with what {@code java.util.UUID} prints. */
    private static java.util.UUID javaUuid(Uuid id) {
        return new java.util.UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    /** A client that gives up before it has got its id shall not leave a member behind (KIP-394). */
    private Decision<CompletionStage<JoinGroupResponseData>> askToComeBack(
            ClassicGroup group, String memberId, JoinRequest request) {
        if (group.pendingJoins().size() >= MAX_PENDING_JOINS) {
            return refuse("", Errors.GROUP_MAX_SIZE_REACHED);
        }
        group.pendingJoins().add(memberId);
        sessions.start(group, memberId, request.terms().sessionTimeoutMs());
        return refuse(memberId, Errors.MEMBER_ID_REQUIRED);
    }

    private Decision<CompletionStage<JoinGroupResponseData>> joinKnown(ClassicGroup group, JoinRequest request) {
        if (group.pendingJoins().contains(request.memberId())
                && request.groupInstanceId().isEmpty()) {
            return add(group, request.memberId(), request);
        }
        try {
            group.requireMember(request.memberId(), request.groupInstanceId());
        } catch (ApiException e) {
            return refuse(request.memberId(), Errors.forException(e));
        }
        var member = group.member(request.memberId()).orElseThrow();
        return needsRebalance(group, member, request.terms())
                ? rejoin(group, member, request)
                : Decision.of(CompletableFuture.completedStage(Answers.joined(group, member.memberId())));
    }

    /**
     * Whether the member is to take part in the next generation. Otherwise it gets the answer again that it may not have
     * received. By joining again, the leader says that the assignment has to be made anew, even if it itself has not
     * changed: topics may have.
     */
    private static boolean needsRebalance(ClassicGroup group, ClassicMember member, Terms terms) {
        return group.isIn(GroupState.PREPARING_REBALANCE)
                || !member.protocols().equals(terms.protocols())
                || group.isIn(GroupState.STABLE) && group.isLeader(member.memberId());
    }

    private Decision<CompletionStage<JoinGroupResponseData>> rejoin(
            ClassicGroup group, ClassicMember member, JoinRequest request) {
        group.membership().update(member, request.terms());
        var waiting = waitForOthers(group, member);
        return Decision.of(
                rebalances.prepareOrGoOn(
                        group, "member " + member + " joins again; client reason: " + request.reason()),
                waiting);
    }

    private Decision<CompletionStage<JoinGroupResponseData>> add(
            ClassicGroup group, String memberId, JoinRequest request) {
        if (group.members().isEmpty()) {
            group.protocolType(request.protocolType());
        }
        var member = new ClassicMember(
                memberId,
                request.groupInstanceId(),
                request.clientId(),
                request.clientHost(),
                request.terms(),
                ClassicMember.NO_ASSIGNMENT);
        member.joinsForTheFirstTime(true);
        group.add(member);
        var waiting = waitForOthers(group, member);
        sessions.start(group, memberId, NEW_MEMBER_JOIN_TIMEOUT_MS);
        List<CoordinatorRecord> records =
                rebalances.prepareOrGoOn(group, "new member " + member + "; client reason: " + request.reason());
        return Decision.of(records, waiting);
    }

    static CompletionStage<JoinGroupResponseData> waitForOthers(ClassicGroup group, ClassicMember member) {
        var waiting = new CompletableFuture<JoinGroupResponseData>();
        // The client has sent another request, so it has given up on the earlier one.
        group.membership()
                .waitForJoin(member, waiting)
                .ifPresent(earlier ->
                        earlier.complete(Answers.joinError(member.memberId(), Errors.REBALANCE_IN_PROGRESS)));
        return waiting;
    }

    static Decision<CompletionStage<JoinGroupResponseData>> refuse(String memberId, Errors error) {
        return Decision.of(CompletableFuture.completedStage(Answers.joinError(memberId, error)));
    }
}
