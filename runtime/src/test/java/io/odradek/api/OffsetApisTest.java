package io.odradek.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.odradek.log.AppendOrigin;
import io.odradek.spi.QuotaEnforcer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** ListOffsets, DeleteRecords and OffsetForLeaderEpoch. */
class OffsetApisTest {
    private static final int LATEST = ApiKeys.LIST_OFFSETS.latestVersion();
    private static final long HIGH_WATERMARK = -1;

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

    static IntStream listOffsetsVersions() {
        return IntStream.rangeClosed(ApiKeys.LIST_OFFSETS.oldestVersion(), ApiKeys.LIST_OFFSETS.latestVersion());
    }

    static IntStream deleteRecordsVersions() {
        return IntStream.rangeClosed(ApiKeys.DELETE_RECORDS.oldestVersion(), ApiKeys.DELETE_RECORDS.latestVersion());
    }

    static IntStream epochVersions() {
        return IntStream.rangeClosed(
                ApiKeys.OFFSET_FOR_LEADER_EPOCH.oldestVersion(), ApiKeys.OFFSET_FOR_LEADER_EPOCH.latestVersion());
    }

    @ParameterizedTest
    @MethodSource("listOffsetsVersions")
    void findsTheEndsAndATime(int version) {
        threeRecordsFromOffsetTwo();

        var latest = list(version, ListOffsetsRequest.LATEST_TIMESTAMP);
        assertEquals(5, latest.offset());
        assertEquals(-1, latest.timestamp());
        assertEquals(version >= 4 ? 0 : -1, latest.leaderEpoch());
        assertEquals(2, list(version, ListOffsetsRequest.EARLIEST_TIMESTAMP).offset());
        assertEquals(
                version >= 4 ? 0 : -1,
                list(version, ListOffsetsRequest.EARLIEST_TIMESTAMP).leaderEpoch());
        var byTime = list(version, Batches.TIMESTAMP + 1);
        assertEquals(3, byTime.offset());
        assertEquals(Batches.TIMESTAMP + 1, byTime.timestamp());
    }

    @ParameterizedTest
    @CsvSource({"-3, 7, 4", "-4, 8, 2", "-5, 9, -1", "-6, 11, -1"})
    void specialTimestampsHaveComeOneByOne(long timestamp, int since, long offset) {
        threeRecordsFromOffsetTwo();

        assertEquals(
                Errors.UNSUPPORTED_VERSION.code(), list(since - 1, timestamp).errorCode());
        var answer = list(since, timestamp);
        assertEquals(Errors.NONE.code(), answer.errorCode());
        assertEquals(offset, answer.offset());
    }

    @Test
    void noRecordIsThatYoung() {
        threeRecordsFromOffsetTwo();

        var answer = list(LATEST, Batches.TIMESTAMP + 1_000);

        assertEquals(Errors.NONE.code(), answer.errorCode());
        assertEquals(-1, answer.offset());
        assertEquals(-1, answer.timestamp());
    }

    @Test
    void theEndOfAnEmptyPartitionIsItsBeginning() {
        broker.createTopic("t");

        assertEquals(0, list(LATEST, ListOffsetsRequest.LATEST_TIMESTAMP).offset());
        assertEquals(0, list(LATEST, ListOffsetsRequest.EARLIEST_TIMESTAMP).offset());
        assertEquals(-1, list(LATEST, ListOffsetsRequest.MAX_TIMESTAMP).offset());
    }

    @Test
    void committedReadersSeeUpToTheFirstOpenTransaction() {
        broker.createTopic("t");
        append(Batches.of("a"));
        append(Batches.transactional(7, 0, 0, "b"));
        append(Batches.of("c"));

        var request = request(ListOffsetsRequest.LATEST_TIMESTAMP);
        assertEquals(3, list(LATEST, request).offset());
        assertEquals(
                1,
                list(LATEST, request.setIsolationLevel(IsolationLevel.READ_COMMITTED.id()))
                        .offset());
    }

    @Test
    void whatIsNotOnAllReplicasIsKnownToFollowersOnly() {
        broker.registerOther();
        broker.createReplicatedTopic("t", Map.of());
        append(Batches.of("a"));

        assertEquals(0, list(LATEST, ListOffsetsRequest.LATEST_TIMESTAMP).offset());
        assertEquals(-1, list(LATEST, Batches.TIMESTAMP).offset());
        var follower = request(ListOffsetsRequest.LATEST_TIMESTAMP).setReplicaId(DataPath.OTHER);
        assertEquals(1, list(LATEST, follower).offset());
    }

    @Test
    void theEndIsNotToldAsLongAsItMayBeBeforeWhatWasToldAlready() {
        broker.registerOther();
        broker.createReplicatedTopic("t", Map.of());
        append(Batches.of("a"));

        broker = broker.restart();

        assertEquals(
                Errors.OFFSET_NOT_AVAILABLE.code(),
                list(LATEST, ListOffsetsRequest.LATEST_TIMESTAMP).errorCode());
        assertEquals(
                Errors.LEADER_NOT_AVAILABLE.code(),
                list(4, ListOffsetsRequest.LATEST_TIMESTAMP).errorCode());
        assertEquals(
                Errors.OFFSET_NOT_AVAILABLE.code(),
                list(LATEST, Batches.TIMESTAMP).errorCode());
        assertEquals(0, list(LATEST, ListOffsetsRequest.EARLIEST_TIMESTAMP).offset());
        broker.fence(DataPath.OTHER);
        assertEquals(1, list(LATEST, ListOffsetsRequest.LATEST_TIMESTAMP).offset());
    }

    @Test
    void whatIsWrongIsToldPerPartition() {
        broker.createTopic("t");
        var request = request(ListOffsetsRequest.LATEST_TIMESTAMP);
        request.topics()
                .get(0)
                .setPartitions(List.of(
                        new ListOffsetsPartition()
                                .setPartitionIndex(0)
                                .setTimestamp(-1)
                                .setCurrentLeaderEpoch(9),
                        new ListOffsetsPartition().setPartitionIndex(1).setTimestamp(-1),
                        new ListOffsetsPartition().setPartitionIndex(2).setTimestamp(-1),
                        new ListOffsetsPartition().setPartitionIndex(2).setTimestamp(-2),
                        new ListOffsetsPartition().setPartitionIndex(0).setTimestamp(-77)));
        request.topics()
                .get(0)
                .setPartitions(request.topics().get(0).partitions().subList(0, 4));

        var response = (ListOffsetsResponseData)
                broker.call(ApiKeys.LIST_OFFSETS, LATEST, request).data();

        assertEquals(
                List.of(
                        Errors.UNKNOWN_LEADER_EPOCH.code(),
                        Errors.UNKNOWN_TOPIC_OR_PARTITION.code(),
                        Errors.INVALID_REQUEST.code()),
                response.topics().get(0).partitions().stream()
                        .map(ListOffsetsPartitionResponse::errorCode)
                        .toList());
        assertEquals(Errors.UNSUPPORTED_VERSION.code(), list(LATEST, -77).errorCode());
    }

    @ParameterizedTest
    @MethodSource("deleteRecordsVersions")
    void deletesUpToAnOffsetOrToTheEnd(int version) {
        broker.createTopic("t");
        append(Batches.of("a", "b", "c"));

        assertEquals(2, delete(version, "t", 2).lowWatermark());
        assertEquals(2, delete(version, "t", 1).lowWatermark(), "never back");
        assertEquals(3, delete(version, "t", HIGH_WATERMARK).lowWatermark());
        assertEquals(3, broker.leader("t", 0).logStartOffset());
    }

    @ParameterizedTest
    @CsvSource({"4", "-2"})
    void deletesNothingThatIsNotThere(long offset) {
        broker.createTopic("t");
        append(Batches.of("a", "b", "c"));

        var result = delete(2, "t", offset);

        assertEquals(Errors.OFFSET_OUT_OF_RANGE.code(), result.errorCode());
        assertEquals(-1, result.lowWatermark());
    }

    @Test
    void recordsOfSomeTopicsMayNotBeDeleted() {
        broker.createTopic("compacted", 1, Map.of("cleanup.policy", "compact"));
        broker.createTopic("both", 1, Map.of("cleanup.policy", "compact,delete"));
        broker.createTopic("__consumer_offsets");

        assertEquals(Errors.POLICY_VIOLATION.code(), delete(2, "compacted", 0).errorCode());
        assertEquals(Errors.NONE.code(), delete(2, "both", 0).errorCode());
        assertEquals(
                Errors.INVALID_TOPIC_EXCEPTION.code(),
                delete(2, "__consumer_offsets", 0).errorCode());
        assertEquals(
                Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), delete(2, "none", 0).errorCode());
    }

    @ParameterizedTest
    @MethodSource("epochVersions")
    void tellsWhereALeaderEpochEnded(int version) {
        broker.createTopic("t");
        append(Batches.of("a", "b"));
        broker.fence(DataPath.NODE);
        DataPath.register(broker.metadata, DataPath.NODE);
        append(Batches.of("c"));

        assertEquals(new EpochEndOffset().setLeaderEpoch(0).setEndOffset(2), end(version, -1, 0));
        assertEquals(new EpochEndOffset().setLeaderEpoch(0).setEndOffset(2), end(version, -1, 1));
        assertEquals(new EpochEndOffset().setLeaderEpoch(2).setEndOffset(3), end(version, 2, 2));
        assertEquals(new EpochEndOffset(), end(version, -1, 3));
        assertEquals(new EpochEndOffset().setErrorCode(Errors.FENCED_LEADER_EPOCH.code()), end(version, 1, 0));
        assertEquals(new EpochEndOffset().setErrorCode(Errors.UNKNOWN_LEADER_EPOCH.code()), end(version, 3, 0));
    }

    @Test
    void whoMayNotIsRefusedByTopic() {
        broker.close();
        broker = DataPath.create(List.of(directory), new OnlyTopics("mine"), QuotaEnforcer.unlimited());
        broker.createTopic("t");

        assertEquals(Errors.TOPIC_AUTHORIZATION_FAILED.code(), list(LATEST, -1).errorCode());
        assertEquals(Errors.TOPIC_AUTHORIZATION_FAILED.code(), delete(2, "t", 0).errorCode());
        assertEquals(Errors.TOPIC_AUTHORIZATION_FAILED.code(), end(4, -1, 0).errorCode());
    }

    private void threeRecordsFromOffsetTwo() {
        broker.createTopic("t");
        append(Batches.of("x", "y"));
        append(Batches.of("a", "b", "c"));
        broker.leader("t", 0).deleteRecordsBefore(2);
    }

    private void append(MemoryRecords records) {
        broker.leader("t", 0).append(records, AppendOrigin.CLIENT, (short) 1);
    }

    private ListOffsetsPartitionResponse list(int version, long timestamp) {
        return list(version, request(timestamp));
    }

    private ListOffsetsPartitionResponse list(int version, ListOffsetsRequestData request) {
        var response = (ListOffsetsResponseData)
                broker.call(ApiKeys.LIST_OFFSETS, version, request).data();
        return response.topics().get(0).partitions().get(0);
    }

    private static ListOffsetsRequestData request(long timestamp) {
        return new ListOffsetsRequestData()
                .setReplicaId(ListOffsetsRequest.CONSUMER_REPLICA_ID)
                .setTopics(List.of(new ListOffsetsTopic()
                        .setName("t")
                        .setPartitions(List.of(new ListOffsetsPartition().setTimestamp(timestamp)))));
    }

    private DeleteRecordsPartitionResult delete(int version, String topic, long offset) {
        var request = new DeleteRecordsRequestData()
                .setTopics(List.of(new DeleteRecordsTopic()
                        .setName(topic)
                        .setPartitions(List.of(new DeleteRecordsPartition().setOffset(offset)))));
        var response = (DeleteRecordsResponseData)
                broker.call(ApiKeys.DELETE_RECORDS, version, request).data();
        return response.topics().find(topic).partitions().find(0);
    }

    private EpochEndOffset end(int version, int currentLeaderEpoch, int epoch) {
        var request = new OffsetForLeaderEpochRequestData().setReplicaId(-1);
        request.topics()
                .add(new OffsetForLeaderTopic()
                        .setTopic("t")
                        .setPartitions(List.of(new OffsetForLeaderPartition()
                                .setCurrentLeaderEpoch(currentLeaderEpoch)
                                .setLeaderEpoch(epoch))));
        var response = (OffsetForLeaderEpochResponseData)
                broker.call(ApiKeys.OFFSET_FOR_LEADER_EPOCH, version, request).data();
        return response.topics().find("t").partitions().get(0);
    }
}
