package io.odradek.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.requests.WriteTxnMarkersRequest;
import org.apache.kafka.common.requests.WriteTxnMarkersResponse;
import org.junit.jupiter.api.Test;

class RemoteMarkersTest {
    private static final TopicPartition A0 = new TopicPartition("a", 0);
    private static final TopicPartition A1 = new TopicPartition("a", 1);
    private static final TopicPartition B0 = new TopicPartition("b", 0);

    private final RecordedBrokers brokers = new RecordedBrokers();
    private final RemoteMarkers markers = new RemoteMarkers(brokers);

    private CompletableFuture<Map<TopicPartition, Errors>> write(
            int broker, long producerId, TopicPartition... partitions) {
        var marker = new TransactionMarker(producerId, (short) 3, 5, TransactionResult.COMMIT, (short) 2);
        return markers.to(broker).write(marker, List.of(partitions)).toCompletableFuture();
    }

    @Test
    void markerIsCarriedWithAllThatItSays() {
        var written = write(2, 77, A0, A1, B0);
        var asked = brokers.onlyOpen(ApiKeys.WRITE_TXN_MARKERS);
        assertEquals(2, asked.broker());
        var entry = ((WriteTxnMarkersRequest) asked.request()).markers().get(0);
        assertEquals(77, entry.producerId());
        assertEquals(3, entry.producerEpoch());
        assertEquals(5, entry.coordinatorEpoch());
        assertEquals(TransactionResult.COMMIT, entry.transactionResult());
        assertEquals(2, entry.transactionVersion());
        assertEquals(
                List.of(A0, A1, B0),
                entry.partitions().stream().sorted(this::byName).toList());

        asked.answer()
                .complete(new WriteTxnMarkersResponse(
                        Map.of(77L, Map.of(A0, Errors.NONE, A1, Errors.NOT_LEADER_OR_FOLLOWER))));
        assertEquals(
                Map.of(A0, Errors.NONE, A1, Errors.NOT_LEADER_OR_FOLLOWER, B0, Errors.UNKNOWN_SERVER_ERROR),
                written.join(),
                "what is not answered is not written");
    }

    private int byName(TopicPartition a, TopicPartition b) {
        return a.toString().compareTo(b.toString());
    }

    @Test
    void markersOfManyTransactionsGoTogetherAndBrokersDoNotWaitForEachOther() {
        for (int i = 0; i < BrokerBatches.MOST_UNDER_WAY; i++) {
            write(2, i, A0);
        }
        var first = write(2, 100, A0);
        var second = write(2, 101, A1);
        var elsewhere = write(3, 102, B0);
        assertEquals(3, brokers.open().get(BrokerBatches.MOST_UNDER_WAY).broker(), "nothing waits for another broker");
        brokers.open().get(0).answer().complete(new WriteTxnMarkersResponse(Map.of()));
        var together = brokers.open().get(brokers.open().size() - 1);
        assertEquals(2, ((WriteTxnMarkersRequest) together.request()).markers().size());
        together.answer()
                .complete(new WriteTxnMarkersResponse(
                        Map.of(100L, Map.of(A0, Errors.NONE), 101L, Map.of(A1, Errors.INVALID_PRODUCER_EPOCH))));
        assertEquals(Map.of(A0, Errors.NONE), first.join());
        assertEquals(Map.of(A1, Errors.INVALID_PRODUCER_EPOCH), second.join());
        assertEquals(false, elsewhere.isDone());
    }

    @Test
    void brokerThatIsGoneIsAnErrorThatIsTriedAgain() {
        for (var failure : List.of(new DisconnectException("gone"), new UnsupportedVersionException("too old"))) {
            var written = write(2, 1, A0, A1);
            brokers.onlyOpen(ApiKeys.WRITE_TXN_MARKERS).answer().completeExceptionally(failure);
            assertEquals(Map.of(A0, Errors.NETWORK_EXCEPTION, A1, Errors.NETWORK_EXCEPTION), written.join());
        }
    }
}
