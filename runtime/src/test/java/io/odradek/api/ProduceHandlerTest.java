package io.odradek.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.replication.FetchIsolation;
import io.odradek.spi.Authorizer;
import io.odradek.spi.QuotaEnforcer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProduceHandlerTest {
    private static final int LATEST = ApiKeys.PRODUCE.latestVersion();
    private static final int NAMES = 12;
    private static final short ALL = -1;

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
        return IntStream.rangeClosed(ApiKeys.PRODUCE.oldestVersion(), ApiKeys.PRODUCE.latestVersion());
    }

    @ParameterizedTest
    @MethodSource("versions")
    void appendsAndTellsWhere(int version) {
        var topic = broker.createTopic("t", 2, Map.of());

        produce(version, topic.name(), topic.id(), 1, ALL, Batches.of("a", "b"));
        var answer = produce(version, topic.name(), topic.id(), 1, ALL, Batches.of("c"));

        assertEquals(Errors.NONE.code(), answer.errorCode());
        assertEquals(2, answer.baseOffset());
        assertEquals(-1, answer.logAppendTimeMs());
        assertEquals(version >= 5 ? 0 : -1, answer.logStartOffset());
        assertEquals(3, broker.leader("t", 1).highWatermark());
        assertEquals(0, broker.leader("t", 0).highWatermark());
    }

    @Test
    void tellsTheLogAppendTime() {
        broker.createTopic("t", 1, Map.of("message.timestamp.type", "LogAppendTime"));

        assertEquals(
                broker.clock.milliseconds(), produce("t", 1, Batches.of("a")).logAppendTimeMs());
    }

    @Test
    void acksZeroIsAnsweredBySilence() {
        broker.createTopic("t");

        var reply = send(NAMES, request(NAMES, "t", Uuid.ZERO_UUID, 0, (short) 0, Batches.of("a")));

        assertInstanceOf(Reply.Silent.class, reply.join());
        assertEquals(1, broker.leader("t", 0).highWatermark());
    }

    @Test
    void acksZeroThatFailsClosesTheConnection() {
        var reply = send(NAMES, request(NAMES, "none", Uuid.ZERO_UUID, 0, (short) 0, Batches.of("a")));

        assertInstanceOf(Reply.Disconnect.class, reply.join());
    }

    @ParameterizedTest
    @ValueSource(shorts = {-2, 2, 100})
    void otherAcksAreRefused(short acks) {
        broker.createTopic("t");

        assertEquals(
                Errors.INVALID_REQUIRED_ACKS.code(),
                produce("t", acks, Batches.of("a")).errorCode());
        assertEquals(0, broker.leader("t", 0).highWatermark());
    }

    @Test
    void whatDoesNotExistIsUnknown() {
        var topic = broker.createTopic("t");

        assertEquals(
                Errors.UNKNOWN_TOPIC_OR_PARTITION.code(),
                produce("none", ALL, Batches.of("a")).errorCode());
        assertEquals(
                Errors.UNKNOWN_TOPIC_OR_PARTITION.code(),
                produce(LATEST, "", topic.id(), 1, ALL, Batches.of("a")).errorCode());
        assertEquals(
                Errors.UNKNOWN_TOPIC_ID.code(),
                produce(LATEST, "", Uuid.randomUuid(), 0, ALL, Batches.of("a")).errorCode());
    }

    @Test
    void eachPartitionHasItsOwnOutcome() {
        var topic = broker.createTopic("t", 2, Map.of());
        var request = request(LATEST, "", topic.id(), 0, ALL, Batches.of("a"));
        request.topicData()
                .find("", topic.id())
                .partitionData()
                .add(new PartitionProduceData().setIndex(9).setRecords(Batches.of("b")));

        var response = (ProduceResponseData)
                broker.call(ApiKeys.PRODUCE, LATEST, request).data();

        var answers = response.responses().find("", topic.id()).partitionResponses();
        assertEquals(
                List.of(Errors.NONE.code(), Errors.UNKNOWN_TOPIC_OR_PARTITION.code()),
                answers.stream().map(PartitionProduceResponse::errorCode).toList());
    }

    @Test
    void internalTopicsAreForTheAdminClientAlone() {
        broker.createTopic("__consumer_offsets");

        assertEquals(
                Errors.INVALID_TOPIC_EXCEPTION.code(),
                produce("__consumer_offsets", ALL, Batches.of("a")).errorCode());
        broker.as("__admin_client");
        assertEquals(
                Errors.NONE.code(),
                produce("__consumer_offsets", ALL, Batches.of("a")).errorCode());
    }

    @Test
    void aRequestHoldsOneBatchOfTheCurrentFormatPerPartition() {
        broker.createTopic("t");

        var two = Batches.concat(Batches.of("a"), Batches.of("b"));
        assertEquals(Errors.INVALID_RECORD.code(), produce("t", ALL, two).errorCode());
        assertEquals(
                Errors.INVALID_RECORD.code(),
                produce("t", ALL, MemoryRecords.EMPTY).errorCode());
        var zstd = Batches.of(Compression.zstd().build(), "a");
        assertEquals(
                Errors.UNSUPPORTED_COMPRESSION_TYPE.code(),
                produce(6, "t", Uuid.ZERO_UUID, 0, ALL, zstd).errorCode());
        assertEquals(Errors.NONE.code(), produce("t", ALL, zstd).errorCode());
    }

    @Test
    void aBatchWithAWrongChecksumIsCorrupt() {
        broker.createTopic("t");
        var records = Batches.of("a");
        records.buffer().put(records.sizeInBytes() - 1, (byte) 42);

        assertEquals(Errors.CORRUPT_MESSAGE.code(), produce("t", ALL, records).errorCode());
    }

    @Test
    void theRecordsAtFaultAreNamed() {
        broker.createTopic("t", 1, Map.of("cleanup.policy", "compact"));
        var records = MemoryRecords.withRecords(
                Compression.NONE,
                new SimpleRecord("k".getBytes(), "v".getBytes()),
                new SimpleRecord("no key".getBytes()));

        var answer = produce("t", ALL, records);

        assertEquals(Errors.INVALID_RECORD.code(), answer.errorCode());
        assertEquals(1, answer.recordErrors().size());
        assertEquals(1, answer.recordErrors().get(0).batchIndex());
        assertFalse(answer.errorMessage().isEmpty());
        assertEquals(0, answer.logStartOffset());
    }

    @Test
    void aDuplicateGetsTheOffsetOfTheOriginal() {
        broker.createTopic("t");
        produce("t", ALL, Batches.idempotent(5, 0, 0, "a", "b"));
        produce("t", ALL, Batches.idempotent(5, 0, 2, "c"));

        var answer = produce("t", ALL, Batches.idempotent(5, 0, 0, "a", "b"));

        assertEquals(Errors.NONE.code(), answer.errorCode());
        assertEquals(0, answer.baseOffset());
        assertEquals(3, broker.leader("t", 0).highWatermark());
    }

    @Test
    void aGapInTheSequenceIsOutOfOrder() {
        broker.createTopic("t");
        produce("t", ALL, Batches.idempotent(5, 0, 0, "a"));

        var answer = produce("t", ALL, Batches.idempotent(5, 0, 7, "b"));

        assertEquals(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code(), answer.errorCode());
        assertEquals(0, answer.logStartOffset());
        assertNull(answer.errorMessage());
    }

    /** The next leader may have what is missing here. */
    @Test
    void whoMayLeadNoMoreJudgesNoSequence() {
        broker.createTopic("t");
        produce("t", ALL, Batches.idempotent(5, 1, 0, "a"));
        broker.metadataLeaderKnown = false;

        var gap = produce("t", ALL, Batches.idempotent(5, 1, 7, "b"));
        var former = produce("t", ALL, Batches.idempotent(5, 0, 1, "b"));
        var same = produce("t", ALL, Batches.idempotent(5, 1, 0, "a"));

        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER.code(), gap.errorCode());
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER.code(), former.errorCode());
        assertEquals(Errors.NONE.code(), same.errorCode());
    }

    @Test
    void aReplicatedAppendWaitsForTheFollowerUntilItsTimeIsOver() {
        broker.registerOther();
        broker.createReplicatedTopic("t", Map.of());

        var reply = send("t", ALL, Batches.of("a"));
        assertFalse(reply.isDone());

        broker.clock.advance(1_499);
        assertFalse(reply.isDone());
        broker.clock.advance(1);
        assertEquals(Errors.REQUEST_TIMED_OUT.code(), only(reply).errorCode());
    }

    @Test
    void acksOneDoesNotWaitForTheFollower() {
        broker.registerOther();
        broker.createReplicatedTopic("t", Map.of());

        assertEquals(Errors.NONE.code(), produce("t", 1, Batches.of("a")).errorCode());
        assertEquals(0, broker.leader("t", 0).highWatermark());
    }

    @Test
    void aReplicatedAppendIsAcknowledgedWhenTheFollowerLeavesTheIsr() {
        broker.registerOther();
        broker.createReplicatedTopic("t", Map.of());
        var reply = send("t", ALL, Batches.of("a"));

        broker.fence(DataPath.OTHER);

        assertEquals(Errors.NONE.code(), only(reply).errorCode());
        assertEquals(1, broker.leader("t", 0).highWatermark());
        assertEquals(0, broker.clock.scheduled(), "the time-out is forgotten");
    }

    @Test
    void tooFewInSyncReplicasRefuseAcksAllBeforeTheAppend() {
        broker.registerOther();
        broker.createReplicatedTopic("t", Map.of("min.insync.replicas", "2"));
        broker.fence(DataPath.OTHER);

        assertEquals(
                Errors.NOT_ENOUGH_REPLICAS.code(),
                produce("t", ALL, Batches.of("a")).errorCode());
        assertEquals(Errors.NONE.code(), produce("t", 1, Batches.of("a")).errorCode());
        assertEquals(1, broker.leader("t", 0).log().logEndOffset());
        assertEquals(0, broker.leader("t", 0).highWatermark(), "a clean election could lose it");
    }

    @Test
    void aLostLeadershipIsToldToWhoWaitsWithTheNewLeader() {
        broker.registerOther();
        var topic = broker.createReplicatedTopic("t", Map.of());
        var reply = send("t", ALL, Batches.of("a"));

        broker.fence(DataPath.NODE);

        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER.code(), only(reply).errorCode());
        var response = (ProduceResponseData)
                broker.call(ApiKeys.PRODUCE, LATEST, request(LATEST, "", topic.id(), 0, ALL, Batches.of("b")))
                        .data();
        var answer =
                response.responses().find("", topic.id()).partitionResponses().get(0);
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER.code(), answer.errorCode());
        assertEquals(DataPath.OTHER, answer.currentLeader().leaderId());
        assertTrue(answer.currentLeader().leaderEpoch() > 0);
        assertEquals(9092, response.nodeEndpoints().find(DataPath.OTHER).port());
        assertEquals("rack2", response.nodeEndpoints().find(DataPath.OTHER).rack());
    }

    @Test
    void theDeletionOfTheTopicIsToldToWhoWaits() {
        broker.registerOther();
        broker.createReplicatedTopic("t", Map.of());
        var reply = send("t", ALL, Batches.of("a"));

        broker.deleteTopic("t");

        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), only(reply).errorCode());
    }

    @ParameterizedTest
    @ValueSource(shorts = {ALL, 1})
    void withFsyncNothingIsAcknowledgedOrReadableBeforeItIsOnDisk(short acks) throws Exception {
        broker.createTopic("t", 1, Map.of("odradek.durability", "fsync"));

        var reply = send("t", acks, Batches.of("a"));

        reply.get(10, TimeUnit.SECONDS);
        assertEquals(Errors.NONE.code(), only(reply).errorCode());
        assertEquals(1, broker.leader("t", 0).log().durableEndOffset());
        assertEquals(1, broker.leader("t", 0).highWatermark());
        try (var records = broker.leader("t", 0)
                .read(FetchIsolation.HIGH_WATERMARK, 0, -1, 1000, true)
                .records()) {
            assertFalse(records.isEmpty());
        }
    }

    @Test
    void whoMayNotWriteIsRefusedByTopic() {
        broker.close();
        broker = DataPath.create(List.of(directory), new OnlyTopics("mine"), QuotaEnforcer.unlimited());
        broker.createTopic("mine");
        broker.createTopic("yours");

        assertEquals(Errors.NONE.code(), produce("mine", ALL, Batches.of("a")).errorCode());
        assertEquals(
                Errors.TOPIC_AUTHORIZATION_FAILED.code(),
                produce("yours", ALL, Batches.of("a")).errorCode());
        assertEquals(
                Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code(),
                produce("mine", ALL, Batches.transactional(1, 0, 0, "a")).errorCode());
    }

    @Test
    void aTransactionThatHasNotBegunIsRefusedAndHoldsNothingBack() {
        broker.createTopic("t");
        broker.transactions = (id, producer, epoch, batches, support) ->
                CompletableFuture.completedStage(Map.of(new TopicPartition("t", 0), Errors.INVALID_TXN_STATE));
        var request = request(NAMES, "t", Uuid.ZERO_UUID, 0, ALL, Batches.transactional(1, 0, 0, "a"))
                .setTransactionalId("mine");

        assertEquals(Errors.INVALID_TXN_STATE.code(), only(send(NAMES, request)).errorCode());
        assertEquals(0, produce("t", ALL, Batches.of("a")).baseOffset());
    }

    @Test
    void usageIsCountedAndTheClientHeldBack() {
        broker.close();
        broker = DataPath.create(List.of(directory), Authorizer.allowAll(), new FixedThrottle(77));
        broker.createTopic("t");

        var response =
                broker.call(ApiKeys.PRODUCE, NAMES, request(NAMES, "t", Uuid.ZERO_UUID, 0, ALL, Batches.of("a")));

        assertEquals(77, response.throttleTimeMs());
        var silent = send(NAMES, request(NAMES, "t", Uuid.ZERO_UUID, 0, (short) 0, Batches.of("a")));
        assertEquals(new Reply.Silent(77), silent.join());
    }

    private PartitionProduceResponse produce(String topic, int acks, MemoryRecords records) {
        return produce(NAMES, topic, Uuid.ZERO_UUID, 0, (short) acks, records);
    }

    private PartitionProduceResponse produce(
            int version, String topic, Uuid id, int partition, short acks, MemoryRecords records) {
        var response = (ProduceResponseData)
                broker.call(ApiKeys.PRODUCE, version, request(version, topic, id, partition, acks, records))
                        .data();
        return response.responses().iterator().next().partitionResponses().get(0);
    }

    private CompletableFuture<Reply> send(String topic, short acks, MemoryRecords records) {
        return send(NAMES, request(NAMES, topic, Uuid.ZERO_UUID, 0, acks, records));
    }

    private CompletableFuture<Reply> send(int version, ProduceRequestData request) {
        return broker.send(ApiKeys.PRODUCE, version, request);
    }

    private static PartitionProduceResponse only(CompletableFuture<Reply> reply) {
        var response = (ProduceResponseData)
                DataPath.response(ApiKeys.PRODUCE, NAMES, reply).data();
        return response.responses().iterator().next().partitionResponses().get(0);
    }

    private static ProduceRequestData request(
            int version, String topic, Uuid id, int partition, short acks, MemoryRecords records) {
        var data = version >= 13 ? new TopicProduceData().setTopicId(id) : new TopicProduceData().setName(topic);
        data.partitionData().add(new PartitionProduceData().setIndex(partition).setRecords(records));
        var request = new ProduceRequestData().setAcks(acks).setTimeoutMs(1_500);
        request.topicData().add(data);
        return request;
    }
}
