package io.odradek.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.odradek.config.BrokerConfig;
import io.odradek.network.TestBrokers;
import io.odradek.transaction.RemoteMarkers;
import io.odradek.transaction.TransactionMarker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransactionCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AddPartitionsToTxnRequest;
import org.apache.kafka.common.requests.AddPartitionsToTxnResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.TransactionResult;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole broker with one listener for clients and one for brokers, and what a stranger may ask on which. */
@Timeout(60)
class InterBrokerRequestsTest {
    /** As what the client knows the two listeners. */
    private static final int CLIENTS = 1;

    private static final int INTERNAL = 2;
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    @TempDir
    static Path directory;

    private static Broker broker;
    private static Uuid topicId;

    @BeforeAll
    static void start() throws Exception {
        broker = Broker.start(BrokerConfig.of(Map.of(
                "node.id", "1",
                "log.dirs", directory.toString(),
                "listeners", "CLIENTS://127.0.0.1:0,INTERNAL://127.0.0.1:0",
                "listener.security.protocol.map", "CLIENTS:PLAINTEXT,INTERNAL:PLAINTEXT",
                "inter.broker.listener.name", "INTERNAL")));
        try (var admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + broker.port("CLIENTS")))) {
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
        }
        topicId = broker.image().topics().byName("t").orElseThrow().id();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static TestBrokers stranger() {
        return TestBrokers.plaintext().at(CLIENTS, broker.port("CLIENTS")).at(INTERNAL, broker.port("INTERNAL"));
    }

    private static FetchRequest.Builder followersFetch() {
        return FetchRequest.Builder.forReplica(
                ApiKeys.FETCH.latestVersion(),
                9,
                1,
                0,
                0,
                Map.of(
                        PARTITION,
                        new FetchRequest.PartitionData(topicId, 0, 0, 1000, Optional.empty(), Optional.empty())));
    }

    private static AddPartitionsToTxnRequest.Builder addPartitions() {
        var transactions = new AddPartitionsToTxnTransactionCollection();
        transactions.mustAdd(new AddPartitionsToTxnTransaction()
                .setTransactionalId("nobody's")
                .setProducerId(1)
                .setVerifyOnly(true));
        return AddPartitionsToTxnRequest.Builder.forBroker(transactions);
    }

    @SuppressWarnings("unchecked")
    private static <T extends AbstractResponse> T ask(
            TestBrokers stranger, int listener, AbstractRequest.Builder<?> request) {
        return (T) stranger.client.send(listener, request).toCompletableFuture().join();
    }

    @Test
    void followersFetchOnTheListenerOfBrokers() {
        try (var stranger = stranger()) {
            FetchResponse refused = ask(stranger, CLIENTS, followersFetch());
            assertEquals(Errors.CLUSTER_AUTHORIZATION_FAILED, refused.error());
            assertEquals(0, refused.data().responses().size());
            FetchResponse heard = ask(stranger, INTERNAL, followersFetch());
            assertEquals(Errors.NONE, heard.error());
            var partition = heard.data().responses().get(0).partitions().get(0);
            assertNotEquals(Errors.NONE.code(), partition.errorCode(), "broker 9 is no replica");
        }
    }

    @Test
    void brokersAskForTransactionsOnTheListenerOfBrokers() {
        try (var stranger = stranger()) {
            AddPartitionsToTxnResponse refused = ask(stranger, CLIENTS, addPartitions());
            assertEquals(
                    Errors.CLUSTER_AUTHORIZATION_FAILED.code(), refused.data().errorCode());
            AddPartitionsToTxnResponse heard = ask(stranger, INTERNAL, addPartitions());
            assertEquals(Errors.NONE.code(), heard.data().errorCode());
        }
    }

    @Test
    void adminMayWriteMarkersOnEveryListener() {
        try (var stranger = stranger()) {
            var markers = new RemoteMarkers(stranger.client);
            for (int listener : new int[] {CLIENTS, INTERNAL}) {
                var marker = new TransactionMarker(4711, (short) 0, 0, TransactionResult.ABORT, (short) 0);
                assertEquals(
                        Map.of(PARTITION, Errors.NONE),
                        markers.to(listener)
                                .write(marker, List.of(PARTITION))
                                .toCompletableFuture()
                                .join());
            }
        }
    }

    @Test
    void refusalIsOneLineForAConnection() {
        try (var log = new LogWatch()) {
            for (int connection = 0; connection < 2; connection++) {
                try (var stranger = stranger()) {
                    for (int i = 0; i < 5; i++) {
                        ask(stranger, CLIENTS, followersFetch());
                        ask(stranger, CLIENTS, addPartitions());
                    }
                }
            }
            log.assertNoStackTrace();
            assertEquals(
                    2,
                    log.messages()
                            .filter(m -> m.contains("inter-broker listener"))
                            .count());
        }
    }
}
