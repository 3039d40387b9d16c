package io.odradek.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.log.AppendOrigin;
import io.odradek.metadata.Command;
import io.odradek.metadata.TopicImage;
import io.odradek.spi.Authorizer;
import io.odradek.spi.QuotaEnforcer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ReplicaState;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FetchHandlerTest {
    private static final int LATEST = ApiKeys.FETCH.latestVersion();
    private static final int MAX_WAIT_MS = 500;

    @TempDir
    Path directory;

    private DataPath broker;

    @BeforeEach
    void start() {
        broker = DataPath.create(directory);
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    static IntStream versions() {
        return IntStream.rangeClosed(ApiKeys.FETCH.oldestVersion(), ApiKeys.FETCH.latestVersion());
    }

    @ParameterizedTest
    @MethodSource("versions")
    void returnsWhatIsThere(int version) {
        var topic = broker.createTopic("t");
        append("t", 0, Batches.of("a", "b"));
        append("t", 0, Batches.of("c"));

        var response = call(version, request(version, topic, part(0, 0)));

        var answer = partition(response, 0);
        assertEquals(Errors.NONE.code(), answer.errorCode());
        assertEquals(3, answer.highWatermark());
        assertEquals(3, answer.lastStableOffset());
        assertEquals(version >= 5 ? 0 : -1, answer.logStartOffset());
        assertEquals(List.of("a", "b", "c"), values(answer));
        assertEquals(version >= 7, response.sessionId() != 0);
    }

    @Test
    void beginsWithTheBatchThatHoldsTheOffset() {
        var topic = broker.createTopic("t");
        append("t", 0, Batches.of("a", "b"));
        append("t", 0, Batches.of("c", "d"));

        assertEquals(List.of("c", "d"), values(fetch(topic, part(0, 3))));
    }

    @ParameterizedTest
    @CsvSource({"0, OFFSET_OUT_OF_RANGE", "2, OFFSET_OUT_OF_RANGE", "1, NONE"})
    void offsetsAreInRangeFromTheLogStartToTheEnd(long offset, Errors expected) {
        var topic = broker.createTopic("t");
        append("t", 0, Batches.of("a"));
        broker.leader("t", 0).deleteRecordsBefore(1);

        var reply = send(LATEST, request(LATEST, topic, part(0, offset)));
        if (expected == Errors.NONE) {
            assertFalse(reply.isDone(), "waits at the end");
            broker.clock.advance(MAX_WAIT_MS);
        }

        assertEquals(expected.code(), partition(response(reply), 0).errorCode());
    }

    /** Cut off, it may lead no more, and others have what it does not. */
    @ParameterizedTest
    @CsvSource({"0, OFFSET_OUT_OF_RANGE", "2, NOT_LEADER_OR_FOLLOWER"})
    void aLeaderThatIsCutOffSendsNobodyBackToTheBeginning(long offset, Errors expected) {
        var topic = broker.createTopic("t");
        append("t", 0, Batches.of("a"));
        broker.leader("t", 0).deleteRecordsBefore(1);
        broker.metadataLeaderKnown = false;

        assertEquals(expected.code(), fetch(topic, part(0, offset)).errorCode());
    }

    @Test
    void waitsForTheFirstRecord() {
        var topic = broker.createTopic("t");
        var reply = send(LATEST, request(LATEST, topic, part(0, 0)));
        assertFalse(reply.isDone());

        append("t", 0, Batches.of("a"));

        assertEquals(List.of("a"), values(partition(response(reply), 0)));
        assertEquals(0, broker.clock.scheduled(), "the time-out is forgotten");
    }

    @Test
    void aProduceWakesItWithTheRecordsOfAllItsPartitions() {
        var topic = broker.createTopic("t", 2, Map.of());
        var reply = send(LATEST, request(LATEST, topic, part(0, 0), part(1, 0)));

        var records = new TopicProduceData().setName("t");
        for (int p = 0; p < 2; p++) {
            records.partitionData().add(new PartitionProduceData().setIndex(p).setRecords(Batches.of("v" + p)));
        }
        var produce = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(1_000);
        produce.topicData().add(records);
        broker.call(ApiKeys.PRODUCE, 12, produce);

        assertEquals(List.of("v0"), values(partition(response(reply), 0)));
        assertEquals(List.of("v1"), values(partition(response(reply), 1)));
    }

    @Test
    void givesUpWaitingWhenItsTimeIsOver() {
        var topic = broker.createTopic("t");
        var reply = send(LATEST, request(LATEST, topic, part(0, 0)));

        broker.clock.advance(MAX_WAIT_MS - 1);
        assertFalse(reply.isDone());
        broker.clock.advance(1);

        assertEquals(List.of(), values(partition(response(reply), 0)));
    }

    @Test
    void withoutWaitingTimeIsAnsweredAtOnce() {
        var topic = broker.createTopic("t");

        var answer = partition(call(LATEST, request(LATEST, topic, part(0, 0)).setMaxWaitMs(0)), 0);

        assertEquals(List.of(), values(answer));
    }

    @Test
    void waitsForMinBytesOverAllPartitions() {
        var topic = broker.createTopic("t", 2, Map.of());
        int size = Batches.of("a").sizeInBytes();
        var reply = send(LATEST, request(LATEST, topic, part(0, 0), part(1, 0)).setMinBytes(3 * size));

        append("t", 0, Batches.of("a"));
        append("t", 1, Batches.of("b"));
        assertFalse(reply.isDone());
        append("t", 0, Batches.of("c"));

        assertEquals(List.of("a", "c"), values(partition(response(reply), 0)));
    }

    @Test
    void takesWhatThereIsWhenItsTimeIsOver() {
        var topic = broker.createTopic("t");
        append("t", 0, Batches.of("a"));
        var reply = send(LATEST, request(LATEST, topic, part(0, 0)).setMinBytes(10_000));
        assertFalse(reply.isDone());

        broker.clock.advance(MAX_WAIT_MS);

        assertEquals(List.of("a"), values(partition(response(reply), 0)));
    }

    @Test
    void minBytesCannotAskForMoreThanMaxBytes() {
        var topic = broker.createTopic("t");
        append("t", 0, Batches.of("a"));

        var reply = send(
                LATEST, request(LATEST, topic, part(0, 0)).setMinBytes(10_000).setMaxBytes(1));

        assertEquals(List.of("a"), values(partition(response(reply), 0)));
    }

    @Test
    void anErrorOfOnePartitionIsToldAtOnce() {
        var topic = broker.createTopic("t", 2, Map.of());

        var reply = send(LATEST, request(LATEST, topic, part(0, 0), part(1, 5)));

        assertEquals(
                Errors.OFFSET_OUT_OF_RANGE.code(), partition(response(reply), 1).errorCode());
        assertEquals(Errors.NONE.code(), partition(response(reply), 0).errorCode());
    }

    @Test
    void theDeletionOfATopicEndsTheWait() {
        var topic = broker.createTopic("t");
        var reply = send(LATEST, request(LATEST, topic, part(0, 0)));

        broker.deleteTopic("t");

        assertEquals(
                Errors.UNKNOWN_TOPIC_ID.code(), partition(response(reply), 0).errorCode());
    }

    @Test
    void theFirstBatchComesWhateverItsSizeAndTheOthersFit() {
        var topic = broker.createTopic("t", 3, Map.of());
        int size = Batches.of("a").sizeInBytes();
        for (int p = 0; p < 3; p++) {
            append("t", p, Batches.of("a"));
            append("t", p, Batches.of("b"));
        }

        var tiny = call(LATEST, request(LATEST, topic, part(0, 0), part(1, 0)).setMaxBytes(1));
        assertEquals(List.of("a"), values(partition(tiny, 0)));
        assertEquals(List.of(), values(partition(tiny, 1)));

        var fits = call(
                LATEST,
                request(LATEST, topic, part(0, 0).setPartitionMaxBytes(size), part(1, 0), part(2, 0))
                        .setMaxBytes(3 * size));
        assertEquals(List.of("a"), values(partition(fits, 0)));
        assertEquals(List.of("a", "b"), values(partition(fits, 1)));
        assertEquals(List.of(), values(partition(fits, 2)));
    }

    @Test
    void anEmptyPartitionDoesNotUseUpTheFirstBatch() {
        var topic = broker.createTopic("t", 2, Map.of());
        append("t", 1, Batches.of("a"));

        var response = call(
                LATEST,
                request(LATEST, topic, part(0, 0), part(1, 0).setPartitionMaxBytes(1))
                        .setMaxBytes(1));

        assertEquals(List.of("a"), values(partition(response, 1)));
    }

    @Test
    void whatIsNotOnAllReplicasIsNotShown() {
        broker.registerOther();
        var topic = broker.createReplicatedTopic("t", Map.of());
        append("t", 0, Batches.of("a"));
        var reply = send(LATEST, request(LATEST, topic, part(0, 0)));
        assertFalse(reply.isDone());

        broker.fence(DataPath.OTHER);

        assertEquals(List.of("a"), values(partition(response(reply), 0)));
    }

    @Test
    void aFollowerSeesEverythingOfItsOwnPartitions() {
        broker.registerOther();
        var topic = broker.createReplicatedTopic("t", Map.of());
        append("t", 0, Batches.of("a"));

        var follower = new ReplicaState().setReplicaId(DataPath.OTHER);
        assertEquals(
                List.of("a"),
                values(partition(call(LATEST, request(LATEST, topic, part(0, 0)).setReplicaState(follower)), 0)));
        var stranger = new ReplicaState().setReplicaId(9);
        assertEquals(
                Errors.NOT_LEADER_OR_FOLLOWER.code(),
                partition(call(LATEST, request(LATEST, topic, part(0, 0)).setReplicaState(stranger)), 0)
                        .errorCode());
        assertEquals(
                Errors.UNKNOWN_LEADER_EPOCH.code(),
                partition(
                                call(
                                        LATEST,
                                        request(LATEST, topic, part(0, 0).setCurrentLeaderEpoch(0))
                                                .setReplicaState(stranger)),
                                0)
                        .errorCode());
    }

    @Test
    void readCommittedWaitsForTheEndOfTransactionsAndNamesTheAborted() {
        var topic = broker.createTopic("t");
        append("t", 0, Batches.of("a"));
        append("t", 0, Batches.transactional(7, 0, 0, "b"));
        append("t", 0, Batches.of("c"));

        assertEquals(List.of("a", "b", "c"), values(fetch(topic, part(0, 0))));
        var before = partition(call(LATEST, committed(request(LATEST, topic, part(0, 0)))), 0);
        assertEquals(List.of("a"), values(before));
        assertEquals(1, before.lastStableOffset());
        assertEquals(List.of(), before.abortedTransactions());

        var reply = send(LATEST, committed(request(LATEST, topic, part(0, 1))));
        assertFalse(reply.isDone());
        var leader = broker.leader("t", 0);
        leader.append(Batches.marker(7, 0, ControlRecordType.ABORT), AppendOrigin.COORDINATOR, (short) -1);
        leader.wake();

        var after = partition(response(reply), 0);
        assertEquals(4, after.lastStableOffset());
        assertEquals(1, after.abortedTransactions().size());
        assertEquals(7, after.abortedTransactions().get(0).producerId());
        assertEquals(1, after.abortedTransactions().get(0).firstOffset());
    }

    @Test
    void onlyTheAbortedTransactionsOfTheRecordsSentAreNamed() {
        var topic = broker.createTopic("t");
        var leader = broker.leader("t", 0);
        for (int producer = 7; producer < 10; producer++) {
            append("t", 0, Batches.transactional(producer, 0, 0, "v" + producer));
            leader.append(Batches.marker(producer, 0, ControlRecordType.ABORT), AppendOrigin.COORDINATOR, (short) -1);
        }

        assertEquals(List.of(7L), abortedProducers(topic, 0, 1), "one batch alone");
        assertEquals(List.of(8L), abortedProducers(topic, 2, 1));
        assertEquals(List.of(7L, 8L, 9L), abortedProducers(topic, 0, 1 << 20));
        leader.log().roll();
        append("t", 0, Batches.of("in the next segment"));
        assertEquals(List.of(9L), abortedProducers(topic, 4, 1 << 20));
        assertEquals(List.of(), abortedProducers(topic, 6, 1 << 20));
    }

    private List<Long> abortedProducers(TopicImage topic, long offset, int maxBytes) {
        var request = committed(request(LATEST, topic, part(0, offset))).setMaxBytes(maxBytes);
        return partition(call(LATEST, request), 0).abortedTransactions().stream()
                .map(FetchResponseData.AbortedTransaction::producerId)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"1, FENCED_LEADER_EPOCH", "2, NONE", "3, UNKNOWN_LEADER_EPOCH"})
    void theClientsLeaderEpochMustBeTheCurrentOne(int epoch, Errors expected) {
        var topic = broker.createTopic("t");
        nextLeaderEpoch();
        append("t", 0, Batches.of("a"));

        assertEquals(
                expected.code(),
                fetch(topic, part(0, 0).setCurrentLeaderEpoch(epoch)).errorCode());
    }

    @Test
    void aClientWhoseLogHasBranchedOffIsToldWhere() {
        var topic = broker.createTopic("t");
        append("t", 0, Batches.of("a"));
        nextLeaderEpoch();
        append("t", 0, Batches.of("b", "c"));

        var answer = fetch(topic, part(0, 2).setLastFetchedEpoch(0));
        assertEquals(Errors.NONE.code(), answer.errorCode());
        assertEquals(0, answer.divergingEpoch().epoch());
        assertEquals(1, answer.divergingEpoch().endOffset());
        assertEquals(List.of(), values(answer));

        assertEquals(List.of("b", "c"), values(fetch(topic, part(0, 1).setLastFetchedEpoch(0))));
        assertEquals(
                Errors.OFFSET_OUT_OF_RANGE.code(),
                fetch(topic, part(0, 1).setLastFetchedEpoch(8)).errorCode());
    }

    @Test
    void whoAsksTheWrongBrokerIsToldTheRightOne() {
        broker.registerOther();
        var elsewhere = broker.metadata.apply(new Command.CreateTopic(
                Uuid.randomUuid(), "elsewhere", -1, (short) -1, Map.of(0, List.of(DataPath.OTHER)), Map.of()));
        var handedOver = broker.createReplicatedTopic("t", Map.of());
        broker.fence(DataPath.NODE);

        assertIsToldOfOther(Errors.NOT_LEADER_OR_FOLLOWER, call(LATEST, request(LATEST, elsewhere, part(0, 0))));
        // It could be read from here, as from a follower; but who asks does not know that yet.
        assertIsToldOfOther(
                Errors.FENCED_LEADER_EPOCH,
                call(LATEST, request(LATEST, handedOver, part(0, 0).setCurrentLeaderEpoch(0))));
    }

    private static void assertIsToldOfOther(Errors error, FetchResponseData response) {
        assertEquals(error.code(), partition(response, 0).errorCode());
        assertEquals(DataPath.OTHER, partition(response, 0).currentLeader().leaderId());
        assertEquals("host2", response.nodeEndpoints().find(DataPath.OTHER).host());
    }

    @Test
    void whatDoesNotExistIsUnknown() {
        var topic = broker.createTopic("t");
        var stranger = new TopicImage(Uuid.randomUuid(), "none", topic.partitions(), topic.configs());

        assertEquals(Errors.UNKNOWN_TOPIC_ID.code(), fetch(stranger, part(0, 0)).errorCode());
        assertEquals(
                Errors.UNKNOWN_TOPIC_OR_PARTITION.code(),
                fetch(topic, part(7, 0)).errorCode());
        assertEquals(
                Errors.UNKNOWN_TOPIC_OR_PARTITION.code(),
                partition(call(12, request(12, stranger, part(0, 0))), 0).errorCode());
    }

    @Test
    void aSessionHearsOfNewRecordsOnly() {
        var topic = broker.createTopic("t", 2, Map.of());
        append("t", 0, Batches.of("a"));
        var first = call(LATEST, request(LATEST, topic, part(0, 0), part(1, 0)));
        assertNotEquals(0, first.sessionId());

        var next = request(LATEST, topic, part(0, 1))
                .setSessionId(first.sessionId())
                .setSessionEpoch(1);
        var reply = send(LATEST, next);
        assertFalse(reply.isDone());
        append("t", 1, Batches.of("b"));

        var response = response(reply);
        assertEquals(1, response.responses().get(0).partitions().size());
        assertEquals(List.of("b"), values(partition(response, 1)));
    }

    @Test
    void aTopicMadeAnewUnderTheSameNameDoesNotContinueASession() {
        var topic = broker.createTopic("t");
        append("t", 0, Batches.of("a"));
        int session = call(LATEST, request(LATEST, topic, part(0, 0))).sessionId();
        broker.deleteTopic("t");
        broker.createTopic("t");

        var response = call(
                LATEST,
                new FetchRequestData()
                        .setMaxWaitMs(MAX_WAIT_MS)
                        .setSessionId(session)
                        .setSessionEpoch(1));

        assertEquals(Errors.INCONSISTENT_TOPIC_ID.code(), partition(response, 0).errorCode());
    }

    @Test
    void whoMayNotReadIsRefusedByTopic() {
        broker.close();
        broker = DataPath.create(List.of(directory), new OnlyTopics("mine"), QuotaEnforcer.unlimited());
        var mine = broker.createTopic("mine");
        var yours = broker.createTopic("yours");
        append("mine", 0, Batches.of("a"));

        assertEquals(List.of("a"), values(fetch(mine, part(0, 0))));
        assertEquals(
                Errors.TOPIC_AUTHORIZATION_FAILED.code(),
                fetch(yours, part(0, 0)).errorCode());
        var follower = request(LATEST, mine, part(0, 0)).setReplicaState(new ReplicaState().setReplicaId(2));
        assertEquals(
                Errors.TOPIC_AUTHORIZATION_FAILED.code(),
                partition(call(LATEST, follower), 0).errorCode());
    }

    @Test
    void whoHasUsedUpTheQuotaGetsNothingYet() {
        broker.close();
        broker = DataPath.create(List.of(directory), Authorizer.allowAll(), new FixedThrottle(40));
        var topic = broker.createTopic("t");
        append("t", 0, Batches.of("a"));

        var response = call(LATEST, request(LATEST, topic, part(0, 0)));

        assertEquals(40, response.throttleTimeMs());
        assertTrue(response.responses().isEmpty());
    }

    private void append(String topic, int partition, MemoryRecords records) {
        var leader = broker.leader(topic, partition);
        leader.append(records, AppendOrigin.CLIENT, (short) -1);
        leader.wake();
    }

    /** As a restart of the broker does. */
    private void nextLeaderEpoch() {
        broker.fence(DataPath.NODE);
        DataPath.register(broker.metadata, DataPath.NODE);
        assertEquals(2, broker.leader("t", 0).leaderEpoch());
    }

    private PartitionData fetch(TopicImage topic, FetchPartition partition) {
        return partition(call(LATEST, request(LATEST, topic, partition)), partition.partition());
    }

    private FetchResponseData call(int version, FetchRequestData request) {
        return (FetchResponseData) broker.call(ApiKeys.FETCH, version, request).data();
    }

    private CompletableFuture<Reply> send(int version, FetchRequestData request) {
        return broker.send(ApiKeys.FETCH, version, request);
    }

    private static FetchResponseData response(CompletableFuture<Reply> reply) {
        return (FetchResponseData)
                DataPath.response(ApiKeys.FETCH, LATEST, reply).data();
    }

    private static FetchRequestData committed(FetchRequestData request) {
        return request.setIsolationLevel(IsolationLevel.READ_COMMITTED.id());
    }

    private static FetchPartition part(int partition, long offset) {
        return new FetchPartition()
                .setPartition(partition)
                .setFetchOffset(offset)
                .setPartitionMaxBytes(1 << 20);
    }

    private static FetchRequestData request(int version, TopicImage topic, FetchPartition... partitions) {
        var data = version >= 13 ? new FetchTopic().setTopicId(topic.id()) : new FetchTopic().setTopic(topic.name());
        return new FetchRequestData()
                .setMaxWaitMs(MAX_WAIT_MS)
                .setMinBytes(1)
                .setMaxBytes(1 << 20)
                .setSessionEpoch(version >= 7 ? 0 : -1)
                .setTopics(new ArrayList<>(List.of(data.setPartitions(List.of(partitions)))));
    }

    private static PartitionData partition(FetchResponseData response, int partition) {
        return response.responses().stream()
                .flatMap(t -> t.partitions().stream())
                .filter(p -> p.partitionIndex() == partition)
                .findFirst()
                .orElseThrow();
    }

    private static List<String> values(PartitionData answer) {
        return Batches.values((MemoryRecords) answer.records());
    }
}
