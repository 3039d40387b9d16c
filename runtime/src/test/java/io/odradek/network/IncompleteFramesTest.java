package io.odradek.network;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.api.Reply;
import io.odradek.network.RequestMetrics.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.Test;

/** Frames that take long to come, or never do. */
class IncompleteFramesTest {
    private static final int MB = 1024 * 1024;

    @Test
    void claimCostsNothingBeforeBytesCome() throws IOException {
        try (var server = TestServer.start()) {
            var clients = new ArrayList<TestClient>();
            for (int i = 0; i < 20; i++) {
                var client = server.connect();
                client.write(ByteBuffer.allocate(8).putInt(100 * MB).putInt(0));
                clients.add(client);
            }
            await().until(() -> server.server.requestMemoryBytes() > 0);
            try (var other = server.connect()) {
                other.ping();
            }
            assertTrue(server.server.requestMemoryBytes() <= 20 * 64 * 1024);
            for (var client : clients) {
                client.close();
            }
            await().until(() -> server.server.requestMemoryBytes() == 0);
        }
    }

    @Test
    void crowdOfStalledFramesIsBoundedAndGivesWay() throws IOException {
        var limit = 2 * MB;
        try (var server = TestServer.start(
                config -> config.queuedMaxRequestBytes(limit).stalledRequestTimeout(Duration.ofMillis(200)))) {
            var clients = new ArrayList<TestClient>();
            for (int i = 0; i < 40; i++) {
                var client = server.connect();
                client.write(ByteBuffer.allocate(60_000).putInt(MB));
                clients.add(client);
            }
            await().until(() -> server.server.requestMemoryBytes() >= limit / 8 * 7 - 64 * 1024);
            try (var other = server.connect()) {
                other.ping(); // of the memory that incomplete frames leave to complete ones
            }
            await().until(() -> server.metrics.refused(Refusal.STALLED_REQUEST) > 0);
            assertTrue(server.server.requestMemoryBytes() <= limit + MB);
            for (var client : clients) {
                client.close();
            }
        }
    }

    @Test
    void largeFramesArriveWhole() throws IOException {
        var received = new AtomicReference<byte[]>();
        var produce = produce(received, CompletableFuture.completedFuture(null));
        var random = new Random(3);
        try (var server = TestServer.start(produce);
                var client = server.connect()) {
            for (var size : new int[] {10, 1000, 1020, 16_000, 65_536, 70_000, 300_000, 3 * MB, 20 * MB, 100, 3 * MB}) {
                var records = new byte[size];
                random.nextBytes(records);
                var header = client.send(request(records));
                client.ping();
                assertArrayEquals(records, received.get(), "of " + size);
            }
        }
    }

    @Test
    void framesOfManyClientsShareLittleMemory() throws Exception {
        var received = new AtomicReference<byte[]>();
        var produce = produce(received, CompletableFuture.completedFuture(null));
        try (var server = TestServer.start(config -> config.queuedMaxRequestBytes(MB), produce)) {
            var threads = new ArrayList<Thread>();
            var failures = new ArrayList<Throwable>();
            for (int i = 0; i < 8; i++) {
                var thread = new Thread(() -> {
                    try (var client = server.connect()) {
                        for (int n = 0; n < 10; n++) {
                            client.send(request(new byte[700_000]));
                            client.ping();
                        }
                    } catch (Throwable e) {
                        synchronized (failures) {
                            failures.add(e);
                        }
                    }
                });
                thread.start();
                threads.add(thread);
            }
            for (var thread : threads) {
                thread.join();
            }
            assertEquals(List.of(), failures);
        }
    }

    @Test
    void recordsAreValidUntilTheHandlerIsDoneAlsoWhenTheClientIsGone() throws IOException {
        var held = new CompletableFuture<Void>();
        var received = new AtomicReference<byte[]>();
        var records = new byte[200_000];
        new Random(5).nextBytes(records);
        try (var server = TestServer.start(produce(received, held))) {
            try (var client = server.connect()) {
                client.send(request(records));
                await().until(() -> server.server.requestMemoryBytes() > records.length);
            }
            await().until(() -> server.metrics.open.get() == 0);
            held.complete(null);
            await().until(() -> received.get() != null);
            assertArrayEquals(records, received.get());
        }
    }

    /** Looks at the records when the stage completes. */
    private static FakeHandler<ProduceRequest> produce(AtomicReference<byte[]> received, CompletableFuture<Void> held) {
        return new FakeHandler<>(
                ApiKeys.PRODUCE,
                (context, request) -> held.thenApply(go -> {
                    var records = (MemoryRecords) request.data()
                            .topicData()
                            .iterator()
                            .next()
                            .partitionData()
                            .get(0)
                            .records();
                    assertTrue(records.buffer().isDirect());
                    var bytes = new byte[records.sizeInBytes()];
                    records.buffer().get(bytes);
                    received.set(bytes);
                    return new Reply.Silent();
                }));
    }

    private static ProduceRequest request(byte[] records) {
        var partition = new PartitionProduceData()
                .setIndex(0)
                .setRecords(MemoryRecords.readableRecords(ByteBuffer.wrap(records)));
        var topics = new TopicProduceDataCollection();
        topics.add(new TopicProduceData().setName("topic").setPartitionData(List.of(partition)));
        return new ProduceRequest(
                new ProduceRequestData().setAcks((short) 0).setTimeoutMs(1000).setTopicData(topics), (short) 9);
    }

    @Test
    void requestOfEndlessElementsIsRefused() throws IOException {
        try (var server = TestServer.start();
                var client = server.connect()) {
            var header =
                    TestClient.frame(new RequestHeader(ApiKeys.METADATA, (short) 9, "test", 1), TestClient.metadata());
            // Behind the header: three million topics of an empty name and no tags.
            var elements = 3_000_000;
            var body = ByteBuffer.allocate(header.length + 4 + 2 * elements);
            body.put(header, 0, header.length - 5);
            org.apache.kafka.common.utils.ByteUtils.writeUnsignedVarint(elements + 1, body);
            for (int i = 0; i < elements; i++) {
                body.put((byte) 1).put((byte) 0);
            }
            body.putInt(0, body.position() - 4);
            client.socket().getOutputStream().write(body.array(), 0, body.position());
            assertTrue(client.isClosedByServer());
            assertEquals(1, server.metrics.refused(Refusal.INVALID_REQUEST));
        }
    }
}
