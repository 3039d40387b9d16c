package io.odradek.group.classic;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.SyncGroupResponseData;

/** A member of a classic group, and the requests of it that wait for the others. Used by the shard only. */
public final class ClassicMember {
    static final byte[] NO_ASSIGNMENT = {};

    private final String memberId;
    private final Optional<String> groupInstanceId;
    private final String clientId;
    private final String clientHost;
    private Terms terms;
    private byte[] assignment;
    private boolean joinedForTheFirstTime;
    private Optional<CompletableFuture<JoinGroupResponseData>> waitingJoin = Optional.empty();
    private Optional<CompletableFuture<SyncGroupResponseData>> waitingSync = Optional.empty();

    /**
     * What a member tells with each JoinGroup.
     *
     * @param rebalanceTimeoutMs how long it may take to join again when the group rebalances
     * @param sessionTimeoutMs how long it may be silent
     */
    public record Terms(int rebalanceTimeoutMs, int sessionTimeoutMs, MemberProtocols protocols) {}

    /**
     * @param groupInstanceId of a static member
     * @param clientHost as DescribeGroups shows it
     * @param assignment empty as long as there is none; not to be changed
     */
    public ClassicMember(
            String memberId,
            Optional<String> groupInstanceId,
            String clientId,
            String clientHost,
            Terms terms,
            byte[] assignment) {
        this.memberId = memberId;
        this.groupInstanceId = groupInstanceId;
        this.clientId = clientId;
        this.clientHost = clientHost;
        this.terms = terms;
        this.assignment = assignment;
    }

    /** The same static member under the id that it has got by its restart. */
    ClassicMember withId(String newMemberId) {
        return new ClassicMember(newMemberId, groupInstanceId, clientId, clientHost, terms, assignment);
    }

    public String memberId() {
        return memberId;
    }

    public Optional<String> groupInstanceId() {
        return groupInstanceId;
    }

    public boolean isStatic() {
        return groupInstanceId.isPresent();
    }

    public String clientId() {
        return clientId;
    }

    public String clientHost() {
        return clientHost;
    }

    public int rebalanceTimeoutMs() {
        return terms.rebalanceTimeoutMs();
    }

    public int sessionTimeoutMs() {
        return terms.sessionTimeoutMs();
    }

    public MemberProtocols protocols() {
        return terms.protocols();
    }

    /** As the leader made it; empty if there is none. Not to be changed. */
    public byte[] assignment() {
        return assignment;
    }

    void assign(byte[] newAssignment) {
        assignment = newAssignment;
    }

    /** Only for {@link Members}, which counts protocols. */
    void terms(Terms newTerms) {
        terms = newTerms;
    }

    /**
     * A member whose first JoinGroup waits does not know its id yet and cannot send heartbeats, so that its session may
     * end although it waits.
     */
    void joinsForTheFirstTime(boolean first) {
        joinedForTheFirstTime = first;
    }

    public boolean isWaitingForJoin() {
        return waitingJoin.isPresent();
    }

    public boolean isWaitingForSync() {
        return waitingSync.isPresent();
    }

    /** Who waits for the others to join or for the leader's assignment is alive, though it sends no heartbeats. */
    boolean isKnownToBeAlive() {
        return !joinedForTheFirstTime && (isWaitingForJoin() || isWaitingForSync());
    }

    /** Only for {@link Members}, which counts those who wait. */
    Optional<CompletableFuture<JoinGroupResponseData>> replaceWaitingJoin(
            Optional<CompletableFuture<JoinGroupResponseData>> stage) {
        var previous = waitingJoin;
        waitingJoin = stage;
        return previous;
    }

    /** @return the stage of an earlier SyncGroup of the member that nobody will complete any more */
    Optional<CompletableFuture<SyncGroupResponseData>> waitForSync(CompletableFuture<SyncGroupResponseData> stage) {
        var previous = waitingSync;
        waitingSync = Optional.of(stage);
        return previous;
    }

    Optional<CompletableFuture<SyncGroupResponseData>> takeWaitingSync() {
        var waiting = waitingSync;
        waitingSync = Optional.empty();
        return waiting;
    }

    @Override
    public String toString() {
        return memberId + groupInstanceId.map(id -> " (" + id + ")").orElse("");
    }
}
