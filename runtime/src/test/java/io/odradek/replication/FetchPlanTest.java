package io.odradek.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.ManualClock;
import io.odradek.config.LogConfig;
import io.odradek.config.QuotaSettings;
import io.odradek.config.ReplicationRates;
import io.odradek.log.LogId;
import io.odradek.log.MemoryLog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.junit.jupiter.api.Test;

class FetchPlanTest {
    private static final Uuid TOPIC = new Uuid(1, 1);
    private static final int EPOCH = 3;
    private static final long MAX_BACKOFF_MS = 1_000;

    private final ManualClock clock = new ManualClock(1_000);
    private final ReplicationTraffic traffic = new ReplicationTraffic(new QuotaSettings.Window(11, 1), clock);
    private final FetchPlan plan = new FetchPlan(new FetcherConfig(2, 500, 1, 10_000, 1_000, MAX_BACKOFF_MS), traffic);
    private final Map<Integer, MemoryLog> logs = new TreeMap<>();
    private final Map<Integer, FollowedPartition> followed = new TreeMap<>();
    private long nowMs = 1_000;

    private FollowedPartition follow(int partition, Map<String, String> configs) {
        var log = logs.computeIfAbsent(partition, p -> new MemoryLog(new LogId("t", p, TOPIC), LogConfig.of(configs)));
        var follower = new FollowedPartition(log, 1, EPOCH);
        followed.put(partition, follower);
        plan.add(follower);
        return follower;
    }

    private void follow(int... partitions) {
        for (int partition : partitions) {
            follow(partition, Map.of());
        }
    }

    private Optional<FetchRequest> next() {
        return plan.next(nowMs, 77).map(FetchRequest.Builder::build);
    }

    private static List<Integer> asked(FetchRequest request) {
        var asked = new ArrayList<Integer>();
        request.data().topics().forEach(t -> t.partitions().forEach(p -> asked.add(p.partition())));
        return asked;
    }

    private static List<Integer> forgotten(FetchRequest request) {
        var forgotten = new ArrayList<Integer>();
        request.data().forgottenTopicsData().forEach(t -> forgotten.addAll(t.partitions()));
        return forgotten;
    }

    private void answer(int session, PartitionData... partitions) {
        var data = new FetchResponseData().setSessionId(session);
        if (partitions.length > 0) {
            data.responses().add(new FetchableTopicResponse().setTopicId(TOPIC).setPartitions(List.of(partitions)));
        }
        plan.answered(FetchResponse.of(data), nowMs);
    }

    private PartitionData records(int partition, int count) {
        var leader = new MemoryLog(new LogId("t", partition, TOPIC), LogConfig.defaults());
        long from = logs.get(partition).logEndOffset();
        for (long offset = 0; offset < from + count; offset++) {
            leader.append(offset, EPOCH);
        }
        return new PartitionData()
                .setPartitionIndex(partition)
                .setHighWatermark(from)
                .setLogStartOffset(0)
                .setRecords(leader.read(from, count));
    }

    private static PartitionData error(int partition, Errors error) {
        return FetchResponse.partitionResponse(partition, error);
    }

    @Test
    void asksForEverythingOnceAndThenForWhatHasChanged() {
        follow(0, 1, 2);
        var first = next().orElseThrow();
        assertEquals(List.of(0, 1, 2), asked(first));
        assertEquals(FetchMetadata.INITIAL, first.metadata());
        assertEquals(2, first.replicaId());
        assertEquals(77, first.data().replicaState().replicaEpoch());
        answer(9, records(1, 5));

        var second = next().orElseThrow();
        assertEquals(new FetchMetadata(9, 1), second.metadata());
        assertEquals(List.of(1), asked(second));
        var partition = second.data().topics().get(0).partitions().get(0);
        assertEquals(5, partition.fetchOffset());
        assertEquals(EPOCH, partition.lastFetchedEpoch());
        assertEquals(EPOCH, partition.currentLeaderEpoch());
        answer(9);

        var third = next().orElseThrow();
        assertEquals(new FetchMetadata(9, 2), third.metadata());
        assertEquals(List.of(), asked(third), "partitions without news cost nothing");
    }

    @Test
    void withoutPartitionsNothingIsAsked() {
        assertEquals(Optional.empty(), next());
        assertEquals(Long.MAX_VALUE, plan.wakeUpAtMs());
        follow(0);
        assertTrue(next().isPresent());
        answer(9);
        plan.remove(followed.get(0));
        assertTrue(plan.isEmpty());
        assertEquals(Optional.empty(), next());
        assertEquals(Long.MAX_VALUE, plan.wakeUpAtMs());
    }

    @Test
    void whatIsNotFollowedAnyMoreIsForgotten() {
        follow(0, 1);
        next();
        answer(9);
        plan.remove(followed.get(1));

        assertEquals(List.of(1), forgotten(next().orElseThrow()));
        answer(9);
        assertEquals(List.of(), forgotten(next().orElseThrow()));
    }

    @Test
    void aNewLeaderEpochTakesThePlaceOfTheLast() {
        follow(0, 1);
        next();
        var before = followed.get(0);
        var after = new FollowedPartition(logs.get(0), 1, EPOCH + 1);
        plan.add(after);
        plan.remove(before);
        answer(9, records(0, 3));
        assertEquals(0, logs.get(0).logEndOffset(), "that was for the last epoch");

        var request = next().orElseThrow();
        assertEquals(List.of(0), asked(request));
        assertEquals(List.of(), forgotten(request));
        assertEquals(
                EPOCH + 1, request.data().topics().get(0).partitions().get(0).currentLeaderEpoch());
    }

    @Test
    void aRefusedPartitionRestsOutsideOfTheSession() {
        follow(0, 1);
        next();
        answer(9, error(0, Errors.UNKNOWN_LEADER_EPOCH));

        var request = next().orElseThrow();
        assertEquals(List.of(0), forgotten(request));
        assertEquals(List.of(), asked(request));
        answer(9);
        nowMs += 20;
        assertEquals(List.of(0), asked(next().orElseThrow()));
        answer(9, error(0, Errors.UNKNOWN_LEADER_EPOCH));
        next();
        answer(9);
        nowMs += 20;
        assertEquals(List.of(), asked(next().orElseThrow()), "longer the second time");
        answer(9);
        nowMs += 20;
        assertEquals(List.of(0), asked(next().orElseThrow()));
    }

    @Test
    void aloneItIsWaitedFor() {
        follow(0);
        next();
        answer(9, error(0, Errors.NOT_LEADER_OR_FOLLOWER));

        assertEquals(Optional.empty(), next());
        assertEquals(nowMs + 20, plan.wakeUpAtMs());
        nowMs += 20;
        var request = next().orElseThrow();
        assertEquals(List.of(0), asked(request));
        assertEquals(List.of(), forgotten(request), "the leader has not been told to forget it");
    }

    @Test
    void aLostSessionBeginsAnewWithEverything() {
        follow(0, 1);
        next();
        answer(9);
        next();
        plan.answered(
                FetchResponse.of(new FetchResponseData().setErrorCode(Errors.FETCH_SESSION_ID_NOT_FOUND.code())),
                nowMs);

        var request = next().orElseThrow();
        assertEquals(List.of(0, 1), asked(request));
        assertTrue(request.metadata().isFull());
    }

    @Test
    void withoutASessionEverythingIsAskedEachTime() {
        follow(0, 1);
        next();
        answer(FetchMetadata.INVALID_SESSION_ID);
        assertEquals(List.of(0, 1), asked(next().orElseThrow()));
    }

    @Test
    void afterAFailureItRestsAndBeginsAnew() {
        follow(0, 1);
        next();
        answer(9);
        next();
        plan.failed(nowMs);

        assertEquals(Optional.empty(), next());
        assertEquals(nowMs + 20, plan.wakeUpAtMs());
        nowMs += 20;
        assertEquals(List.of(0, 1), asked(next().orElseThrow()));
        for (int i = 0; i < 20; i++) {
            plan.failed(nowMs);
        }
        assertEquals(nowMs + MAX_BACKOFF_MS, plan.wakeUpAtMs());
    }

    @Test
    void whatIsNotDurableYetHoldsTheNextRequest() {
        follow(0, Map.of("odradek.durability", "fsync"));
        follow(1);
        next();
        answer(9, records(0, 2));

        assertEquals(Optional.empty(), next(), "to ask for more says that it is safe here");
        assertTrue(plan.waitsForDurability());
        assertEquals(Long.MAX_VALUE, plan.wakeUpAtMs());
        logs.get(0).sync();
        var request = next().orElseThrow();
        assertEquals(List.of(0), asked(request));
        assertEquals(2, request.data().topics().get(0).partitions().get(0).fetchOffset());
    }

    @Test
    void whatIsNewOvertakesARequestThatTheLeaderHolds() {
        follow(0);
        var first = next().orElseThrow();
        assertEquals(0, first.maxWait(), "nothing may overtake the request for a session");
        follow(1);
        assertEquals(Optional.empty(), plan.overtaking(nowMs, 77));
        answer(9);
        assertEquals(List.of(1), asked(next().orElseThrow()));
        assertEquals(Optional.empty(), plan.overtaking(nowMs, 77), "there is nothing new");

        follow(2);
        var overtaking = plan.overtaking(nowMs, 77).orElseThrow().build();
        assertEquals(List.of(2), asked(overtaking));
        assertEquals(new FetchMetadata(9, 2), overtaking.metadata());

        plan.answeredLate(
                FetchResponse.of(Errors.INVALID_FETCH_SESSION_EPOCH, 0, 9, new LinkedHashMap<>(), List.of()), 3, nowMs);
        answer(9);
        assertEquals(new FetchMetadata(9, 3), next().orElseThrow().metadata());
    }

    @Test
    void whatCameLateCountsOnce() {
        follow(0);
        next();
        answer(9);
        next();
        follow(1);
        plan.overtaking(nowMs, 77);
        var late = new FetchResponseData().setSessionId(9);
        late.responses().add(new FetchableTopicResponse().setTopicId(TOPIC).setPartitions(List.of(records(0, 3))));
        var again = records(0, 3);

        plan.answeredLate(FetchResponse.of(late), 2, nowMs);
        assertEquals(3, logs.get(0).logEndOffset());
        answer(9, again);
        assertEquals(3, logs.get(0).logEndOffset());
        assertEquals(List.of(0), asked(next().orElseThrow()));
    }

    @Test
    void afterALateFailureTheSessionBeginsAnew() {
        follow(0);
        next();
        answer(9);
        next();
        follow(1);
        plan.overtaking(nowMs, 77);
        plan.failedLate();
        answer(9);

        var request = next().orElseThrow();
        assertTrue(request.metadata().isFull());
        assertEquals(List.of(0, 1), asked(request));
    }

    @Test
    void aDivergingLogIsTruncatedAndAskedForAgain() {
        follow(0, 1);
        for (int i = 0; i < 5; i++) {
            logs.get(0).append(i, 1);
        }
        next();
        answer(
                9,
                new PartitionData()
                        .setPartitionIndex(0)
                        .setHighWatermark(3)
                        .setDivergingEpoch(new FetchResponseData.EpochEndOffset()
                                .setEpoch(1)
                                .setEndOffset(2)));

        assertEquals(2, logs.get(0).logEndOffset());
        var request = next().orElseThrow();
        assertEquals(2, request.data().topics().get(0).partitions().get(0).fetchOffset());
    }

    @Test
    void whatTheLeaderHasDeletedIsSkipped() {
        follow(0);
        next();
        answer(9, error(0, Errors.OFFSET_OUT_OF_RANGE).setLogStartOffset(40));

        assertEquals(
                40,
                next().orElseThrow().data().topics().get(0).partitions().get(0).fetchOffset());
    }

    private static final Map<String, String> THROTTLED = Map.of("follower.replication.throttled.replicas", "0:2,1:2");

    private PartitionData behind(int partition, int count) {
        return records(partition, count).setHighWatermark(1_000);
    }

    private void pass(long ms) {
        nowMs += ms;
        clock.advance(ms);
    }

    @Test
    void throttledPartitionsAreLeftOutWhileTheQuotaIsUsedUp() {
        traffic.limit(new ReplicationRates(Long.MAX_VALUE, 100, Long.MAX_VALUE));
        follow(0, THROTTLED);
        follow(1, THROTTLED);
        follow(2, THROTTLED);
        assertEquals(List.of(0, 1, 2), asked(next().orElseThrow()), "nothing is used up yet");
        var records = behind(0, 5);
        int bytes = FetchResponse.recordsSize(records);
        assertTrue(bytes > 200, "" + bytes);
        answer(9, records, behind(2, 1));

        var second = next().orElseThrow();
        assertEquals(List.of(2), asked(second), "which is not throttled here");
        assertEquals(List.of(0, 1), forgotten(second), "1 too, though there is no answer for it yet");
        answer(9);

        pass(FetchPlan.THROTTLE_PAUSE_MS);
        assertEquals(List.of(), asked(next().orElseThrow()));
        answer(9);
        assertEquals(nowMs, plan.wakeUpAtMs() < nowMs ? nowMs : plan.wakeUpAtMs(), "the leader waits for news");
        pass(11_000);
        assertEquals(List.of(0, 1), asked(next().orElseThrow()));
        assertEquals(bytes, traffic.bytesIn() - FetchResponse.recordsSize(behind(2, 1)));
    }

    @Test
    void whoKeepsUpIsNotThrottled() {
        traffic.limit(new ReplicationRates(Long.MAX_VALUE, 100, Long.MAX_VALUE));
        follow(0, THROTTLED);
        follow(1, THROTTLED);
        next();
        answer(9, records(0, 5).setHighWatermark(5), behind(1, 5));

        var second = next().orElseThrow();

        assertEquals(List.of(0), asked(second));
        assertEquals(List.of(1), forgotten(second));
    }

    @Test
    void aRequestDoesNotOvertakeForWhatIsThrottled() {
        traffic.limit(new ReplicationRates(Long.MAX_VALUE, 100, Long.MAX_VALUE));
        follow(0, THROTTLED);
        follow(2);
        next();
        answer(9, behind(0, 5));
        assertEquals(List.of(), asked(next().orElseThrow()));
        pass(FetchPlan.THROTTLE_PAUSE_MS);

        assertEquals(Optional.empty(), plan.overtaking(nowMs, 77));
        assertEquals(nowMs + FetchPlan.THROTTLE_PAUSE_MS, plan.nextRetryAtMs());
        pass(11_000);
        assertEquals(List.of(0), asked(plan.overtaking(nowMs, 77).orElseThrow().build()));
    }

    @Test
    void withoutALimitNothingIsLeftOut() {
        follow(0, THROTTLED);
        next();
        answer(9, behind(0, 5));

        assertEquals(List.of(0), asked(next().orElseThrow()));
    }
}
