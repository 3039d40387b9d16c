package io.odradek.network;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.api.Reply;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.Test;

/** Requests of one connection: started in order, answered in order, a bounded number at a time. */
class PipeliningTest {
    /** Metadata requests that wait, by the first topic's name, until the test completes them. */
    private final Map<String, CompletableFuture<Reply>> waiting = new ConcurrentHashMap<>();

    private final List<String> started = Collections.synchronizedList(new ArrayList<>());

    private final FakeHandler<MetadataRequest> held = new FakeHandler<>(ApiKeys.METADATA, (context, request) -> {
        var name = request.data().topics().get(0).name();
        started.add(name);
        var echo = Reply.of(FakeHandler.echo(context, request));
        if (name.startsWith("now")) {
            return CompletableFuture.completedFuture(echo);
        }
        return waiting.computeIfAbsent(name, n -> new CompletableFuture<>())
                .thenApply(given -> given instanceof Reply.Silent ? echo : given);
    });

    private static final Reply ECHO = new Reply.Silent();

    @Test
    void answersInOrderHoweverHandlersFinish() throws IOException {
        try (var server = TestServer.start(held);
                var client = server.connect()) {
            var headers = new ArrayList<RequestHeader>();
            var names = new ArrayList<String>();
            for (int i = 0; i < 30; i++) {
                names.add((i % 3 == 0 ? "now" : "held") + i);
                headers.add(client.sendMetadata(names.get(i)));
            }
            await().until(() -> started.size() == names.size());
            assertEquals(names, started);
            var order = new ArrayList<>(waiting.keySet());
            Collections.shuffle(order, new Random(1));
            order.forEach(name -> waiting.get(name).complete(ECHO));
            for (int i = 0; i < names.size(); i++) {
                assertEquals(List.of(names.get(i)), client.readMetadata(headers.get(i)));
            }
        }
    }

    @Test
    void startsNoMoreThanTheLimit() throws IOException {
        try (var server = TestServer.start(config -> config.maxInFlightRequests(3), held);
                var client = server.connect()) {
            var headers = new ArrayList<RequestHeader>();
            for (int i = 0; i < 10; i++) {
                headers.add(client.sendMetadata("held" + i));
            }
            await().until(() -> started.size() == 3);
            for (int i = 0; i < 10; i++) {
                var name = "held" + i;
                await().until(() -> waiting.containsKey(name));
                assertTrue(started.size() <= i + 3, started::toString);
                waiting.get(name).complete(ECHO);
                assertEquals(List.of(name), client.readMetadata(headers.get(i)));
            }
        }
    }

    @Test
    void disconnectClosesAfterEarlierAnswersAndDropsLaterOnes() throws IOException {
        try (var server = TestServer.start(held);
                var client = server.connect()) {
            var first = client.sendMetadata("held-first");
            client.sendMetadata("held-second");
            client.sendMetadata("now-third");
            client.sendMetadata("held-fourth");
            await().until(() -> started.size() == 4);
            waiting.get("held-second").complete(new Reply.Disconnect("as the test wants it"));
            waiting.get("held-first").complete(ECHO);
            assertEquals(List.of("held-first"), client.readMetadata(first));
            assertTrue(client.isClosedByServer());
            waiting.get("held-fourth").complete(ECHO);
        }
    }

    @Test
    void silentRequestsAreNotAnswered() throws IOException {
        var silent = new FakeHandler<MetadataRequest>(
                ApiKeys.METADATA,
                (context, request) -> CompletableFuture.completedFuture(
                        request.data().topics().get(0).name().equals("silent")
                                ? new Reply.Silent()
                                : Reply.of(FakeHandler.echo(context, request))));
        try (var server = TestServer.start(silent);
                var client = server.connect()) {
            client.sendMetadata("silent");
            client.ping();
        }
    }

    @Test
    void handlerThatFailsIsAnsweredWithTheError() throws IOException {
        var failing = new FakeHandler<MetadataRequest>(ApiKeys.METADATA, (context, request) -> {
            throw new org.apache.kafka.common.errors.InvalidTopicException("no such name");
        });
        try (var server = TestServer.start(failing);
                var client = server.connect()) {
            var response = (MetadataResponse) client.read(client.sendMetadata("a"));
            assertEquals(
                    org.apache.kafka.common.protocol.Errors.INVALID_TOPIC_EXCEPTION,
                    response.errors().get("a"));
        }
    }

    @Test
    void throttledConnectionIsNotReadUntilTheTimeIsOver() throws IOException {
        var times = new ConcurrentLinkedQueue<Long>();
        var throttleMs = 300;
        var throttling = new FakeHandler<MetadataRequest>(ApiKeys.METADATA, (context, request) -> {
            times.add(System.nanoTime());
            return CompletableFuture.completedFuture(Reply.of(
                    new MetadataResponse(new MetadataResponseData().setThrottleTimeMs(throttleMs), request.version())));
        });
        try (var server = TestServer.start(throttling);
                var client = server.connect()) {
            var first = client.sendMetadata("a");
            var second = client.sendMetadata("b");
            // Answered at once, so that the client knows, KIP-219.
            assertEquals(throttleMs, client.read(first).throttleTimeMs());
            client.read(second);
            assertTrue(times.remove() + throttleMs * 1_000_000L - times.remove() <= 0);
        }
    }

    @Test
    void clientThatNeverReadsIsServedNoMoreWhileOthersAre() throws IOException {
        var bytes = 30_000;
        var large = new AtomicInteger();
        var handler = new FakeHandler<MetadataRequest>(ApiKeys.METADATA, (context, request) -> {
            var response = FakeHandler.echo(context, request);
            if (request.data().topics().get(0).name().equals("large")) {
                large.incrementAndGet();
                response.data().setClusterId("x".repeat(bytes));
            }
            return CompletableFuture.completedFuture(Reply.of(response));
        });
        var limit = 300_000;
        try (var server = TestServer.start(
                        config -> config.responseBufferBytes(limit).socketSendBufferBytes(100_000), handler);
                var deaf = SocketChannel.open(new InetSocketAddress("127.0.0.1", server.port()));
                var other = server.connect()) {
            deaf.configureBlocking(false);
            var requests = ByteBuffer.allocate(64 * 1024);
            var request = TestClient.frame(
                    new RequestHeader(ApiKeys.METADATA, (short) 9, "", 0), TestClient.metadata("large"));
            while (requests.remaining() >= request.length) {
                requests.put(request);
            }
            requests.flip();
            var rest = requests.duplicate();
            // When the server has stopped reading, nothing more can be written.
            for (int refused = 0; refused < 2000; ) {
                rest = rest.hasRemaining() ? rest : requests.duplicate();
                refused = deaf.write(rest) == 0 ? refused + 1 : 0;
                other.ping();
                // What the sockets hold, and our limit.
                assertTrue(large.get() * (long) bytes < limit + 10_000_000L, () -> "answered " + large);
            }
            assertTrue(large.get() * (long) bytes > limit);
        }
    }
}
