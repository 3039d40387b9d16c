package io.odradek.network;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.api.Reply;
import io.odradek.log.SliceSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Responses whose records are in files. */
class FetchResponseTest {
    private static final int FILE_BYTES = 8 * 1024 * 1024;

    enum Protocol {
        PLAINTEXT,
        SSL
    }

    @TempDir
    Path directory;

    @TempDir
    static Path certificates;

    private final byte[] content = new byte[FILE_BYTES];
    private SliceSource slices;

    @BeforeEach
    void write() throws IOException {
        new Random(11).nextBytes(content);
        slices = new SliceSource(Files.write(directory.resolve("segment"), content));
    }

    @AfterEach
    void everySliceWasGivenBack() {
        await().until(slices::isReleased);
    }

    /** Answers each partition with the piece of the file from its fetch offset on, of its maximal bytes. */
    private final FakeHandler<FetchRequest> fetch = new FakeHandler<>(
            ApiKeys.FETCH, (context, request) -> CompletableFuture.completedFuture(Reply.of(response(request))));

    private FetchResponse response(FetchRequest request) {
        var data = new FetchResponseData();
        for (var topic : request.data().topics()) {
            var answer = new FetchableTopicResponse().setTopicId(topic.topicId());
            for (var partition : topic.partitions()) {
                answer.partitions()
                        .add(new PartitionData()
                                .setPartitionIndex(partition.partition())
                                .setRecords(records((int) partition.fetchOffset(), partition.partitionMaxBytes())));
            }
            data.responses().add(answer);
        }
        return FetchResponse.of(data);
    }

    /** Odd positions come from memory. */
    private BaseRecords records(int position, int bytes) {
        return position % 2 == 0
                ? slices.slice(position, bytes)
                : MemoryRecords.readableRecords(
                        ByteBuffer.wrap(content, position, bytes).slice());
    }

    /** @param pieces position and size of each */
    private static FetchRequest request(int[]... pieces) {
        var topic = new FetchTopic();
        for (var piece : pieces) {
            topic.partitions()
                    .add(new FetchPartition()
                            .setPartition(topic.partitions().size())
                            .setFetchOffset(piece[0])
                            .setPartitionMaxBytes(piece[1]));
        }
        return new FetchRequest(new FetchRequestData().setTopics(List.of(topic)), (short) 16);
    }

    private void assertAnswered(TestClient client, RequestHeader header, int[]... pieces) throws IOException {
        var partitions =
                ((FetchResponse) client.read(header)).data().responses().get(0).partitions();
        for (int i = 0; i < pieces.length; i++) {
            var records = (MemoryRecords) partitions.get(i).records();
            var bytes = new byte[records.sizeInBytes()];
            records.buffer().get(bytes);
            assertArrayEquals(Arrays.copyOfRange(content, pieces[i][0], pieces[i][0] + pieces[i][1]), bytes);
        }
    }

    private TestServer start(Protocol protocol, FakeHandler<?> handler) throws Exception {
        return protocol == Protocol.PLAINTEXT
                ? TestServer.start(handler)
                : TestServer.startTls(Certificates.in(certificates).pem("broker"), handler);
    }

    @ParameterizedTest
    @EnumSource
    void slicesAndMemoryArriveInOrder(Protocol protocol) throws Exception {
        try (var server = start(protocol, fetch);
                var client = server.connect()) {
            var requests = List.of(
                    new int[][] {{0, FILE_BYTES}},
                    new int[][] {{2, 100}, {5, 1000}, {100, 0}, {101, 0}, {4000, 70_000}},
                    new int[][] {{1, 3_000_000}, {0, 3_000_000}, {7, 1}, {8, 1}},
                    new int[][] {{FILE_BYTES - 2, 2}});
            var headers = new ArrayList<RequestHeader>();
            for (var pieces : requests) {
                headers.add(client.send(request(pieces)));
            }
            for (int i = 0; i < requests.size(); i++) {
                assertAnswered(client, headers.get(i), requests.get(i));
            }
            client.ping();
        }
    }

    @ParameterizedTest
    @EnumSource
    void clientThatGoesAwayWhileItIsSentTo(Protocol protocol) throws Exception {
        try (var server = start(protocol, fetch)) {
            for (int i = 0; i < 5; i++) {
                try (var client = server.connect()) {
                    client.send(request(new int[][] {{0, FILE_BYTES}, {2, FILE_BYTES - 2}}));
                    client.send(request(new int[][] {{0, FILE_BYTES}}));
                    InputStream in = client.socket().getInputStream();
                    assertEquals(10_000, in.readNBytes(10_000).length);
                }
            }
            await().until(() -> server.metrics.open.get() == 0);
            assertTrue(slices.isReleased());
        }
    }

    @Test
    void clientThatIsGoneBeforeTheHandlerIsDone() throws IOException {
        var go = new CompletableFuture<Void>();
        var started = new CountDownLatch(2);
        var held = new FakeHandler<FetchRequest>(ApiKeys.FETCH, (context, request) -> {
            started.countDown();
            return go.thenApply(now -> Reply.of(response(request)));
        });
        try (var server = TestServer.start(held)) {
            try (var client = server.connect()) {
                client.send(request(new int[][] {{0, 1000}}));
                client.send(request(new int[][] {{0, 1000}}));
                await().until(() -> started.getCount() == 0);
            }
            await().until(() -> server.metrics.open.get() == 0);
            go.complete(null);
        }
    }

    @Test
    void handlerThatIsDoneAfterTheServerStopped() throws IOException {
        var go = new CompletableFuture<Void>();
        var started = new CountDownLatch(1);
        var held = new FakeHandler<FetchRequest>(ApiKeys.FETCH, (context, request) -> {
            started.countDown();
            return go.thenApply(now -> Reply.of(response(request)));
        });
        var server = TestServer.start(held);
        try (var client = server.connect()) {
            client.send(request(new int[][] {{0, 1000}}));
            await().until(() -> started.getCount() == 0);
            server.server.close();
            assertTrue(client.isClosedByServer());
        }
        go.complete(null);
        server.close();
    }

    @ParameterizedTest
    @EnumSource
    void fileThatIsShorterThanItsSliceClosesTheConnection(Protocol protocol) throws Exception {
        try (var server = start(protocol, fetch);
                var client = server.connect()) {
            client.send(request(new int[][] {{FILE_BYTES - 1000, 5000}}));
            assertTrue(client.readUntilClosed() < 5000);
            try (var other = server.connect()) {
                other.ping();
            }
        }
    }
}
