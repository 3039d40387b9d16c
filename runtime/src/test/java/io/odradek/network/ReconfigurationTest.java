package io.odradek.network;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.api.ApiDispatcher;
import io.odradek.api.Reply;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.MetadataRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What changes while the server runs. */
@Timeout(60)
class ReconfigurationTest {
    private static final String LISTENER = TestServer.LISTENER;

    private static NetworkConfig config(UnaryOperator<NetworkConfigBuilder> settings, ListenerConfig... listeners) {
        var builder = NetworkConfig.builder().networkThreads(2).listenBacklog(1024);
        List.of(listeners).forEach(builder::listener);
        return settings.apply(builder).build();
    }

    private static ListenerConfig plaintext(String name) {
        return ListenerConfig.plaintext(name, "127.0.0.1", 0);
    }

    @Test
    void whoWaitsForALimitIsLetInWhenItIsRaised() throws IOException {
        try (var server = TestServer.start(config -> config.maxConnections(1));
                var first = server.connect();
                var second = server.connect()) {
            first.ping();
            var request = second.sendMetadata("second");
            server.server.reconfigure(config(c -> c.maxConnections(2), plaintext(LISTENER)));
            assertEquals(List.of("second"), second.readMetadata(request));
            first.ping();
        }
    }

    @Test
    void whoIsInStaysWhenALimitIsLowered() throws IOException {
        try (var server = TestServer.start();
                var first = server.connect();
                var second = server.connect()) {
            first.ping();
            second.ping();
            server.server.reconfigure(config(c -> c.maxConnectionsPerIp(1), plaintext(LISTENER)));
            first.ping();
            second.ping();
            try (var third = server.connect()) {
                assertTrue(third.isClosedByServer());
            }
        }
    }

    @Test
    void whoCameTooFastIsLetInWhenTheRateIsRaised() throws IOException {
        // The next connection would have to wait for a year.
        try (var server = TestServer.start(config -> config.maxConnectionCreationRate(0));
                var first = server.connect();
                var second = server.connect()) {
            first.ping();
            var request = second.sendMetadata("second");
            server.server.reconfigure(config(c -> c.maxConnectionCreationRate(100), plaintext(LISTENER)));
            assertEquals(List.of("second"), second.readMetadata(request));
        }
    }

    @Test
    void unknownHostOfALimitIsRefused() throws IOException {
        try (var server = TestServer.start()) {
            var wanted =
                    config(c -> c.maxConnectionsPerIpOverrides(Map.of("no-such-host.invalid", 2)), plaintext(LISTENER));
            assertThrows(ConfigException.class, () -> server.server.check(wanted));
        }
    }

    @Test
    void eventLoopsComeAndGo() throws Exception {
        var threads = ConcurrentHashMap.<Thread>newKeySet();
        var noting = new FakeHandler<MetadataRequest>(ApiKeys.METADATA, (context, request) -> {
            threads.add(Thread.currentThread());
            return CompletableFuture.completedStage(Reply.of(FakeHandler.echo(context, request)));
        });
        try (var server = TestServer.start(config -> config.networkThreads(1), noting)) {
            try (var early = server.connect()) {
                early.ping();
                assertEquals(1, threads.size());
                server.server.reconfigure(config(c -> c.networkThreads(4), plaintext(LISTENER)));
                var clients = pinged(server, 12);
                early.ping();
                assertEquals(4, threads.size());

                server.server.reconfigure(config(c -> c.networkThreads(1), plaintext(LISTENER)));
                await().until(() -> threads.stream().filter(Thread::isAlive).count() == 1);
                early.ping();
                close(clients);
            }
            threads.removeIf(thread -> !thread.isAlive());
            close(pinged(server, 4));
            assertEquals(1, threads.size());
        }
    }

    @Test
    void aListenerMayHaveAShareOfTheEventLoops() throws Exception {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        var noting = new FakeHandler<MetadataRequest>(ApiKeys.METADATA, (context, request) -> {
            threads.add(Thread.currentThread());
            return CompletableFuture.completedStage(Reply.of(FakeHandler.echo(context, request)));
        });
        try (var server = TestServer.start(config -> config.networkThreads(4), noting)) {
            var share = new ListenerConfig(
                    LISTENER,
                    plaintext(LISTENER).host(),
                    0,
                    plaintext(LISTENER).securityProtocol(),
                    Map.of(),
                    Integer.MAX_VALUE,
                    Integer.MAX_VALUE,
                    2);
            server.server.reconfigure(config(c -> c.networkThreads(4), share));
            close(pinged(server, 12));
            assertEquals(2, threads.size());
        }
    }

    private static List<TestClient> pinged(TestServer server, int count) throws IOException {
        var clients = new ArrayList<TestClient>();
        for (int i = 0; i < count; i++) {
            clients.add(server.connect());
            clients.get(i).ping();
        }
        return clients;
    }

    private static void close(List<TestClient> clients) throws IOException {
        for (var client : clients) {
            client.close();
        }
    }

    @Test
    void requestsOfARetiredEventLoopAreAnswered() throws Exception {
        var go = new CompletableFuture<Void>();
        var started = new CountDownLatch(2);
        var held = new FakeHandler<MetadataRequest>(ApiKeys.METADATA, (context, request) -> {
            started.countDown();
            return go.thenApply(now -> Reply.of(FakeHandler.echo(context, request)));
        });
        try (var server = TestServer.start(config -> config.networkThreads(2), held);
                var first = server.connect();
                var second = server.connect()) {
            var ofFirst = first.sendMetadata("1");
            var ofSecond = second.sendMetadata("2");
            started.await();
            server.server.reconfigure(config(c -> c.networkThreads(1), plaintext(LISTENER)));
            go.complete(null);
            assertEquals(List.of("1"), first.readMetadata(ofFirst));
            assertEquals(List.of("2"), second.readMetadata(ofSecond));
            // One of the two was on the loop that is gone.
            await().until(() -> server.metrics.open.get() == 1);
        }
    }

    @Test
    void listenersComeAndGo() throws IOException {
        try (var server = TestServer.start();
                var early = server.connect()) {
            early.ping();
            server.server.reconfigure(config(c -> c, plaintext(LISTENER), plaintext("NEW")));
            var port = server.server.port("NEW");
            try (var client = new TestClient(port)) {
                client.ping();
                server.server.reconfigure(config(c -> c, plaintext(LISTENER)));
                assertTrue(client.isClosedByServer());
            }
            assertThrows(ConnectException.class, () -> new TestClient(port));
            assertFalse(server.server.ports().containsKey("NEW"));
            early.ping();
        }
    }

    @Test
    void aListenerThatCannotBeBoundIsNoHarm() throws IOException {
        try (var server = TestServer.start();
                var early = server.connect()) {
            server.server.reconfigure(
                    config(c -> c, plaintext(LISTENER), ListenerConfig.plaintext("TAKEN", "127.0.0.1", server.port())));
            early.ping();
            assertEquals(Set.of(LISTENER), server.server.ports().keySet());
        }
    }

    @Test
    void certificatesFollowTheSettings(@TempDir Path one, @TempDir Path two) throws Exception {
        var before = Certificates.in(one);
        var after = Certificates.in(two);
        try (var server = TestServer.startTls(before.pem("broker"));
                var early = server.connect()) {
            early.ping();
            assertEquals(TestTls.serial(before, "broker"), TestTls.servedBy(server.port()));
            var wanted = config(c -> c, ListenerConfig.ssl(LISTENER, "127.0.0.1", 0, after.store("broker", "PKCS12")));
            server.server.check(wanted);
            server.server.reconfigure(wanted);
            assertEquals(TestTls.serial(after, "broker"), TestTls.servedBy(server.port()));
            early.ping();
        }
    }

    @Test
    void certificatesThatCannotBeUsedOrHaveOtherNamesAreRefused(@TempDir Path directory) throws Exception {
        var certificates = Certificates.in(directory);
        try (var server = TestServer.startTls(certificates.pem("broker"))) {
            var missing = Map.of("ssl.keystore.location", "/no/such/file", "ssl.keystore.password", "x");
            var wrongPassword = Certificates.all(
                    certificates.store("broker", "PKCS12"), Map.of("ssl.keystore.password", "wrong-password"));
            for (var bad : List.of(missing, wrongPassword, certificates.pem("alice"), Map.<String, String>of())) {
                var wanted = config(c -> c, ListenerConfig.ssl(LISTENER, "127.0.0.1", 0, bad));
                var thrown = assertThrows(ConfigException.class, () -> server.server.check(wanted));
                assertTrue(thrown.getMessage().startsWith("listener PLAINTEXT: TLS cannot be set up"));
                assertFalse(thrown.getMessage().contains("\n"), thrown::getMessage);
            }
            assertEquals(TestTls.serial(certificates, "broker"), TestTls.servedBy(server.port()));
        }
    }

    @Test
    void certificatesMayComeBetweenBindAndServe(@TempDir Path directory) throws Exception {
        var certificates = Certificates.in(directory);
        var without = config(c -> c, ListenerConfig.ssl(LISTENER, "127.0.0.1", 0, Map.of()));
        try (var server = KafkaServer.bind(without, IdentityResolver.ofTransport(), RequestMetrics.NONE)) {
            assertThrows(ConfigException.class, server::requireUsable);
            server.reconfigure(
                    config(c -> c, ListenerConfig.ssl(LISTENER, "127.0.0.1", 0, certificates.pem("broker"))));
            server.serve(new ApiDispatcher(List.of(FakeHandler.metadata())));
            try (var client = new TestClient(
                    TestServer.trusting().getSocketFactory().createSocket("127.0.0.1", server.port(LISTENER)))) {
                client.ping();
            }
        }
    }
}
