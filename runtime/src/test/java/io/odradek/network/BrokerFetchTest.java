package io.odradek.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.api.Reply;
import io.odradek.log.SliceSource;
import io.odradek.replication.LeaderConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Large answers to followers, in the clear and encrypted. */
@Timeout(120)
class BrokerFetchTest {
    private static final int PEER = 2;
    private static final int FILE_BYTES = 12 * 1024 * 1024;
    private static final byte[] CONTENT = new byte[FILE_BYTES];

    enum Protocol {
        PLAINTEXT,
        SSL
    }

    @TempDir
    static Path directory;

    private static Certificates certificates;
    private static SliceSource slices;

    @BeforeAll
    static void write() throws Exception {
        new Random(7).nextBytes(CONTENT);
        slices = new SliceSource(Files.write(directory.resolve("segment"), CONTENT));
        certificates = Certificates.in(directory);
    }

    /** Answers each partition with the piece of the file from its fetch offset on, of its maximal bytes. */
    private static FakeHandler<FetchRequest> pieces() {
        return new FakeHandler<>(ApiKeys.FETCH, (context, request) -> {
            var data = new FetchResponseData();
            for (var topic : request.data().topics()) {
                var answer = new FetchableTopicResponse().setTopicId(topic.topicId());
                for (var partition : topic.partitions()) {
                    answer.partitions()
                            .add(new PartitionData()
                                    .setPartitionIndex(partition.partition())
                                    .setRecords(slices.slice(
                                            (int) partition.fetchOffset(), partition.partitionMaxBytes())));
                }
                data.responses().add(answer);
            }
            return CompletableFuture.completedFuture(Reply.of(FetchResponse.of(data)));
        });
    }

    /** @param pieces position and size of each */
    private static FetchRequest.Builder fetch(int[]... pieces) {
        var wanted = new LinkedHashMap<TopicPartition, FetchRequest.PartitionData>();
        for (var piece : pieces) {
            wanted.put(
                    new TopicPartition("t", wanted.size()),
                    new FetchRequest.PartitionData(
                            new Uuid(1, 2), piece[0], 0, piece[1], Optional.of(5), Optional.of(4)));
        }
        return FetchRequest.Builder.forReplica(ApiKeys.FETCH.latestVersion(), 7, 11, 500, 1, wanted);
    }

    private static void assertCarries(FetchResponse response, int[]... pieces) {
        var partitions = response.data().responses().get(0).partitions();
        for (int i = 0; i < pieces.length; i++) {
            var records = (MemoryRecords) partitions.get(i).records();
            var bytes = new byte[records.sizeInBytes()];
            records.buffer().get(bytes);
            assertArrayEquals(Arrays.copyOfRange(CONTENT, pieces[i][0], pieces[i][0] + pieces[i][1]), bytes);
        }
    }

    private static TestServer start(Protocol protocol) throws Exception {
        return protocol == Protocol.PLAINTEXT
                ? TestServer.start(BrokerClientTest.everyVersion(), pieces())
                : TestServer.startTls(ssl("broker"), BrokerClientTest.everyVersion(), pieces());
    }

    private static TestBrokers client(Protocol protocol) throws Exception {
        return protocol == Protocol.PLAINTEXT ? TestBrokers.plaintext() : TestBrokers.tls(ssl("broker"));
    }

    /** What every broker of a cluster has: one certificate, which all trust and ask for. */
    private static Map<String, String> ssl(String name) throws Exception {
        return Certificates.all(
                certificates.pem(name),
                Map.of(
                        "ssl.client.auth", "required",
                        "ssl.endpoint.identification.algorithm", "https",
                        "ssl.truststore.type", "PEM",
                        "ssl.truststore.certificates", certificates.certificatePem(name)));
    }

    @ParameterizedTest
    @EnumSource
    void answersArriveWholeOneAfterTheOther(Protocol protocol) throws Exception {
        int[][][] requests = {
            {{0, FILE_BYTES}},
            {{2, 100}, {5, 1000}, {100, 0}, {4000, 700_000}},
            {{1, 3_000_000}, {0, 3_000_000}, {7, 1}},
            {{FILE_BYTES - 2, 2}},
            {{17, 9_000_000}}
        };
        try (var server = start(protocol);
                var brokers = client(protocol).at(PEER, server.port());
                var leader = brokers.client.connectTo(PEER, "broker-7-fetcher-0")) {
            var over = new CompletableFuture<Void>();
            fetchAll(leader, requests, 0, over);
            over.join();
            assertEquals(1, server.metrics.open.get(), "connections");
        }
    }

    /** Sends the next from where the one before is handled, as a fetcher does. */
    private static void fetchAll(LeaderConnection leader, int[][][] requests, int next, CompletableFuture<Void> over) {
        if (next == requests.length) {
            over.complete(null);
            return;
        }
        leader.fetch(fetch(requests[next]), (response, failure) -> {
            try {
                assertNull(failure);
                fetchAll(leader, requests, next + 1, over);
                assertCarries(response, requests[next]);
            } catch (Throwable e) {
                over.completeExceptionally(e);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void closeWhileAnAnswerIsHandledLeavesItsRecords(Protocol protocol) throws Exception {
        try (var server = start(protocol);
                var brokers = client(protocol).at(PEER, server.port())) {
            var leader = brokers.client.connectTo(PEER, "broker-7-fetcher-0");
            var arrived = new CountDownLatch(1);
            var closed = new CountDownLatch(1);
            var over = new CompletableFuture<Void>();
            leader.fetch(fetch(new int[] {0, 1_000_000}), (response, failure) -> {
                try {
                    arrived.countDown();
                    closed.await();
                    assertCarries(response, new int[] {0, 1_000_000});
                    over.complete(null);
                } catch (Throwable e) {
                    over.completeExceptionally(e);
                }
            });
            arrived.await();
            leader.close();
            closed.countDown();
            over.join();
            var late = new CompletableFuture<Throwable>();
            leader.fetch(fetch(new int[] {0, 10}), (response, failure) -> late.complete(failure));
            assertInstanceOf(DisconnectException.class, late.join());
        }
    }

    @Test
    void recordsOfASharedConnectionStay() throws Exception {
        try (var server = start(Protocol.PLAINTEXT);
                var brokers = client(Protocol.PLAINTEXT).at(PEER, server.port())) {
            var first = brokers.client.send(PEER, fetch(new int[] {0, 500_000})).toCompletableFuture();
            first.join();
            brokers.client
                    .send(PEER, fetch(new int[] {500_000, 500_000}))
                    .toCompletableFuture()
                    .join();
            assertCarries((FetchResponse) first.join(), new int[] {0, 500_000});
        }
    }

    @Test
    void answerThatIsLargerThanAllowedEndsTheConnection() throws Exception {
        try (var server = start(Protocol.PLAINTEXT);
                var brokers = TestBrokers.withResponsesOf(1_000_000).at(PEER, server.port())) {
            var refused = brokers.client.send(PEER, fetch(new int[] {0, 2_000_000}));
            var why = assertThrows(CompletionException.class, refused.toCompletableFuture()::join);
            assertTrue(why.getMessage().contains("replica.fetch.response.max.bytes"), why::getMessage);
            var taken = brokers.client.send(PEER, fetch(new int[] {0, 900_000}));
            assertCarries((FetchResponse) taken.toCompletableFuture().join(), new int[] {0, 900_000});
        }
    }

    @Test
    void certificateOfTheListenerIsShownToOtherBrokers() throws Exception {
        try (var server = TestServer.startTls(ssl("broker"), BrokerClientTest.everyVersion());
                var brokers = TestBrokers.tls(ssl("broker")).at(PEER, server.port())) {
            brokers.client.requireUsable();
            var metadata = new MetadataRequest.Builder(List.of("x"), false);
            var answer =
                    brokers.client.send(PEER, metadata).toCompletableFuture().join();
            assertEquals(
                    "User:CN=broker,O=Odradek",
                    ((MetadataResponse) answer).data().clusterId());
        }
    }

    @Test
    void brokerThatIsNotTrustedIsNotSpokenTo() throws Exception {
        try (var server = TestServer.startTls(ssl("other"), BrokerClientTest.everyVersion(), pieces());
                var brokers = TestBrokers.tls(ssl("broker")).at(PEER, server.port())) {
            var refused = brokers.client.send(PEER, fetch(new int[] {0, 10}));
            var why = assertThrows(CompletionException.class, refused.toCompletableFuture()::join);
            assertInstanceOf(DisconnectException.class, why.getCause());
            assertTrue(why.getMessage().contains("TLS"), why::getMessage);
        }
    }

    @Test
    void brokerOfAnotherNameIsNotSpokenTo() throws Exception {
        try (var server = TestServer.startTls(ssl("broker"), BrokerClientTest.everyVersion(), pieces());
                var brokers = TestBrokers.tls(ssl("broker")).at(PEER, "localhost", server.port())) {
            var refused = brokers.client.send(PEER, fetch(new int[] {0, 10}));
            var why = assertThrows(CompletionException.class, refused.toCompletableFuture()::join);
            assertTrue(why.getMessage().contains("localhost"), why::getMessage);
        }
    }

    @Test
    void certificatesThatBrokersWouldNotTrustAreToldAtOnce() throws Exception {
        var settings = Certificates.all(
                ssl("broker"), Map.of("ssl.truststore.certificates", certificates.certificatePem("other")));
        try (var brokers = TestBrokers.tls(settings).at(PEER, 9)) {
            var why = assertThrows(ConfigException.class, brokers.client::requireUsable);
            assertTrue(why.getMessage().contains("as a client of other brokers"), why::getMessage);
            var refused = brokers.client.send(PEER, fetch(new int[] {0, 10}));
            assertInstanceOf(
                    DisconnectException.class,
                    assertThrows(CompletionException.class, refused.toCompletableFuture()::join)
                            .getCause());
        }
    }
}
