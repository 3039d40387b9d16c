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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.Test;

/** How a server begins and ends. */
class ServerCloseTest {
    private final CompletableFuture<Void> go = new CompletableFuture<>();
    private final CountDownLatch started = new CountDownLatch(1);
    private final FakeHandler<MetadataRequest> held = new FakeHandler<>(ApiKeys.METADATA, (context, request) -> {
        started.countDown();
        return go.thenApply(now -> Reply.of(FakeHandler.echo(context, request)));
    });

    @Test
    void requestsInFlightAreAnsweredBeforeConnectionsClose() throws Exception {
        var server = TestServer.start(held);
        try (var client = server.connect();
                var idle = server.connect()) {
            var request = client.sendMetadata("last");
            started.await();
            var closing = new Thread(() -> server.server.close(Duration.ofMinutes(1)));
            closing.start();
            assertTrue(idle.isClosedByServer());
            assertThrows(ConnectException.class, server::connect);
            assertTrue(closing.isAlive());
            go.complete(null);
            assertEquals(List.of("last"), client.readMetadata(request));
            assertTrue(client.isClosedByServer());
            closing.join();
        }
        server.close();
    }

    @Test
    void graceIsNotExceeded() throws Exception {
        var server = TestServer.start(held);
        try (var client = server.connect()) {
            client.sendMetadata("never answered");
            started.await();
            server.server.close(Duration.ofMillis(100));
            assertTrue(client.isClosedByServer());
            go.complete(null);
        }
        server.close();
    }

    @Test
    void noThreadIsLeft() throws Exception {
        var certificates = java.nio.file.Files.createTempDirectory("certificates");
        var server = TestServer.startTls(
                Certificates.in(certificates).pemFile(certificates.resolve("broker.pem"), "broker"));
        try (var client = server.connect()) {
            client.ping();
        }
        var mine = Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().startsWith("odradek-"))
                .toList();
        assertFalse(mine.isEmpty());
        server.close();
        for (var thread : mine) {
            thread.join(10_000);
            assertFalse(thread.isAlive(), thread::getName);
        }
    }

    @Test
    void clientsWaitUntilTheServerServes() throws IOException {
        var config = NetworkConfig.builder()
                .listener(ListenerConfig.plaintext("A", "127.0.0.1", 0))
                .listener(ListenerConfig.plaintext("B", "", 0))
                .build();
        try (var server = KafkaServer.bind(config, IdentityResolver.ofTransport(), RequestMetrics.NONE);
                var client = new TestClient(server.port("A"));
                var other = new TestClient(server.port("B"))) {
            var request = client.sendMetadata("early");
            assertEquals(0, server.connections());
            server.serve(new ApiDispatcher(List.of(FakeHandler.metadata())));
            assertEquals(List.of("early"), client.readMetadata(request));
            other.ping();
        }
    }

    @Test
    void portThatIsTakenIsNamed() throws IOException {
        try (var server = TestServer.start()) {
            var config = NetworkConfig.builder()
                    .listener(ListenerConfig.plaintext("FREE", "127.0.0.1", 0))
                    .listener(ListenerConfig.plaintext("TAKEN", "127.0.0.1", server.port()))
                    .build();
            var thrown = assertThrows(
                    IOException.class,
                    () -> KafkaServer.bind(config, IdentityResolver.ofTransport(), RequestMetrics.NONE));
            assertTrue(
                    thrown.getMessage().contains("TAKEN") && thrown.getMessage().contains("" + server.port()));
        }
    }

    @Test
    void securityProtocolThatIsNotSupportedIsRefused() {
        var config = NetworkConfig.builder()
                .listener(new ListenerConfig(
                        "S", java.util.Optional.empty(), 0, SecurityProtocol.SASL_SSL, Map.of(), 1, 1, 1))
                .build();
        var thrown = assertThrows(
                ConfigException.class,
                () -> KafkaServer.bind(config, IdentityResolver.ofTransport(), RequestMetrics.NONE));
        assertTrue(thrown.getMessage().contains("SASL_SSL"));
    }

    @Test
    void identityThatIsRefusedClosesTheConnection() throws IOException {
        var config = NetworkConfig.builder()
                .listener(ListenerConfig.plaintext("A", "127.0.0.1", 0))
                .build();
        var later = new CompletableFuture<io.odradek.security.ClientIdentity>();
        try (var server = KafkaServer.start(
                        config,
                        new ApiDispatcher(List.of(FakeHandler.metadata())),
                        arrival -> later,
                        RequestMetrics.NONE);
                var client = new TestClient(server.port("A"))) {
            client.sendMetadata("x");
            await().until(() -> server.connections() == 1);
            later.completeExceptionally(new IllegalStateException("you are not of us"));
            assertTrue(client.isClosedByServer());
        }
    }
}
