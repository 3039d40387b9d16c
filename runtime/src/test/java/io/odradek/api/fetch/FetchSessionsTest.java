package io.odradek.api.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.ManualClock;
import io.odradek.replication.FetchIsolation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.FetchRequestData.ReplicaState;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.FetchRequest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FetchSessionsTest {
    private static final short NAMES = 12;
    private static final short IDS = ApiKeys.FETCH.latestVersion();
    private static final Uuid A = new Uuid(1, 1);
    private static final Uuid B = new Uuid(2, 2);
    private static final int FULL = 0;
    private static final int FINAL = -1;

    private final ManualClock time = new ManualClock(1_000_000);
    private final Map<Uuid, String> names = new HashMap<>(Map.of(A, "a", B, "b"));
    private FetchSessions sessions;

    @BeforeEach
    void tenSlots() {
        sessions = new FetchSessions(10, time, new Random(42));
    }

    @Test
    void aFetchOutsideOfSessionsGetsEverything() {
        var response = fetch(request(IDS, 0, FINAL, part(A, 0), part(B, 1)), Map.of());

        assertEquals(0, response.sessionId());
        assertEquals(List.of("A0", "B1"), partitions(response));
        assertEquals(0, sessions.size());
    }

    @Test
    void aFullFetchOpensASessionWhoseFetchesHearOfNewsOnly() {
        int id = open(part(A, 0), part(B, 0));

        var quiet = fetch(request(IDS, id, 1), Map.of());
        assertEquals(id, quiet.sessionId());
        assertEquals(List.of(), partitions(quiet));

        var news = fetch(request(IDS, id, 2), Map.of("B0", answer(0, 7)));
        assertEquals(List.of("B0"), partitions(news), "the high watermark has moved");

        assertEquals(List.of(), partitions(fetch(request(IDS, id, 3), Map.of("B0", answer(0, 7)))), "it was told");
    }

    @Test
    void logStartErrorsAndDivergingLogsAreNews() {
        int id = open(part(A, 0), part(A, 1), part(A, 2), part(A, 3));

        var response = fetch(
                request(IDS, id, 1),
                Map.of(
                        "A0", answer(0, 0).setLogStartOffset(5),
                        "A1", answer(1, 0).setErrorCode(Errors.NOT_LEADER_OR_FOLLOWER.code()),
                        "A2",
                                answer(2, 0)
                                        .setDivergingEpoch(new FetchResponseData.EpochEndOffset()
                                                .setEpoch(3)
                                                .setEndOffset(9))));

        assertEquals(List.of("A0", "A1", "A2"), partitions(response));
    }

    @Test
    void aPartitionIsNewsAgainOnceItsErrorIsGone() {
        int id = open(part(A, 0));
        var error = answer(0, 0).setErrorCode(Errors.KAFKA_STORAGE_ERROR.code());
        assertEquals(List.of("A0"), partitions(fetch(request(IDS, id, 1), Map.of("A0", error))));

        assertEquals(List.of("A0"), partitions(fetch(request(IDS, id, 2), Map.of("A0", answer(0, 0)))));
        assertEquals(List.of(), partitions(fetch(request(IDS, id, 3), Map.of("A0", answer(0, 0)))));
    }

    @Test
    void partitionsWithRecordsGoToTheEndOfTheOrder() {
        int id = open(part(A, 0), part(A, 1), part(B, 0));

        fetch(request(IDS, id, 1), Map.of("A0", answer(0, 1).setRecords(records())));

        assertEquals(List.of("A1", "B0", "A0"), targets(sessions.context(request(IDS, id, 2), names::get)));
    }

    @Test
    void aRequestAddsChangesAndForgetsPartitions() {
        int id = open(part(A, 0), part(A, 1));

        var request = request(IDS, id, 1, part(A, 1).setFetchOffset(99), part(B, 5));
        request.data()
                .forgottenTopicsData()
                .add(new ForgottenTopic().setTopicId(A).setPartitions(List.of(0)));
        var context = sessions.context(request, names::get);

        assertEquals(List.of("A1", "B5"), targets(context));
        assertEquals(99, target(context).fetchOffset());
    }

    @Test
    void aSessionThatHasForgottenEverythingIsClosed() {
        int id = open(part(A, 0));
        var request = request(IDS, id, 1);
        request.data()
                .forgottenTopicsData()
                .add(new ForgottenTopic().setTopicId(A).setPartitions(List.of(0)));

        assertEquals(0, fetch(request, Map.of()).sessionId());
        assertEquals(0, sessions.size());
    }

    @Test
    void aFinalFetchClosesTheSession() {
        int id = open(part(A, 0));

        var response = fetch(request(IDS, id, FINAL, part(A, 0)), Map.of());

        assertEquals(0, response.sessionId());
        assertEquals(0, sessions.size());
    }

    @Test
    void aFullFetchReplacesTheSessionItNames() {
        int id = open(part(A, 0));

        int next = fetch(request(IDS, id, FULL, part(A, 0)), Map.of()).sessionId();

        assertNotEquals(id, next);
        assertEquals(1, sessions.size());
    }

    @ParameterizedTest
    @CsvSource({"0, FETCH_SESSION_ID_NOT_FOUND", "1, INVALID_FETCH_SESSION_EPOCH"})
    void aRequestThatDoesNotContinueTheSessionIsRefused(int known, Errors expected) {
        int id = open(part(A, 0));

        var response = fetch(request(IDS, known == 0 ? id + 1 : id, 7), Map.of());

        assertEquals(expected.code(), response.errorCode());
        assertEquals(0, response.sessionId());
        assertEquals(1, sessions.size());
    }

    @Test
    void aSessionKeepsToNamesOrIds() {
        int id = open(part(A, 0));

        assertEquals(
                Errors.FETCH_SESSION_TOPIC_ID_ERROR.code(),
                fetch(request(NAMES, id, 1), Map.of()).errorCode());
    }

    @Test
    void ofTwoRequestsInOneSessionTheFirstIsNotAnsweredAfterTheSecondHasCome() {
        int id = open(part(A, 0));
        var first = sessions.context(request(IDS, id, 1), names::get);
        sessions.context(request(IDS, id, 2), names::get);

        var response = first.respond(read(first, Map.of("A0", answer(0, 9))));

        assertEquals(Errors.INVALID_FETCH_SESSION_EPOCH.code(), response.errorCode());
        assertEquals(id, response.sessionId());
    }

    @Test
    void eachRequestComesWithTheNextEpoch() {
        int id = open(part(A, 0));
        int epoch = 1;
        for (int i = 0; i < 3; i++) {
            assertEquals(
                    Errors.NONE.code(),
                    fetch(request(IDS, id, epoch++), Map.of()).errorCode());
        }
    }

    @Test
    void aTopicThatWasUnknownIsRememberedByItsId() {
        names.remove(B);
        int id = open(part(B, 0));

        var target = target(sessions.context(request(IDS, id, 1), names::get));

        assertEquals(B, target.topicId());
        assertEquals("", target.knownTopic());
    }

    @Test
    void aThrottledResponseLeavesTheNewsForTheNextOne() {
        int id = open(part(A, 0));

        var throttled = sessions.context(request(IDS, id, 1), names::get).respondThrottled(50);
        assertEquals(50, throttled.throttleTimeMs());
        assertEquals(id, throttled.sessionId());
        assertEquals(List.of(), partitions(throttled));

        assertEquals(List.of("A0"), partitions(fetch(request(IDS, id, 2), Map.of("A0", answer(0, 9)))));
    }

    @Test
    void whenAllSlotsAreTakenFetchesGoWithoutASession() {
        sessions = new FetchSessions(1, time, new Random(1));
        int id = open(part(A, 0));

        assertEquals(
                0,
                fetch(request(IDS, 0, FULL, part(A, 0), part(A, 1)), Map.of()).sessionId());
        assertEquals(Errors.NONE.code(), fetch(request(IDS, id, 1), Map.of()).errorCode());
    }

    @Test
    void anIdleSessionMakesRoom() {
        sessions = new FetchSessions(2, time, new Random(1));
        int idle = open(part(A, 0));
        time.advance(FetchSessions.EVICTION_MS / 2);
        int busy = open(part(A, 0));
        time.advance(FetchSessions.EVICTION_MS / 2 + 1);

        assertNotEquals(0, open(part(B, 0)));

        assertEquals(
                Errors.FETCH_SESSION_ID_NOT_FOUND.code(),
                fetch(request(IDS, idle, 1), Map.of()).errorCode());
        assertEquals(Errors.NONE.code(), fetch(request(IDS, busy, 1), Map.of()).errorCode());
    }

    @Test
    void aLargerSessionDisplacesAnOldSmallerOneInUse() {
        sessions = new FetchSessions(1, time, new Random(1));
        int small = open(part(A, 0));
        time.advance(FetchSessions.EVICTION_MS);
        fetch(request(IDS, small, 1), Map.of());
        time.advance(1);

        assertEquals(0, open(part(B, 0)), "not larger");
        assertNotEquals(0, open(part(B, 0), part(B, 1)));
    }

    @Test
    void aFollowerDisplacesAConsumerButNotTheOtherWayRound() {
        sessions = new FetchSessions(1, time, new Random(1));
        open(part(A, 0), part(A, 1));

        var request = request(IDS, 0, FULL, part(A, 0));
        request.data().setReplicaState(new ReplicaState().setReplicaId(2));
        int follower = fetch(request, Map.of()).sessionId();
        assertNotEquals(0, follower);

        time.advance(FetchSessions.EVICTION_MS);
        fetch(request(IDS, follower, 1), Map.of());
        time.advance(1);
        assertEquals(0, open(part(A, 0), part(A, 1), part(A, 2)));
    }

    @Test
    void aPartitionAskedForTwiceIsServedOnceAsAskedForLast() {
        var context = sessions.context(
                request(IDS, 0, FINAL, part(A, 0).setFetchOffset(1), part(A, 0).setFetchOffset(2)), names::get);

        assertInstanceOf(SessionlessFetch.class, context);
        assertEquals(List.of("A0"), targets(context));
        assertEquals(2, target(context).fetchOffset());
    }

    @Test
    void aFollowerThatAsksAnewIsToldAnewWhatItMayNotHaveUsed() {
        var first = request(IDS, 0, FULL, part(A, 0), part(A, 1));
        first.data().setReplicaState(new ReplicaState().setReplicaId(2));
        int id = fetch(first, Map.of()).sessionId();
        fetch(request(IDS, id, 1), Map.of("A0", answer(0, 7)));

        var again = fetch(request(IDS, id, 2, part(A, 0)), Map.of("A0", answer(0, 7)));

        assertEquals(List.of("A0"), partitions(again));
    }

    @Test
    void aRequestThatIsOvertakenEndsItsWaiting() {
        int id = open(part(A, 0));
        var first = sessions.context(request(IDS, id, 1), names::get);
        var waiting = waiting(first);
        assertTrue(first.hold(waiting));
        var answer = waiting.start(time).toCompletableFuture();
        assertFalse(answer.isDone());

        var next = sessions.context(request(IDS, id, 2, part(A, 1)), names::get);

        assertEquals(List.of(), answer.join().partitions());
        assertFalse(first.hold(waiting(first)), "too late");
        assertEquals(
                Errors.INVALID_FETCH_SESSION_EPOCH.code(),
                first.respond(List.of()).errorCode());
        var second = waiting(next);
        assertTrue(next.hold(second));
        var secondAnswer = second.start(time).toCompletableFuture();
        sessions.context(request(IDS, id, 9), names::get);
        assertFalse(secondAnswer.isDone(), "a request out of turn overtakes nothing");
    }

    @Test
    void aSessionThatIsClosedEndsItsWaiting() {
        int id = open(part(A, 0));
        var context = sessions.context(request(IDS, id, 1), names::get);
        var waiting = waiting(context);
        context.hold(waiting);
        var answer = waiting.start(time).toCompletableFuture();

        sessions.context(request(IDS, id, FULL, part(A, 0)), names::get);

        assertTrue(answer.isDone());
    }

    /** For what is not there to be read. */
    private static WaitingFetch waiting(FetchContext context) {
        return new WaitingFetch(
                new FetchReader(null, ReadReplicas.leadersOnly(), () -> true),
                context.partitions(),
                restless -> List.of(),
                new FetchLimits(-1, -1, Optional.empty(), FetchIsolation.HIGH_WATERMARK, 1, 1, 500));
    }

    private int open(FetchPartition... partitions) {
        return fetch(request(IDS, 0, FULL, partitions), Map.of()).sessionId();
    }

    /** Partition index n * 1000 + i stands for partition i of topic n. */
    private static FetchPartition part(Uuid topic, int partition) {
        return new FetchPartition()
                .setPartition(partition + (topic == A ? 0 : 1000))
                .setPartitionMaxBytes(1 << 20);
    }

    private static FetchRequest request(short version, int sessionId, int epoch, FetchPartition... partitions) {
        var data = new FetchRequestData()
                .setSessionId(sessionId)
                .setSessionEpoch(epoch)
                .setForgottenTopicsData(new ArrayList<>());
        for (var partition : partitions) {
            boolean isA = partition.partition() < 1000;
            partition.setPartition(partition.partition() % 1000);
            var topic = version >= 13
                    ? new FetchTopic().setTopicId(isA ? A : B)
                    : new FetchTopic().setTopic(isA ? "a" : "b");
            data.topics().add(topic.setPartitions(List.of(partition)));
        }
        return new FetchRequest(data, version);
    }

    private FetchResponseData fetch(FetchRequest request, Map<String, PartitionData> answers) {
        var context = sessions.context(request, names::get);
        return context.respond(read(context, answers));
    }

    private static List<FetchedPartition> read(FetchContext context, Map<String, PartitionData> answers) {
        return context.partitions().restless().stream()
                .map(each -> new FetchedPartition(
                        each.partition(),
                        each.target(),
                        WatchedPartition.UNWATCHED,
                        answers.getOrDefault(
                                name(each.target().topicId(), each.target().partition()),
                                answer(each.target().partition(), 0)),
                        false))
                .toList();
    }

    private static FetchTarget target(FetchContext context) {
        return context.partitions().restless().get(0).target();
    }

    private static PartitionData answer(int partition, long highWatermark) {
        return new PartitionData()
                .setPartitionIndex(partition)
                .setHighWatermark(highWatermark)
                .setLogStartOffset(0)
                .setRecords(MemoryRecords.EMPTY);
    }

    private static MemoryRecords records() {
        return MemoryRecords.withRecords(Compression.NONE, new SimpleRecord("v".getBytes()));
    }

    private static List<String> targets(FetchContext context) {
        return context.partitions().restless().stream()
                .map(each -> name(each.target().topicId(), each.target().partition()))
                .toList();
    }

    private static List<String> partitions(FetchResponseData response) {
        return response.responses().stream()
                .flatMap(topic -> topic.partitions().stream().map(p -> name(topic.topicId(), p.partitionIndex())))
                .collect(Collectors.toList());
    }

    private static String name(Uuid topic, int partition) {
        return (topic.equals(A) ? "A" : "B") + partition;
    }
}
