package io.odradek.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.ManualClock;
import io.odradek.config.LogConfig;
import io.odradek.config.QuotaSettings;
import io.odradek.log.ByteQuota;
import io.odradek.log.LogId;
import io.odradek.log.MemoryLog;
import io.odradek.metadata.BrokerImage;
import io.odradek.metadata.PartitionImage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pcollections.HashTreePMap;

class LeaderReplicaTest {
    private static final long LAG_MS = 1_000;
    private static final short ALL = PartitionLeader.ACKS_ALL;

    private final ManualClock clock = new ManualClock(10_000);
    private final Map<Integer, BrokerImage> brokers = new HashMap<>();
    private final ByteQuota quota = new ByteQuota(new QuotaSettings.Window(11, 1), clock);
    private MemoryLog log;
    private LeaderReplica leader;

    @BeforeEach
    void start() {
        for (int id = 1; id <= 3; id++) {
            register(id, 10 + id);
        }
        lead(2, List.of(1, 2, 3));
    }

    private void register(int id, long epoch) {
        brokers.put(
                id,
                new BrokerImage(id, epoch, Uuid.ZERO_UUID, List.of(), Optional.empty(), HashTreePMap.empty(), false));
    }

    private void lead(int minInsyncReplicas, List<Integer> isr) {
        log = new MemoryLog(
                new LogId("t", 0, new Uuid(1, 1)),
                LogConfig.of(Map.of("min.insync.replicas", String.valueOf(minInsyncReplicas))));
        leader = new LeaderReplica(
                log,
                state(0, isr),
                new LeaderContext(
                        1,
                        clock,
                        LAG_MS,
                        id -> Optional.ofNullable(brokers.get(id)),
                        proposal -> CompletableFuture.failedFuture(new AssertionError("not asked")),
                        quota));
        leader.ensureActive();
    }

    private static PartitionImage state(int partitionEpoch, List<Integer> isr) {
        return new PartitionImage(0, List.of(1, 2, 3), isr, 1, 5, partitionEpoch, List.of(), List.of());
    }

    private void append(int records) {
        for (int i = 0; i < records; i++) {
            leader.requireWritable(ALL);
            log.append(i, 5);
            leader.durable(log.durableEndOffset());
        }
    }

    private void fetched(int follower, long offset) {
        leader.fetched(follower, 10 + follower, offset, 0, log.logEndOffset());
    }

    private static List<IsrProposal.Member> members(IsrProposal proposal) {
        return proposal.members();
    }

    @Test
    void whoIsNotInSyncWaitsWhileTheQuotaIsUsedUp() {
        lead(1, List.of(1, 2));
        log.configure(LogConfig.of(Map.of("leader.replication.throttled.replicas", "0:1,0:3")));
        quota.limit(1_000);
        assertTrue(leader.isThrottled());
        assertFalse(leader.holdsBack(3));

        quota.record(2_000);

        assertTrue(leader.holdsBack(3));
        assertFalse(leader.holdsBack(2), "the high watermark would wait for it");
        clock.advance(1_500);
        assertTrue(leader.holdsBack(3), "2,000 bytes in one and a half seconds");
        clock.advance(500);
        assertFalse(leader.holdsBack(3));
    }

    @Test
    void onlyReplicasThatAreNamedAreThrottled() {
        quota.limit(1);
        quota.record(2_000);
        lead(1, List.of(1));

        for (var replicas : List.of("", "0:2", "1:1")) {
            log.configure(LogConfig.of(Map.of("leader.replication.throttled.replicas", replicas)));
            assertFalse(leader.holdsBack(3), replicas);
        }
        for (var replicas : List.of("*", "1:1,0:1")) {
            log.configure(LogConfig.of(Map.of("leader.replication.throttled.replicas", replicas)));
            assertTrue(leader.holdsBack(3), replicas);
        }
    }

    @Test
    void theLowWatermarkIsThatOfReplicasInService() {
        append(10);
        leader.fetched(2, 12, 10, 4, 10);
        assertEquals(-1, leader.lowWatermark(), "3 has not said where it begins");
        assertTrue(leader.fetched(3, 13, 10, 2, 10), "who waits for that should look");
        log.deleteRecordsBefore(5);
        assertEquals(2, leader.lowWatermark());
        assertFalse(leader.fetched(3, 13, 10, 2, 10));

        brokers.put(3, fenced(3, 13));

        assertEquals(4, leader.lowWatermark());
    }

    private static BrokerImage fenced(int id, long epoch) {
        return new BrokerImage(id, epoch, Uuid.ZERO_UUID, List.of(), Optional.empty(), HashTreePMap.empty(), true);
    }

    @Test
    void theHighWatermarkIsWhereTheSlowestMemberIs() {
        append(10);
        fetched(2, 7);
        assertEquals(0, leader.highWatermark(), "3 has not fetched yet");
        fetched(3, 4);
        assertEquals(4, leader.highWatermark());
        fetched(3, 10);
        assertEquals(7, leader.highWatermark());
        fetched(2, 10);
        assertEquals(10, leader.highWatermark());
        fetched(2, 3);
        assertEquals(10, leader.highWatermark(), "it never goes back");
        assertEquals(Acknowledgement.GIVEN, leader.acknowledgement(ALL, 9));
    }

    @Test
    void nothingIsCommittedWithTooFewInSync() {
        append(3);
        leader.update(state(1, List.of(1)));

        assertEquals(0, leader.highWatermark());
        assertThrows(NotEnoughReplicasException.class, () -> leader.requireWritable(ALL));
        leader.requireWritable((short) 1);

        fetched(2, 3);
        assertEquals(0, leader.highWatermark());
        leader.update(state(2, List.of(1, 2)));
        assertEquals(3, leader.highWatermark());
    }

    @Test
    void minInsyncReplicasAsksForNoMoreThanThereAre() {
        lead(5, List.of(1, 2, 3));
        append(1);
        fetched(2, 1);
        fetched(3, 1);
        assertEquals(1, leader.highWatermark());
    }

    @Test
    void aFollowerThatHasCaughtUpIsProposedAndCountsAtOnce() {
        lead(1, List.of(1, 2));
        append(4);
        fetched(2, 4);
        fetched(3, 3);
        assertEquals(Optional.empty(), leader.expansion(), "it is behind the high watermark");

        fetched(3, 4);
        var proposal = leader.expansion().orElseThrow();
        assertEquals(
                List.of(new IsrProposal.Member(1, -1), new IsrProposal.Member(2, 12), new IsrProposal.Member(3, 13)),
                members(proposal));
        assertEquals(0, proposal.partitionEpoch());
        assertEquals(Optional.empty(), leader.expansion(), "one at a time");

        append(1);
        fetched(2, 5);
        clock.advance(10 * LAG_MS);
        leader.durable(5);
        assertEquals(4, leader.highWatermark(), "3 may be a member by now");

        leader.update(state(1, List.of(1, 2, 3)));
        leader.settled(proposal, Errors.NONE);
        fetched(3, 5);
        assertEquals(5, leader.highWatermark());
    }

    @Test
    void theHighWatermarkWaitsForAFollowerThatIsAboutToJoin() {
        lead(1, List.of(1));
        append(4);
        assertEquals(4, leader.highWatermark());
        fetched(3, 2);
        append(1);
        assertEquals(5, leader.highWatermark(), "it is far behind");
        fetched(3, 4);
        fetched(3, 5);
        append(1);
        assertEquals(5, leader.highWatermark(), "it has caught up a moment ago");
        clock.advance(2 * LAG_MS);
        append(1);
        assertEquals(7, leader.highWatermark(), "it does not keep up");
    }

    @Test
    void whatMayNotBeAMemberIsNotProposed() {
        lead(1, List.of(1, 2));
        append(1);
        fetched(2, 1);
        leader.fetched(3, 12, 1, 0, 1);
        assertEquals(Optional.empty(), leader.expansion(), "the metadata knows a later one");
        brokers.remove(3);
        leader.fetched(3, 13, 1, 0, 1);
        assertEquals(Optional.empty(), leader.expansion(), "the metadata does not know it");
        register(3, 13);
        assertTrue(leader.expansion().isPresent());
    }

    @Test
    void anEarlierIncarnationIsRefusedAndForgotten() {
        leader.checkFollower(2, 12);
        register(2, 20);
        assertThrows(NotLeaderOrFollowerException.class, () -> leader.checkFollower(2, 12));
        append(2);
        fetched(3, 2);
        leader.fetched(2, 20, 1, 0, 2);
        leader.fetched(2, 12, 2, 0, 2);
        assertEquals(1, leader.highWatermark());
    }

    @Test
    void whoLagsBehindIsProposedToLeave() {
        append(2);
        fetched(2, 2);
        fetched(3, 1);
        assertEquals(Optional.empty(), leader.shrinkage());
        clock.advance(LAG_MS + 1);

        var proposal = leader.shrinkage().orElseThrow();

        assertEquals(List.of(1, 2), proposal.ids());
        assertEquals(1, leader.highWatermark(), "until it has left it counts");
        leader.update(state(1, List.of(1, 2)));
        assertEquals(2, leader.highWatermark());
    }

    @Test
    void nobodyLagsBehindBecauseTheClockOnTheWallIsSet() {
        for (long byMs : List.of(100 * LAG_MS, -300 * LAG_MS)) {
            append(3);
            clock.setWallClock(byMs);

            assertEquals(Optional.empty(), leader.shrinkage());
        }
    }

    @Test
    void aProposalIsMadeAgainThoughTheClockOnTheWallIsSetBack() {
        append(3);
        clock.advance(LAG_MS + 1);
        var proposal = leader.shrinkage().orElseThrow();
        leader.settled(proposal, Errors.REQUEST_TIMED_OUT);
        clock.setWallClock(-100 * LAG_MS);

        clock.advance(LeaderContext.PROPOSAL_BACKOFF_MS);
        assertEquals(Optional.of(proposal), leader.shrinkage());
    }

    @Test
    void whoHasEverythingStaysHoweverLongNothingHappens() {
        append(1);
        fetched(2, 1);
        fetched(3, 1);
        for (int i = 0; i < 10; i++) {
            clock.advance(LAG_MS / 2);
            assertEquals(Optional.empty(), leader.shrinkage());
        }
        append(1);
        assertEquals(Optional.empty(), leader.shrinkage(), "what came a moment ago is no lag");
    }

    @Test
    void aRefusedProposalIsForgottenAndOneOfUnknownFateMadeAgain() {
        lead(1, List.of(1));
        append(1);
        fetched(2, 1);
        var first = leader.expansion().orElseThrow();

        leader.settled(first, Errors.REQUEST_TIMED_OUT);
        assertEquals(Optional.empty(), leader.expansion(), "not at once");
        clock.advance(LeaderContext.PROPOSAL_BACKOFF_MS);
        append(1);
        fetched(3, 2);
        assertEquals(first, leader.expansion().orElseThrow(), "the same, for it may have been applied");
        assertEquals(1, leader.highWatermark());

        leader.settled(first, Errors.INELIGIBLE_REPLICA);
        clock.advance(LeaderContext.PROPOSAL_BACKOFF_MS);
        assertEquals(List.of(1, 2, 3), leader.expansion().orElseThrow().ids());
    }

    @Test
    void afterTheResignationNothingMoves() {
        append(1);
        fetched(2, 1);
        leader.resign(Errors.NOT_LEADER_OR_FOLLOWER);

        assertThrows(NotLeaderOrFollowerException.class, () -> leader.requireWritable(ALL));
        assertFalse(leader.durable(1));
        assertEquals(Optional.empty(), leader.expansion());
        assertEquals(Optional.empty(), leader.shrinkage());
    }

    @Test
    void aReplicaThatIsAddedIsFollowedUp() {
        leader.update(new PartitionImage(0, List.of(1, 2, 3, 4), List.of(1, 2), 1, 5, 1, List.of(), List.of()));
        register(4, 14);
        append(1);
        fetched(2, 1);
        fetched(4, 1);
        assertEquals(List.of(1, 2, 4), leader.expansion().orElseThrow().ids());
    }
}
