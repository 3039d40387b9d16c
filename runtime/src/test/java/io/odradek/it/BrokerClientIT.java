package io.odradek.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.odradek.broker.Broker;
import io.odradek.config.BrokerConfig;
import io.odradek.network.TestBrokers;
import io.odradek.peer.ApacheKafka;
import io.odradek.transaction.RemoteMarkers;
import io.odradek.transaction.TransactionMarker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopicCollection;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransactionCollection;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AddPartitionsToTxnRequest;
import org.apache.kafka.common.requests.AddPartitionsToTxnResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.TransactionResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The client between brokers against a whole broker of our own and a real Apache Kafka: both answer alike. */
@Timeout(180)
class BrokerClientIT {
    private static final int PEER = 1;
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    enum Kind {
        ODRADEK,
        APACHE_KAFKA
    }

    @TempDir
    Path directory;

    private final List<AutoCloseable> closing = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (var one : closing) {
            one.close();
        }
    }

    private int start(Kind kind) throws Exception {
        if (kind == Kind.APACHE_KAFKA) {
            var kafka = ApacheKafka.start(directory, Map.of());
            closing.add(kafka);
            var server = kafka.bootstrapServer();
            return Integer.parseInt(server.substring(server.lastIndexOf(':') + 1));
        }
        var broker = Broker.start(BrokerConfig.of(Map.of(
                "node.id", "1",
                "log.dirs", directory.toString(),
                "listeners", "PLAINTEXT://localhost:0",
                "transaction.state.log.num.partitions", "1")));
        closing.add(broker);
        return broker.port("PLAINTEXT");
    }

    private static Uuid createTopic(int port) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", "localhost:" + port))) {
            return admin.createTopics(List.of(new NewTopic("t", 1, (short) 1)))
                    .topicId("t")
                    .get();
        }
    }

    @ParameterizedTest
    @EnumSource
    void producesFetchesAndAsksForTransactions(Kind kind) throws Exception {
        int port = start(kind);
        var topicId = createTopic(port);
        try (var brokers = TestBrokers.plaintext().at(PEER, port)) {
            var values = new ArrayList<String>();
            for (int batch = 0; batch < 20; batch++) {
                values.addAll(produce(brokers, topicId, batch));
            }
            assertEquals(values, fetchAll(brokers, topicId, values.size()));
            assertEquals(Map.of(PARTITION, Errors.NONE), writeMarker(brokers, PARTITION));
            var unknown = new TopicPartition("unknown", 3);
            assertEquals(Map.of(unknown, Errors.UNKNOWN_TOPIC_OR_PARTITION), writeMarker(brokers, unknown));
            assertEquals(Errors.INVALID_PRODUCER_ID_MAPPING, verify(brokers));
        }
    }

    /** Batches of 200 kB, so that an answer to a fetch is large. */
    private static List<String> produce(TestBrokers brokers, Uuid topicId, int batch) {
        var values = new ArrayList<String>();
        for (int i = 0; i < 20; i++) {
            values.add(batch + "-" + i + "-" + "x".repeat(10_000));
        }
        var records = MemoryRecords.withRecords(
                Compression.NONE,
                values.stream().map(v -> new SimpleRecord(v.getBytes())).toArray(SimpleRecord[]::new));
        var topics = new TopicProduceDataCollection();
        topics.mustAdd(new TopicProduceData()
                .setName("t")
                .setTopicId(topicId)
                .setPartitionData(List.of(new PartitionProduceData().setIndex(0).setRecords(records))));
        var answer = brokers.client
                .send(
                        PEER,
                        ProduceRequest.builder(new ProduceRequestData()
                                .setAcks((short) -1)
                                .setTimeoutMs(10_000)
                                .setTopicData(topics)))
                .toCompletableFuture()
                .join();
        var partition = assertInstanceOf(ProduceResponse.class, answer)
                .data()
                .responses()
                .iterator()
                .next()
                .partitionResponses()
                .get(0);
        assertEquals(Errors.NONE.code(), partition.errorCode());
        return values;
    }

    private static List<String> fetchAll(TestBrokers brokers, Uuid topicId, int count) {
        var values = new ArrayList<String>();
        try (var leader = brokers.client.connectTo(PEER, "broker-7-fetcher-0")) {
            while (values.size() < count) {
                var some = new CompletableFuture<List<String>>();
                var wanted = new FetchRequest.PartitionData(
                        topicId, values.size(), 0, 10_000_000, Optional.empty(), Optional.empty());
                var request = FetchRequest.Builder.forConsumer(
                        ApiKeys.FETCH.latestVersion(), 500, 1, Map.of(PARTITION, wanted));
                leader.fetch(request, (response, failure) -> {
                    if (failure != null) {
                        some.completeExceptionally(failure);
                        return;
                    }
                    var partition =
                            response.data().responses().get(0).partitions().get(0);
                    var read = new ArrayList<String>();
                    for (var record : ((MemoryRecords) partition.records()).records()) {
                        if (record.offset() >= wanted.fetchOffset) {
                            var bytes = new byte[record.valueSize()];
                            record.value().get(bytes);
                            read.add(new String(bytes));
                        }
                    }
                    some.complete(read);
                });
                values.addAll(some.join());
            }
        }
        return values;
    }

    private static Map<TopicPartition, Errors> writeMarker(TestBrokers brokers, TopicPartition partition) {
        var marker = new TransactionMarker(4711, (short) 0, 0, TransactionResult.ABORT, (short) 0);
        return new RemoteMarkers(brokers.client)
                .to(PEER)
                .write(marker, List.of(partition))
                .toCompletableFuture()
                .join();
    }

    /** Whether a partition is in a transaction that nobody began. */
    private static Errors verify(TestBrokers brokers) throws InterruptedException {
        var find = new FindCoordinatorRequest.Builder(new FindCoordinatorRequestData()
                .setKeyType(CoordinatorType.TRANSACTION.id())
                .setCoordinatorKeys(List.of("id")));
        Errors error;
        do {
            var found = (FindCoordinatorResponse)
                    brokers.client.send(PEER, find).toCompletableFuture().join();
            error = found.coordinatorByKey("id")
                    .map(c -> Errors.forCode(c.errorCode()))
                    .orElseThrow();
        } while (error == Errors.COORDINATOR_NOT_AVAILABLE);
        var topics = new AddPartitionsToTxnTopicCollection();
        topics.mustAdd(new AddPartitionsToTxnTopic().setName("t").setPartitions(List.of(0)));
        var transactions = new AddPartitionsToTxnTransactionCollection();
        transactions.mustAdd(new AddPartitionsToTxnTransaction()
                .setTransactionalId("id")
                .setProducerId(4711)
                .setVerifyOnly(true)
                .setTopics(topics));
        do {
            var builder = AddPartitionsToTxnRequest.Builder.forBroker(transactions);
            var answer = (AddPartitionsToTxnResponse)
                    brokers.client.send(PEER, builder).toCompletableFuture().join();
            error = answer.errors().get("id").get(PARTITION);
        } while (error == Errors.COORDINATOR_LOAD_IN_PROGRESS || error == Errors.NOT_COORDINATOR);
        return error;
    }
}
