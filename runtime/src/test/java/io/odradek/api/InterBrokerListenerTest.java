package io.odradek.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.security.ClientIdentity;
import io.odradek.security.Quotas;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransactionCollection;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.ReplicaState;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopicCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AddPartitionsToTxnRequest;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What brokers alone may ask is taken on their listener and on no other. */
class InterBrokerListenerTest {
    private static final Reply TAKEN = new Reply.Silent();

    /** Takes everything. */
    private record Taker(ApiKeys apiKey) implements ApiHandler<AbstractRequest> {
        @Override
        public CompletionStage<Reply> handle(RequestContext context, AbstractRequest request) {
            return CompletableFuture.completedStage(TAKEN);
        }
    }

    private static Reply ask(InterBrokerListener interBroker, String listener, AbstractRequest request) {
        var client = ClientIdentity.anonymous(
                listener, SecurityProtocol.PLAINTEXT, new InetSocketAddress("localhost", 40000));
        var header = new RequestHeader(request.apiKey(), request.version(), "client", 1);
        return new ApiDispatcher(List.of(new Taker(request.apiKey())), Quotas.unlimited(), interBroker)
                .dispatch(new RequestContext(client, header, 0), request)
                .toCompletableFuture()
                .join();
    }

    static Stream<AbstractRequest> ofBrokers() {
        var all = Stream.<AbstractRequest>builder();
        all.add(fetch(7, (short) 4)).add(fetch(7, (short) 12)).add(fetch(0, ApiKeys.FETCH.latestVersion()));
        all.add(addPartitions(true, (short) 4)).add(addPartitions(false, (short) 5));
        all.add(listOffsets(3)).add(epochs(3));
        return all.build();
    }

    static Stream<AbstractRequest> ofClients() {
        var all = Stream.<AbstractRequest>builder();
        all.add(fetch(-1, (short) 4)).add(fetch(-1, ApiKeys.FETCH.latestVersion()));
        all.add(AddPartitionsToTxnRequest.Builder.forClient("id", 1, (short) 0, List.of(new TopicPartition("t", 0)))
                .build());
        all.add(listOffsets(-1)).add(listOffsets(-2)).add(epochs(-1));
        return all.build();
    }

    private static FetchRequest fetch(int replicaId, short version) {
        var data = new FetchRequestData();
        if (version < 15) {
            data.setReplicaId(replicaId);
        } else {
            data.setReplicaState(new ReplicaState().setReplicaId(replicaId).setReplicaEpoch(1));
        }
        return new FetchRequest(data, version);
    }

    private static AbstractRequest addPartitions(boolean verifyOnly, short version) {
        var transactions = new AddPartitionsToTxnTransactionCollection();
        transactions.mustAdd(
                new AddPartitionsToTxnTransaction().setTransactionalId("id").setVerifyOnly(verifyOnly));
        return AddPartitionsToTxnRequest.Builder.forBroker(transactions).build(version);
    }

    private static AbstractRequest listOffsets(int replicaId) {
        return ListOffsetsRequest.Builder.forReplica(ApiKeys.LIST_OFFSETS.latestVersion(), replicaId)
                .setTargetTimes(List.of(new ListOffsetsTopic()
                        .setName("t")
                        .setPartitions(List.of(new ListOffsetsPartition().setTimestamp(-1)))))
                .build();
    }

    private static AbstractRequest epochs(int replicaId) {
        var topics = new OffsetForLeaderTopicCollection();
        topics.mustAdd(new OffsetForLeaderTopic()
                .setTopic("t")
                .setPartitions(List.of(new OffsetForLeaderPartition().setLeaderEpoch(1))));
        return OffsetsForLeaderEpochRequest.Builder.forFollower(topics, replicaId)
                .build();
    }

    @ParameterizedTest
    @MethodSource("ofBrokers")
    void brokersAreHeardOnTheirListenerAlone(AbstractRequest request) {
        var interBroker = InterBrokerListener.named("INTERNAL");
        assertEquals(TAKEN, ask(interBroker, "INTERNAL", request));
        var refusal = assertInstanceOf(Reply.Respond.class, ask(interBroker, "CLIENTS", request));
        var errors = refusal.response().errorCounts();
        assertTrue(errors.containsKey(Errors.CLUSTER_AUTHORIZATION_FAILED) || errors.isEmpty(), errors::toString);
        assertTrue(refusal.complaint().orElseThrow().startsWith(request.apiKey().toString()));
    }

    @ParameterizedTest
    @MethodSource("ofClients")
    void clientsAreHeardOnEveryListener(AbstractRequest request) {
        var interBroker = InterBrokerListener.named("INTERNAL");
        assertEquals(TAKEN, ask(interBroker, "INTERNAL", request));
        assertEquals(TAKEN, ask(interBroker, "CLIENTS", request));
    }

    @ParameterizedTest
    @MethodSource("ofBrokers")
    void anyListenerWillDoWhereThereIsNoOther(AbstractRequest request) {
        assertEquals(TAKEN, ask(InterBrokerListener.any(), "CLIENTS", request));
    }
}
