package io.odradek.network;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ResourceLeakDetector;
import io.odradek.api.ApiDispatcher;
import io.odradek.api.ApiHandler;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractResponse;

/** A server with fake handlers, which must have given back every buffer when it is closed. */
final class TestServer implements AutoCloseable {
    static final String LISTENER = "PLAINTEXT";

    final KafkaServer server;
    final CountedMetrics metrics = new CountedMetrics();

    private boolean tls;

    private TestServer(NetworkConfig config, ApiHandler<?>... handlers) throws IOException {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        var all = new ArrayList<ApiHandler<?>>(List.of(handlers));
        if (all.stream().noneMatch(h -> h.apiKey() == ApiKeys.METADATA)) {
            all.add(FakeHandler.metadata());
        }
        if (all.stream().noneMatch(h -> h.apiKey() == ApiKeys.API_VERSIONS)) {
            all.add(FakeHandler.apiVersions());
        }
        server = KafkaServer.start(config, new ApiDispatcher(all), IdentityResolver.ofTransport(), metrics);
    }

    static TestServer start(ApiHandler<?>... handlers) throws IOException {
        return start(config -> config, handlers);
    }

    static TestServer start(UnaryOperator<NetworkConfigBuilder> settings, ApiHandler<?>... handlers)
            throws IOException {
        var builder = NetworkConfig.builder()
                .listener(ListenerConfig.plaintext(LISTENER, "127.0.0.1", 0))
                .listenBacklog(1024)
                .networkThreads(2);
        return new TestServer(settings.apply(builder).build(), handlers);
    }

    /** A server with one TLS listener, to whose certificate {@link #connect} trusts blindly. */
    static TestServer startTls(Map<String, String> ssl, ApiHandler<?>... handlers) throws IOException {
        return startTls(config -> config, ssl, handlers);
    }

    static TestServer startTls(
            UnaryOperator<NetworkConfigBuilder> settings, Map<String, String> ssl, ApiHandler<?>... handlers)
            throws IOException {
        var builder = NetworkConfig.builder()
                .listener(ListenerConfig.ssl(LISTENER, "127.0.0.1", 0, ssl))
                .listenBacklog(1024)
                .networkThreads(2);
        var server = new TestServer(settings.apply(builder).build(), handlers);
        server.tls = true;
        return server;
    }

    int port() {
        return server.port(LISTENER);
    }

    TestClient connect() throws IOException {
        return tls
                ? new TestClient(trusting().getSocketFactory().createSocket("127.0.0.1", port()))
                : new TestClient(port());
    }

    static SSLContext trusting() {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        server.close();
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(10)).untilAsserted(() -> {
            assertEquals(0, server.requestMemoryBytes(), "request memory in use");
            assertEquals(0, server.buffersInUse(), "buffers in use");
        });
    }

    /** Counts what it is told. */
    static final class CountedMetrics implements RequestMetrics {
        final Map<Refusal, AtomicInteger> refusals = new ConcurrentHashMap<>();
        final AtomicInteger open = new AtomicInteger();
        final AtomicInteger answered = new AtomicInteger();

        @Override
        public void connectionOpened(String listener) {
            open.incrementAndGet();
        }

        @Override
        public void connectionClosed(String listener) {
            open.decrementAndGet();
        }

        @Override
        public void connectionRefused(String listener, Refusal reason) {
            refusals.computeIfAbsent(reason, r -> new AtomicInteger()).incrementAndGet();
        }

        @Override
        public void answered(ApiKeys api, AbstractResponse response, long nanos, int requestBytes, long responseBytes) {
            answered.incrementAndGet();
        }

        int refused(Refusal reason) {
            return refusals.getOrDefault(reason, new AtomicInteger()).get();
        }
    }
}
