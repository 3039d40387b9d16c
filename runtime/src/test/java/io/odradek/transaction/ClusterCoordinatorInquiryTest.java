package io.odradek.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnResultCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AddPartitionsToTxnRequest;
import org.apache.kafka.common.requests.AddPartitionsToTxnResponse;
import org.junit.jupiter.api.Test;

class ClusterCoordinatorInquiryTest {
    private static final TopicPartition A0 = new TopicPartition("a", 0);
    private static final TopicPartition A1 = new TopicPartition("a", 1);

    private final RecordedBrokers brokers = new RecordedBrokers();
    private final Map<String, Integer> coordinators = new HashMap<>(Map.of("here", 1, "there", 2));
    private final ClusterCoordinatorInquiry inquiry = new ClusterCoordinatorInquiry(
            1,
            (id, producerId, epoch, partitions, add) ->
                    CompletableFuture.completedStage(Map.of(A0, add ? Errors.NONE : Errors.TRANSACTION_ABORTABLE)),
            id -> coordinators.containsKey(id) ? OptionalInt.of(coordinators.get(id)) : OptionalInt.empty(),
            brokers);

    private CompletableFuture<Map<TopicPartition, Errors>> ask(String id, boolean add, TopicPartition... partitions) {
        return inquiry.ask(id, 9, (short) 4, List.of(partitions), add).toCompletableFuture();
    }

    private static AddPartitionsToTxnResponse answer(String id, Map<TopicPartition, Errors> errors) {
        var results = new AddPartitionsToTxnResultCollection();
        results.mustAdd(AddPartitionsToTxnResponse.resultForTransaction(id, errors));
        return new AddPartitionsToTxnResponse(new AddPartitionsToTxnResponseData().setResultsByTransaction(results));
    }

    @Test
    void coordinatorOfThisBrokerIsAskedHere() {
        assertEquals(Map.of(A0, Errors.NONE), ask("here", true, A0).join());
        assertEquals(
                Map.of(A0, Errors.TRANSACTION_ABORTABLE), ask("here", false, A0).join());
        assertEquals(List.of(), brokers.asked);
    }

    @Test
    void nobodyCoordinatesAtTheMoment() {
        assertEquals(
                Map.of(A0, Errors.COORDINATOR_NOT_AVAILABLE),
                ask("nowhere", true, A0).join());
    }

    @Test
    void coordinatorOfAnotherBrokerIsAskedThere() {
        for (boolean add : new boolean[] {true, false}) {
            var asked = ask("there", add, A0, A1);
            var request = brokers.onlyOpen(ApiKeys.ADD_PARTITIONS_TO_TXN);
            assertEquals(2, request.broker());
            var body = (AddPartitionsToTxnRequest) request.request();
            assertTrue(body.version() >= 4);
            var transaction = body.data().transactions().find("there");
            assertEquals(9, transaction.producerId());
            assertEquals(4, transaction.producerEpoch());
            assertEquals(!add, transaction.verifyOnly());
            assertEquals(Map.of("there", List.of(A0, A1)), body.partitionsByTransaction());
            request.answer().complete(answer("there", Map.of(A0, Errors.NONE, A1, Errors.PRODUCER_FENCED)));
            assertEquals(Map.of(A0, Errors.NONE, A1, Errors.PRODUCER_FENCED), asked.join());
        }
    }

    @Test
    void whatIsNotAnsweredIsNotVerified() {
        var asked = ask("there", false, A0, A1);
        brokers.onlyOpen(ApiKeys.ADD_PARTITIONS_TO_TXN).answer().complete(answer("there", Map.of(A0, Errors.NONE)));
        assertEquals(Map.of(A0, Errors.NONE, A1, Errors.UNKNOWN_SERVER_ERROR), asked.join());
    }

    @Test
    void brokerThatRefusesOrIsGoneVerifiesNothing() {
        var refused = ask("there", true, A0);
        brokers.onlyOpen(ApiKeys.ADD_PARTITIONS_TO_TXN)
                .answer()
                .complete(new AddPartitionsToTxnResponse(
                        new AddPartitionsToTxnResponseData().setErrorCode(Errors.CLUSTER_AUTHORIZATION_FAILED.code())));
        assertEquals(Map.of(A0, Errors.INVALID_TXN_STATE), refused.join());

        var gone = ask("there", true, A0);
        brokers.onlyOpen(ApiKeys.ADD_PARTITIONS_TO_TXN).answer().completeExceptionally(new TimeoutException("silent"));
        assertEquals(Map.of(A0, Errors.NETWORK_EXCEPTION), gone.join());
    }

    @Test
    void sameTransactionalIdIsAskedForInTwoRequests() {
        ask("there", true, A0);
        ask("there", true, A1);
        assertEquals(2, brokers.open().size());
        assertFalse(brokers.open().get(0).answer().isDone());
    }
}
