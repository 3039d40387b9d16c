package io.odradek.network;

import io.odradek.api.ApiDispatcher;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/**
 * The Kafka protocol's server: listeners, connections, and the way of a request from a socket to its handler and back.
 *
 * <p>{@link #bind} takes the ports, so that they can be registered and advertised; {@link #serve} lets clients in.
 * Handlers are called on event loops and must not block, see {@link io.odradek.api.ApiHandler}. Record buffers of a
 * request are views of the network's memory: they are valid until the handler's stage completes and not a moment
 * longer.
 */
public final class KafkaServer implements AutoCloseable {
    private KafkaServer() {}

    /**
     * Binds every listener. Clients that connect wait until {@link #serve}.
     *
     * @throws IOException a listener cannot be bound; the message is one line that names it
     * @throws org.apache.kafka.common.config.ConfigException a listener's security settings cannot be used
     */
    public static KafkaServer bind(NetworkConfig config, IdentityResolver identities, RequestMetrics metrics)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    /** {@link #bind} and {@link #serve} at once. */
    public static KafkaServer start(
            NetworkConfig config, ApiDispatcher dispatcher, IdentityResolver identities, RequestMetrics metrics)
            throws IOException {
        var server = bind(config, identities, metrics);
        server.serve(dispatcher);
        return server;
    }

    /** Starts accepting. Called once. */
    public void serve(ApiDispatcher dispatcher) {
        throw new UnsupportedOperationException();
    }

    /** The bound port of each listener, by listener name. */
    public Map<String, Integer> ports() {
        throw new UnsupportedOperationException();
    }

    public int port(String listener) {
        return ports().get(listener);
    }

    /** Connections that are open now. */
    public int connections() {
        throw new UnsupportedOperationException();
    }

    /**
     * Stops accepting and reading, lets the requests in flight finish and be answered for at most {@code grace}, then
     * closes every connection. Returns when no thread of the server is left. Idempotent. Not to be called on an event
     * loop.
     */
    public void close(Duration grace) {
        throw new UnsupportedOperationException();
    }

    /** {@link #close(Duration)} without waiting for requests in flight. */
    @Override
    public void close() {
        close(Duration.ZERO);
    }
}
