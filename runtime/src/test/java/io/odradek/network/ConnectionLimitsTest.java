package io.odradek.network;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.network.RequestMetrics.Refusal;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.Test;

class ConnectionLimitsTest {
    @Test
    void oneTooManyWaitsUntilAnotherCloses() throws IOException {
        try (var server = TestServer.start(config -> config.maxConnections(2));
                var first = server.connect();
                var second = server.connect();
                var third = server.connect()) {
            first.ping();
            second.ping();
            assertWaits(third);
            assertEquals(2, server.server.connections());
            first.close();
            assertEquals(java.util.List.of("later"), third.readMetadata(third.sendMetadata("later")));
            second.ping();
        }
    }

    /** The request that was sent is answered when the connection is let in; its answer is dropped by the caller. */
    private static void assertWaits(TestClient client) throws IOException {
        client.socket().setSoTimeout(200);
        assertThrows(
                SocketTimeoutException.class,
                () -> client.socket().getInputStream().read());
        client.socket().setSoTimeout(TestClient.TIMEOUT_MS);
    }

    @Test
    void closingOnOneListenerMakesRoomOnAnother() throws IOException {
        try (var server = TestServer.start(config ->
                        config.maxConnections(1).listener(ListenerConfig.plaintext("OTHER", "127.0.0.1", 0)));
                var first = server.connect()) {
            first.ping();
            try (var second = new TestClient(server.server.port("OTHER"))) {
                second.sendMetadata("x");
                assertWaits(second);
                first.close();
                second.readFrame();
            }
        }
    }

    @Test
    void interBrokerListenerIsExemptFromTheBrokersLimitButNotFromItsOwn() throws IOException {
        var brokers = new ListenerConfig(
                "BROKERS", Optional.of("127.0.0.1"), 0, SecurityProtocol.PLAINTEXT, Map.of(), 1, Integer.MAX_VALUE, 1);
        try (var server = TestServer.start(
                        config -> config.maxConnections(1).listener(brokers).interBrokerListener("BROKERS"));
                var client = server.connect()) {
            client.ping();
            try (var broker = new TestClient(server.server.port("BROKERS"));
                    var another = new TestClient(server.server.port("BROKERS"))) {
                broker.ping();
                another.sendMetadata("x");
                assertWaits(another);
            }
        }
    }

    @Test
    void oneTooManyOfAnAddressIsClosed() throws IOException {
        try (var server = TestServer.start(
                        config -> config.maxConnectionsPerIp(1).maxConnectionsPerIpOverrides(Map.of("127.0.0.1", 2)));
                var first = server.connect();
                var second = server.connect()) {
            first.ping();
            second.ping();
            try (var third = server.connect()) {
                assertTrue(third.isClosedByServer());
            }
            assertEquals(1, server.metrics.refused(Refusal.PER_IP_LIMIT));
            first.close();
            await().until(() -> server.server.connections() == 1);
            try (var fourth = server.connect()) {
                fourth.ping();
            }
        }
    }

    @Test
    void overrideOfAnUnknownHostStopsTheStart() {
        var config = NetworkConfig.builder()
                .maxConnectionsPerIpOverrides(Map.of("no-such-host.invalid", 2))
                .build();
        var thrown = assertThrows(
                ConfigException.class,
                () -> KafkaServer.bind(config, IdentityResolver.ofTransport(), RequestMetrics.NONE));
        assertTrue(thrown.getMessage().contains("no-such-host.invalid"));
    }

    @Test
    void rateAllowsASecondsWorthAtOnceAndThenOnePerPeriod() {
        var now = new AtomicLong(1_000_000_000_000L);
        var rate = new ConnectionRate(10, now::get);
        for (int i = 0; i < 9; i++) {
            assertEquals(0, rate.accepted());
        }
        assertEquals(100_000_000, rate.accepted(), 1000);
        now.addAndGet(100_000_000);
        assertEquals(100_000_000, rate.accepted(), 1000);
        now.addAndGet(60_000_000_000L);
        for (int i = 0; i < 9; i++) {
            assertEquals(0, rate.accepted());
        }
        assertTrue(rate.accepted() > 0);
    }

    @Test
    void connectionsThatComeTooFastWait() throws IOException {
        try (var server = TestServer.start(config -> config.maxConnectionCreationRate(5))) {
            var start = System.nanoTime();
            for (int i = 0; i < 8; i++) {
                try (var client = server.connect()) {
                    client.ping();
                }
            }
            var seconds = (System.nanoTime() - start) / 1e9;
            assertTrue(seconds > 0.5, () -> "took " + seconds);
        }
    }

    @Test
    void idleConnectionIsClosedAndABusyOneIsNot() throws IOException {
        try (var server = TestServer.start(config -> config.connectionsMaxIdle(Duration.ofMillis(500)));
                var idle = server.connect();
                var busy = server.connect()) {
            idle.ping();
            while (server.metrics.refused(Refusal.IDLE) == 0) {
                busy.ping();
            }
            assertTrue(idle.isClosedByServer());
            busy.ping();
        }
    }

    @Test
    void connectionWhoseHandlerTakesItsTimeIsNotIdle() throws IOException {
        var answer = new java.util.concurrent.CompletableFuture<Void>();
        var held = new FakeHandler<org.apache.kafka.common.requests.MetadataRequest>(
                org.apache.kafka.common.protocol.ApiKeys.METADATA,
                (context, request) ->
                        answer.thenApply(go -> io.odradek.api.Reply.of(FakeHandler.echo(context, request))));
        try (var server = TestServer.start(config -> config.connectionsMaxIdle(Duration.ofMillis(100)), held);
                var waiting = server.connect();
                var idle = server.connect()) {
            var request = waiting.sendMetadata("x");
            assertTrue(idle.isClosedByServer());
            await().until(() -> server.metrics.open.get() == 1);
            answer.complete(null);
            waiting.readMetadata(request);
            assertTrue(waiting.isClosedByServer());
        }
    }

    @Test
    void tenThousandIdleConnectionsAndALimit() throws IOException {
        var limit = 10_000;
        try (var server =
                        TestServer.start(config -> config.maxConnections(limit).listenBacklog(4096));
                var client = server.connect()) {
            client.ping();
            var more = new ArrayList<TestClient>();
            try (var clients = IdleClients.connect(server.port(), limit + 50)) {
                await().atMost(Duration.ofSeconds(30)).until(() -> server.server.connections() == limit);
                client.ping();
                more.add(server.connect());
                more.get(0).sendMetadata("x");
                assertWaits(more.get(0));
                assertEquals(limit, server.server.connections());
                assertEquals(0, server.server.requestMemoryBytes());
            }
            more.get(0).readFrame();
            await().until(() -> server.server.connections() == 2);
            assertFalse(client.socket().isClosed());
            client.ping();
            more.get(0).close();
        }
    }
}
