package io.odradek.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.odradek.network.TestClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.AddOffsetsToTxnResponseData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopicCollection;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransactionCollection;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.DescribeTransactionsRequestData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarker;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarkerTopic;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AddPartitionsToTxnResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The APIs of transactions as they are on the wire, in every version. */
@Timeout(120)
class TransactionApisTest {
    @TempDir
    static Path directory;

    private static TransactionalBroker broker;
    private static TestClient client;
    private static int ids;

    @BeforeAll
    static void start() throws Exception {
        broker = new TransactionalBroker(directory);
        broker.createTopic("t", 2);
        // Has the topic of the coordinator made.
        broker.producer("first").initTransactions();
        client = new TestClient(broker.port());
    }

    @AfterAll
    static void stop() throws Exception {
        client.close();
        broker.close();
    }

    static IntStream initProducerId() {
        return versions(ApiKeys.INIT_PRODUCER_ID);
    }

    static IntStream endTxn() {
        return versions(ApiKeys.END_TXN);
    }

    static IntStream addOffsets() {
        return versions(ApiKeys.ADD_OFFSETS_TO_TXN);
    }

    static IntStream listTransactions() {
        return versions(ApiKeys.LIST_TRANSACTIONS);
    }

    private static IntStream versions(ApiKeys api) {
        return IntStream.rangeClosed(api.oldestVersion(), api.latestVersion(false));
    }

    private static String newId() {
        return "id" + ids++;
    }

    private static InitProducerIdResponseData init(int version, InitProducerIdRequestData request) throws IOException {
        return client.call(ApiKeys.INIT_PRODUCER_ID, version, request);
    }

    private static InitProducerIdRequestData named(String id) {
        return new InitProducerIdRequestData().setTransactionalId(id).setTransactionTimeoutMs(60_000);
    }

    private static void is(Errors expected, short actual) {
        assertEquals(expected, Errors.forCode(actual));
    }

    @ParameterizedTest
    @MethodSource("initProducerId")
    void aProducerRegistersInEachVersion(int version) throws Exception {
        var id = newId();
        var first = init(version, named(id));
        is(Errors.NONE, first.errorCode());
        assertEquals(0, first.producerEpoch());
        assertEquals(1, init(version, named(id)).producerEpoch());
        is(Errors.INVALID_REQUEST, init(version, named("")).errorCode());
        is(
                Errors.INVALID_TRANSACTION_TIMEOUT,
                init(version, named(id).setTransactionTimeoutMs(900_001)).errorCode());
        is(
                Errors.INVALID_TRANSACTION_TIMEOUT,
                init(version, named(id).setTransactionTimeoutMs(0)).errorCode());
        if (version >= 3) {
            var stranger = named(id).setProducerId(99_999).setProducerEpoch((short) 0);
            is(
                    version < 4 ? Errors.INVALID_PRODUCER_EPOCH : Errors.PRODUCER_FENCED,
                    init(version, stranger).errorCode());
            is(
                    Errors.INVALID_REQUEST,
                    init(version, named(id).setProducerId(first.producerId())).errorCode());
        }
    }

    private static AddPartitionsToTxnTopicCollection topics(String name, Integer... partitions) {
        var topics = new AddPartitionsToTxnTopicCollection();
        topics.add(new AddPartitionsToTxnTopic().setName(name).setPartitions(List.of(partitions)));
        return topics;
    }

    private static Map<TopicPartition, Errors> addAsClient(
            int version, String id, long producerId, int epoch, AddPartitionsToTxnTopicCollection topics)
            throws IOException {
        AddPartitionsToTxnResponseData answer = client.call(
                ApiKeys.ADD_PARTITIONS_TO_TXN,
                version,
                new AddPartitionsToTxnRequestData()
                        .setV3AndBelowTransactionalId(id)
                        .setV3AndBelowProducerId(producerId)
                        .setV3AndBelowProducerEpoch((short) epoch)
                        .setV3AndBelowTopics(topics));
        return AddPartitionsToTxnResponse.errorsForTransaction(answer.resultsByTopicV3AndBelow());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aClientAddsAllPartitionsOrNone(int version) throws Exception {
        var id = newId();
        long me = init(4, named(id)).producerId();
        var t0 = new TopicPartition("t", 0);
        var t9 = new TopicPartition("t", 9);
        assertEquals(
                Map.of(t0, Errors.OPERATION_NOT_ATTEMPTED, t9, Errors.UNKNOWN_TOPIC_OR_PARTITION),
                addAsClient(version, id, me, 0, topics("t", 0, 9)));
        assertEquals(
                Map.of(new TopicPartition("__consumer_offsets", 0), Errors.TOPIC_AUTHORIZATION_FAILED),
                addAsClient(version, id, me, 0, topics("__consumer_offsets", 0)));
        assertEquals("Empty", state(id).transactionState());
        assertEquals(Map.of(t0, Errors.NONE), addAsClient(version, id, me, 0, topics("t", 0)));
        assertEquals("Ongoing", state(id).transactionState());
        assertEquals(
                Map.of(t0, version < 2 ? Errors.INVALID_PRODUCER_EPOCH : Errors.PRODUCER_FENCED),
                addAsClient(version, id, me, 1, topics("t", 0)));
        assertEquals(
                Map.of(t0, Errors.INVALID_PRODUCER_ID_MAPPING), addAsClient(version, id, me + 1, 0, topics("t", 0)));
        assertEquals(Map.of(t0, Errors.INVALID_REQUEST), addAsClient(version, "", me, 0, topics("t", 0)));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void brokersVerifyAndAddInBatches(int version) throws Exception {
        var one = newId();
        var two = newId();
        long producerOne = init(4, named(one)).producerId();
        long producerTwo = init(4, named(two)).producerId();
        addAsClient(3, one, producerOne, 0, topics("t", 0));

        var transactions = new AddPartitionsToTxnTransactionCollection();
        transactions.add(new AddPartitionsToTxnTransaction()
                .setTransactionalId(one)
                .setProducerId(producerOne)
                .setProducerEpoch((short) 0)
                .setVerifyOnly(true)
                .setTopics(topics("t", 0, 1)));
        transactions.add(new AddPartitionsToTxnTransaction()
                .setTransactionalId(two)
                .setProducerId(producerTwo)
                .setProducerEpoch((short) 0)
                .setTopics(topics("t", 1)));
        AddPartitionsToTxnResponseData answer = client.call(
                ApiKeys.ADD_PARTITIONS_TO_TXN,
                version,
                new AddPartitionsToTxnRequestData().setTransactions(transactions));
        is(Errors.NONE, answer.errorCode());
        assertEquals(
                Map.of(
                        one,
                        Map.of(
                                new TopicPartition("t", 0), Errors.NONE,
                                new TopicPartition("t", 1), Errors.TRANSACTION_ABORTABLE),
                        two,
                        Map.of(new TopicPartition("t", 1), Errors.NONE)),
                new AddPartitionsToTxnResponse(answer).errors());
        assertEquals("Ongoing", state(two).transactionState());
        assertEquals(List.of(1), state(two).topics().find("t").partitions());
    }

    private static DescribeTransactionsResponseData.TransactionState state(String id) throws IOException {
        DescribeTransactionsResponseData answer = client.call(
                ApiKeys.DESCRIBE_TRANSACTIONS,
                0,
                new DescribeTransactionsRequestData().setTransactionalIds(List.of(id)));
        return answer.transactionStates().get(0);
    }

    @Test
    void whatIsUnknownIsNotDescribed() throws Exception {
        is(Errors.TRANSACTIONAL_ID_NOT_FOUND, state("unknown").errorCode());
        is(Errors.INVALID_REQUEST, state("").errorCode());
    }

    @ParameterizedTest
    @MethodSource("endTxn")
    void anEndInEachVersion(int version) throws Exception {
        var id = newId();
        long me = init(4, named(id)).producerId();
        addAsClient(3, id, me, 0, topics("t", 0));
        var stale = end(version, id, me, -1);
        is(version < 2 ? Errors.INVALID_PRODUCER_EPOCH : Errors.PRODUCER_FENCED, stale.errorCode());
        var answer = end(version, id, me, 0);
        is(Errors.NONE, answer.errorCode());
        assertEquals(version < 5 ? -1 : me, answer.producerId());
        assertEquals(version < 5 ? -1 : 1, answer.producerEpoch());
        is(Errors.INVALID_PRODUCER_ID_MAPPING, end(version, "nobody", me, 0).errorCode());
        is(Errors.INVALID_REQUEST, end(version, "", me, 0).errorCode());
    }

    private static EndTxnResponseData end(int version, String id, long producerId, int epoch) throws IOException {
        return client.call(
                ApiKeys.END_TXN,
                version,
                new EndTxnRequestData()
                        .setTransactionalId(id)
                        .setProducerId(producerId)
                        .setProducerEpoch((short) epoch)
                        .setCommitted(true));
    }

    @ParameterizedTest
    @MethodSource("addOffsets")
    void offsetsAreAddedInEachVersion(int version) throws Exception {
        var id = newId();
        long me = init(4, named(id)).producerId();
        is(Errors.NONE, addOffsets(version, id, me, 0));
        assertEquals("__consumer_offsets", state(id).topics().iterator().next().topic());
        is(version < 2 ? Errors.INVALID_PRODUCER_EPOCH : Errors.PRODUCER_FENCED, addOffsets(version, id, me, 1));
    }

    private static short addOffsets(int version, String id, long producerId, int epoch) throws IOException {
        AddOffsetsToTxnResponseData answer = client.call(
                ApiKeys.ADD_OFFSETS_TO_TXN,
                version,
                new AddOffsetsToTxnRequestData()
                        .setTransactionalId(id)
                        .setProducerId(producerId)
                        .setProducerEpoch((short) epoch)
                        .setGroupId("group"));
        return answer.errorCode();
    }

    @ParameterizedTest
    @MethodSource("listTransactions")
    void theListingIsFiltered(int version) throws Exception {
        var id = newId();
        init(4, named(id));
        var all = list(version, new ListTransactionsRequestData());
        assertEquals(
                1,
                all.transactionStates().stream()
                        .filter(t -> t.transactionalId().equals(id))
                        .count());
        var unknown = list(version, new ListTransactionsRequestData().setStateFilters(List.of("Sleeping")));
        assertEquals(List.of("Sleeping"), unknown.unknownStateFilters());
        assertEquals(List.of(), unknown.transactionStates());
        if (version >= 1) {
            var open = list(version, new ListTransactionsRequestData().setDurationFilter(Long.MAX_VALUE));
            assertEquals(List.of(), open.transactionStates());
        }
        if (version >= 2) {
            var one = list(version, new ListTransactionsRequestData().setTransactionalIdPattern(id));
            assertEquals(1, one.transactionStates().size());
            is(
                    Errors.INVALID_REGULAR_EXPRESSION,
                    list(version, new ListTransactionsRequestData().setTransactionalIdPattern("("))
                            .errorCode());
        }
    }

    private static ListTransactionsResponseData list(int version, ListTransactionsRequestData request)
            throws IOException {
        return client.call(ApiKeys.LIST_TRANSACTIONS, version, request);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void markersAreWrittenPartitionByPartition(int version) throws Exception {
        WriteTxnMarkersResponseData answer = client.call(
                ApiKeys.WRITE_TXN_MARKERS,
                version,
                new WriteTxnMarkersRequestData()
                        .setMarkers(List.of(new WritableTxnMarker()
                                .setProducerId(77_000 + version)
                                .setProducerEpoch((short) 3)
                                .setCoordinatorEpoch(0)
                                .setTransactionResult(false)
                                .setTopics(List.of(new WritableTxnMarkerTopic()
                                        .setName("t")
                                        .setPartitionIndexes(List.of(1, 8)))))));
        var errors = answer.markers().get(0).topics().get(0).partitions();
        for (var partition : errors) {
            is(
                    partition.partitionIndex() == 1 ? Errors.NONE : Errors.UNKNOWN_TOPIC_OR_PARTITION,
                    partition.errorCode());
        }
        assertEquals(2, errors.size());
    }

    /** The protocol has no longer ones. */
    @Test
    void theLongestTransactionalIdIsOneLikeOthers() throws Exception {
        var id = "x".repeat(Short.MAX_VALUE);
        long me = init(4, named(id)).producerId();
        addAsClient(3, id, me, 0, topics("t", 0));
        is(Errors.NONE, end(5, id, me, 0).errorCode());
    }
}
