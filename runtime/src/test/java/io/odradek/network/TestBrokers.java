package io.odradek.network;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.util.ResourceLeakDetector;
import io.odradek.metadata.Endpoint;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** A client between brokers that is told where brokers are, and must have given back every buffer when it is closed. */
public final class TestBrokers implements AutoCloseable {
    /** Long enough never to be reached in a test that works. */
    static final Duration LONG = Duration.ofMinutes(5);

    private static final int MANY = 64;
    private static final int LARGE = 200 * 1024 * 1024;

    public final BrokerClient client;
    private final Map<Integer, Endpoint> endpoints = new ConcurrentHashMap<>();

    private TestBrokers(BrokerClientConfig config) {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        client = BrokerClient.start(config, broker -> Optional.ofNullable(endpoints.get(broker)));
    }

    public static TestBrokers plaintext() {
        return new TestBrokers(config(Times.patient(), SecurityProtocol.PLAINTEXT, Map.of(), MANY, LARGE));
    }

    static TestBrokers with(UnaryOperator<Times> times) {
        return new TestBrokers(config(times.apply(Times.patient()), SecurityProtocol.PLAINTEXT, Map.of(), MANY, LARGE));
    }

    static TestBrokers withFewUnanswered(int most) {
        return new TestBrokers(config(Times.patient(), SecurityProtocol.PLAINTEXT, Map.of(), most, LARGE));
    }

    static TestBrokers withResponsesOf(int maxBytes) {
        return new TestBrokers(config(Times.patient(), SecurityProtocol.PLAINTEXT, Map.of(), MANY, maxBytes));
    }

    public static TestBrokers tls(Map<String, ?> ssl) {
        return new TestBrokers(config(Times.patient(), SecurityProtocol.SSL, ssl, MANY, LARGE));
    }

    /** What may be waited for. */
    record Times(Duration request, Duration fetch, Duration setup, Duration idle) {
        static Times patient() {
            return new Times(LONG, LONG, LONG, LONG);
        }

        Times request(Duration request) {
            return new Times(request, fetch, setup, idle);
        }

        Times setup(Duration setup) {
            return new Times(request, fetch, setup, idle);
        }

        Times idle(Duration idle) {
            return new Times(request, fetch, setup, idle);
        }
    }

    private static BrokerClientConfig config(
            Times times, SecurityProtocol protocol, Map<String, ?> ssl, int maxUnanswered, int maxResponseBytes) {
        return new BrokerClientConfig(
                "broker-7",
                "INTERNAL",
                protocol,
                ssl,
                2,
                maxResponseBytes,
                maxUnanswered,
                Optional.empty(),
                times.request(),
                times.fetch(),
                times.setup(),
                Duration.ofMillis(5),
                Duration.ofMillis(40),
                times.idle(),
                LONG);
    }

    public TestBrokers at(int broker, int port) {
        return at(broker, "127.0.0.1", port);
    }

    TestBrokers at(int broker, String host, int port) {
        endpoints.put(broker, new Endpoint("INTERNAL", host, port, SecurityProtocol.PLAINTEXT));
        return this;
    }

    @Override
    public void close() {
        client.close();
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(10)).untilAsserted(() -> {
            assertEquals(0, client.responseMemoryBytes(), "memory of responses in use");
            assertEquals(0, client.buffersInUse(), "buffers in use");
        });
    }
}
