package io.odradek.network;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.api.Reply;
import io.odradek.metadata.Command.FenceBroker;
import io.odradek.metadata.Command.InitializeCluster;
import io.odradek.metadata.Command.RegisterBroker;
import io.odradek.metadata.Features;
import io.odradek.metadata.InMemoryMetadataStore;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests, answers and what happens without them; the other side is a real server, or a socket that misbehaves. */
@Timeout(120)
class BrokerClientTest {
    private static final int PEER = 2;

    /** Says what it serves; the metadata's answer repeats the topics that were asked for. */
    private static FakeHandler<ApiVersionsRequest> versions(ApiVersion... versions) {
        var collection = new ApiVersionCollection();
        for (var version : versions) {
            collection.mustAdd(version.duplicate());
        }
        return new FakeHandler<>(
                ApiKeys.API_VERSIONS,
                (context, request) -> CompletableFuture.completedFuture(Reply.of(
                        new ApiVersionsResponse(new ApiVersionsResponseData().setApiKeys(collection.duplicate())))));
    }

    static FakeHandler<ApiVersionsRequest> everyVersion() {
        return versions(ApiVersionsResponse.collectApis(ListenerType.BROKER, EnumSet.allOf(ApiKeys.class), false)
                .toArray(ApiVersion[]::new));
    }

    private static ApiVersion version(ApiKeys api, int min, int max) {
        return new ApiVersion().setApiKey(api.id).setMinVersion((short) min).setMaxVersion((short) max);
    }

    private static MetadataRequest.Builder metadata(String topic) {
        return new MetadataRequest.Builder(List.of(topic), false);
    }

    private static CompletableFuture<String> ask(TestBrokers brokers, String topic) {
        return topic(brokers.client.send(PEER, metadata(topic)));
    }

    private static CompletableFuture<String> topic(CompletionStage<AbstractResponse> answer) {
        return answer.thenApply(response -> ((MetadataResponse) response)
                        .data()
                        .topics()
                        .iterator()
                        .next()
                        .name())
                .toCompletableFuture();
    }

    private static <E extends Throwable> E failure(Class<E> type, CompletableFuture<?> answer) {
        return assertInstanceOf(
                type, assertThrows(CompletionException.class, answer::join).getCause());
    }

    @Test
    void manyRequestsAreAnsweredEachWithItsOwn() throws Exception {
        try (var server = TestServer.start(everyVersion());
                var brokers = TestBrokers.plaintext().at(PEER, server.port())) {
            var answers = new ArrayList<CompletableFuture<String>>();
            for (int i = 0; i < 50; i++) {
                answers.add(ask(brokers, "topic-" + i));
            }
            for (int i = 0; i < 50; i++) {
                assertEquals("topic-" + i, answers.get(i).join());
            }
            assertEquals(1, server.metrics.open.get(), "connections");
        }
    }

    @Test
    void versionIsTheLatestThatBothKnow() throws Exception {
        var asked = new ArrayList<Short>();
        var metadata = new FakeHandler<MetadataRequest>(ApiKeys.METADATA, (context, request) -> {
            asked.add(context.apiVersion());
            return CompletableFuture.completedFuture(Reply.of(FakeHandler.echo(context, request)));
        });
        try (var server = TestServer.start(versions(version(ApiKeys.METADATA, 3, 9)), metadata);
                var brokers = TestBrokers.plaintext().at(PEER, server.port())) {
            assertEquals("a", ask(brokers, "a").join());
            assertEquals(List.of((short) 9), asked);
            var unknown = brokers.client.send(
                    PEER, new FindCoordinatorRequest.Builder(new FindCoordinatorRequestData().setKey("x")));
            failure(UnsupportedVersionException.class, unknown.toCompletableFuture());
            assertEquals("b", ask(brokers, "b").join(), "the connection is still good");
            assertEquals(1, server.metrics.open.get(), "connections");
        }
    }

    @Test
    void olderBrokerIsAskedForItsVersionsInOneThatItKnows() throws Exception {
        try (var server = new RawServer(connection -> {
                    var first = connection.request();
                    // KIP-511: in version 0, whatever was asked for.
                    var refusal = new ApiVersionsResponseData().setErrorCode(Errors.UNSUPPORTED_VERSION.code());
                    refusal.apiKeys().add(version(ApiKeys.API_VERSIONS, 0, 2));
                    connection.answer(first, refusal, (short) 0);
                    var second = connection.request();
                    assertEquals(2, second.version());
                    connection.answer(
                            second,
                            new ApiVersionsResponseData()
                                    .setApiKeys(ApiVersionsResponse.collectApis(
                                            ListenerType.BROKER, Set.of(ApiKeys.METADATA), false)),
                            (short) 2);
                    assertEquals(ApiKeys.METADATA.id, connection.request().api());
                });
                var brokers = TestBrokers.plaintext().at(PEER, server.port())) {
            failure(DisconnectException.class, ask(brokers, "x")); // it ends there
            server.requireNoFailure();
        }
    }

    @Test
    void nobodyThereFailsWhoWaits() throws Exception {
        int port = unusedPort();
        try (var brokers = TestBrokers.plaintext().at(PEER, port)) {
            for (int i = 0; i < 5; i++) {
                var why = failure(DisconnectException.class, ask(brokers, "x"));
                assertTrue(why.getMessage().contains("broker " + PEER), why::getMessage);
            }
        }
    }

    @Test
    void brokerThatIsNotKnownFailsWhoWaits() {
        try (var brokers = TestBrokers.plaintext()) {
            failure(DisconnectException.class, ask(brokers, "x"));
            brokers.at(PEER, "no-such-host.invalid", 9092);
            var why = failure(DisconnectException.class, ask(brokers, "x"));
            assertTrue(why.getMessage().contains("no-such-host.invalid"), why::getMessage);
        }
    }

    @Test
    void nameOfTheHostIsLookedUp() throws Exception {
        try (var server = TestServer.start(everyVersion());
                var brokers = TestBrokers.plaintext().at(PEER, "localhost", server.port())) {
            assertEquals("x", ask(brokers, "x").join());
        }
    }

    @Test
    void whoAsksAgainAtOnceDoesNotConnectMoreOftenThanThat() throws Exception {
        try (var server = new RawServer(connection -> {});
                var brokers = TestBrokers.plaintext().at(PEER, server.port())) {
            var over = new CompletableFuture<Void>();
            var attempts = new AtomicInteger();
            askAgain(brokers, attempts, 10, over);
            over.join();
            assertEquals(10, server.connections.get());
        }
    }

    private static void askAgain(TestBrokers brokers, AtomicInteger attempts, int most, CompletableFuture<Void> over) {
        brokers.client.send(PEER, metadata("x")).whenComplete((response, failure) -> {
            if (attempts.incrementAndGet() == most) {
                over.complete(null);
            } else {
                askAgain(brokers, attempts, most, over);
            }
        });
    }

    @Test
    void brokerThatComesBackElsewhereIsFound() throws Exception {
        try (var brokers = TestBrokers.plaintext()) {
            try (var server = TestServer.start(everyVersion())) {
                brokers.at(PEER, server.port());
                assertEquals("before", ask(brokers, "before").join());
            }
            try (var server = TestServer.start(everyVersion())) {
                brokers.at(PEER, server.port());
                await().pollInterval(Duration.ofMillis(10)).until(() -> ask(brokers, "after")
                        .exceptionally(failure -> "")
                        .join()
                        .equals("after"));
            }
        }
    }

    @Test
    void requestsUnderWayFailWhenTheOtherSideGoes() throws Exception {
        var held = new CompletableFuture<Reply>();
        var silent = new FakeHandler<MetadataRequest>(ApiKeys.METADATA, (context, request) -> held);
        try (var brokers = TestBrokers.plaintext();
                var server = TestServer.start(everyVersion(), silent)) {
            brokers.at(PEER, server.port());
            var first = ask(brokers, "1");
            var second = ask(brokers, "2");
            await().until(() -> server.metrics.answered.get() == 1); // the versions
            server.server.close();
            failure(DisconnectException.class, first);
            failure(DisconnectException.class, second);
            held.complete(new Reply.Silent());
        }
    }

    @Test
    void brokerThatGoesOutOfServiceIsWaitedForNoLonger() throws Exception {
        var held = new CompletableFuture<Reply>();
        var metadata = new FakeHandler<MetadataRequest>(
                ApiKeys.METADATA,
                (context, request) -> request.topics().contains("silent")
                        ? held
                        : CompletableFuture.completedFuture(Reply.of(FakeHandler.echo(context, request))));
        var cluster = new InMemoryMetadataStore(1);
        cluster.apply(new InitializeCluster("test-cluster", Features.latest()));
        for (int id : new int[] {1, PEER}) {
            cluster.apply(new RegisterBroker(id, Uuid.randomUuid(), List.of(), Optional.empty(), Features.supported()));
        }
        try (var server = TestServer.start(everyVersion(), metadata);
                var brokers = TestBrokers.plaintext().at(PEER, server.port())) {
            cluster.addListener(brokers.client);
            assertEquals("x", ask(brokers, "x").join());
            var silent = ask(brokers, "silent");
            assertFalse(silent.isDone());
            cluster.apply(new FenceBroker(
                    PEER, cluster.image().broker(PEER).orElseThrow().epoch()));
            failure(DisconnectException.class, silent);
            assertEquals("y", ask(brokers, "y").join());
            held.complete(new Reply.Silent());
        }
    }

    @Test
    void requestWithoutAnswerTimesOutAndTakesTheConnectionWithIt() throws Exception {
        var held = new CompletableFuture<Reply>();
        var metadata = new FakeHandler<MetadataRequest>(
                ApiKeys.METADATA,
                (context, request) -> request.topics().contains("slow")
                        ? held
                        : CompletableFuture.completedFuture(Reply.of(FakeHandler.echo(context, request))));
        try (var server = TestServer.start(everyVersion(), metadata);
                var brokers = TestBrokers.with(times -> times.request(Duration.ofMillis(500)))
                        .at(PEER, server.port())) {
            awaitAnswer(brokers);
            failure(TimeoutException.class, ask(brokers, "slow"));
            awaitAnswer(brokers); // on a new connection
            held.complete(new Reply.Silent());
        }
    }

    /** A slow machine may need more than one attempt. */
    private static void awaitAnswer(TestBrokers brokers) {
        await().until(() ->
                ask(brokers, "x").exceptionally(failure -> "").join().equals("x"));
    }

    @Test
    void otherSideThatNeverSpeaksIsGivenUp() throws Exception {
        try (var server = new RawServer(connection -> connection.drain());
                var brokers = TestBrokers.with(times -> times.setup(Duration.ofMillis(200)))
                        .at(PEER, server.port())) {
            var why = failure(DisconnectException.class, ask(brokers, "x"));
            assertTrue(why.getMessage().contains("socket.connection.setup.timeout.ms"), why::getMessage);
        }
    }

    @Test
    void garbageEndsTheConnectionAndNothingElse() throws Exception {
        var garbage = List.<byte[]>of(
                new byte[] {0, 0, 0, 4, 0, 0, 0, 99}, // answers what was not asked
                new byte[] {(byte) 0xff, 0, 0, 0, 1}, // a negative length
                new byte[] {0x7f, 0, 0, 0, 1}, // two gigabytes
                new byte[] {0, 0, 0, 2, 1, 1}, // less than a header
                new byte[] {0, 0, 0, 6, 0, 0, 0, 0, 1, 1}); // half a body
        for (var bytes : garbage) {
            try (var server = new RawServer(connection -> {
                        connection.request();
                        connection.write(bytes);
                        connection.drain();
                    });
                    var brokers = TestBrokers.plaintext().at(PEER, server.port())) {
                failure(DisconnectException.class, ask(brokers, "x"));
            }
        }
    }

    @Test
    void tooManyWithoutAnswerAreRefusedAtOnce() throws Exception {
        var go = new CompletableFuture<Void>();
        var held = new FakeHandler<MetadataRequest>(
                ApiKeys.METADATA,
                (context, request) -> go.thenApply(now -> Reply.of(FakeHandler.echo(context, request))));
        try (var server = TestServer.start(everyVersion(), held);
                var brokers = TestBrokers.withFewUnanswered(3).at(PEER, server.port())) {
            var taken = List.of(ask(brokers, "1"), ask(brokers, "2"), ask(brokers, "3"));
            var refused = ask(brokers, "4");
            assertTrue(refused.isDone());
            failure(DisconnectException.class, refused);
            go.complete(null);
            assertEquals(
                    List.of("1", "2", "3"),
                    taken.stream().map(CompletableFuture::join).toList());
            assertEquals("5", ask(brokers, "5").join());
        }
    }

    @Test
    void connectionThatIsNotUsedIsClosedAndMadeAnew() throws Exception {
        try (var server = TestServer.start(everyVersion());
                var brokers = TestBrokers.with(times -> times.idle(Duration.ofMillis(50)))
                        .at(PEER, server.port())) {
            assertEquals("x", ask(brokers, "x").join());
            await().until(() -> server.metrics.open.get() == 0);
            assertEquals("y", ask(brokers, "y").join());
        }
    }

    @Test
    void closeFailsWhatIsUnderWayAndWhatComesLater() throws Exception {
        var held = new CompletableFuture<Reply>();
        var silent = new FakeHandler<MetadataRequest>(ApiKeys.METADATA, (context, request) -> held);
        try (var server = TestServer.start(everyVersion(), silent);
                var brokers = TestBrokers.plaintext().at(PEER, server.port()).at(3, unusedPort())) {
            var sent = ask(brokers, "x");
            await().until(() -> server.metrics.answered.get() == 1);
            brokers.client.close();
            failure(DisconnectException.class, sent);
            failure(DisconnectException.class, ask(brokers, "x"));
            // A loop has ended a moment before its thread has.
            await().until(() -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("odradek-replication")));
            brokers.client.close();
            held.complete(new Reply.Silent());
        }
    }

    private static int unusedPort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Lets each connection be served by a script, and closes it when that is over. */
    private static final class RawServer implements AutoCloseable {
        interface Script {
            void serve(RawConnection connection) throws IOException;
        }

        final AtomicInteger connections = new AtomicInteger();
        private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final List<Socket> open = Collections.synchronizedList(new ArrayList<>());
        private final Thread thread;

        RawServer(Script script) throws IOException {
            thread = new Thread(() -> accept(script), "raw-server");
            thread.start();
        }

        private void accept(Script script) {
            while (!socket.isClosed()) {
                try (var connection = socket.accept()) {
                    connections.incrementAndGet();
                    open.add(connection);
                    script.serve(new RawConnection(connection));
                } catch (IOException e) {
                    // The client went, or the test is over.
                } catch (AssertionError e) {
                    failures.add(e);
                }
            }
        }

        int port() {
            return socket.getLocalPort();
        }

        void requireNoFailure() {
            assertEquals(List.of(), failures);
        }

        @Override
        public void close() throws IOException, InterruptedException {
            socket.close();
            for (var connection : List.copyOf(open)) {
                connection.close();
            }
            thread.join();
        }
    }

    private record RawRequest(short api, short version, int correlationId) {}

    private record RawConnection(Socket socket) {
        RawRequest request() throws IOException {
            var frame = ByteBuffer.wrap(exactly(ByteBuffer.wrap(exactly(4)).getInt()));
            return new RawRequest(frame.getShort(), frame.getShort(), frame.getInt());
        }

        private byte[] exactly(int bytes) throws IOException {
            InputStream in = socket.getInputStream();
            var read = in.readNBytes(bytes);
            if (read.length < bytes) {
                throw new IOException("the client closed the connection");
            }
            return read;
        }

        void answer(RawRequest request, ApiVersionsResponseData data, short version) throws IOException {
            var body = MessageUtil.toByteBufferAccessor(data, version).buffer();
            var frame = ByteBuffer.allocate(8 + body.remaining());
            frame.putInt(4 + body.remaining()).putInt(request.correlationId()).put(body);
            write(frame.array());
        }

        void write(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
        }

        /** Reads until the client goes. */
        void drain() throws IOException {
            socket.getInputStream().readAllBytes();
        }
    }
}
