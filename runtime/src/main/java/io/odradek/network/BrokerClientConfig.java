package io.odradek.network;

import io.odradek.config.BrokerConfig;
import io.odradek.config.SslSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * How this broker speaks to others.
 *
 * @param clientId what connections that many share are called in requests
 * @param listener the inter-broker listener: what it asks of others, this client does
 * @param securityProtocol of that listener
 * @param ssl of that listener, see {@link ListenerConfig#ssl}
 * @param threads event loops; those of the server are not used, so that replication does not wait behind clients
 * @param maxResponseBytes a larger answer ends its connection
 * @param maxUnanswered requests of one connection that wait or are under way
 * @param receiveBufferBytes {@code replica.socket.receive.buffer.bytes} if it is set; empty leaves it to the system,
 *     which knows better what the network between brokers can carry than Kafka's default does
 * @param requestTimeout {@code request.timeout.ms}: for an answer, waiting for a connection included
 * @param fetchTimeout {@code replica.socket.timeout.ms}: the same for a follower's fetches
 * @param setupTimeout {@code socket.connection.setup.timeout.ms}: until a connection can be used
 * @param reconnectBackoff pause after a first attempt that failed
 * @param reconnectBackoffMax after many; short beside {@code replica.lag.time.max.ms}, long beside what a refused attempt
 *     costs
 * @param maxIdle a connection that is not used for so long is closed; negative is never
 * @param certificateCheckInterval how often the key and trust stores' files are checked for a change
 */
public record BrokerClientConfig(
        String clientId,
        String listener,
        SecurityProtocol securityProtocol,
        Map<String, ?> ssl,
        int threads,
        int maxResponseBytes,
        int maxUnanswered,
        Optional<Integer> receiveBufferBytes,
        Duration requestTimeout,
        Duration fetchTimeout,
        Duration setupTimeout,
        Duration reconnectBackoff,
        Duration reconnectBackoffMax,
        Duration maxIdle,
        Duration certificateCheckInterval) {
    private static final String RECEIVE_BUFFER = "replica.socket.receive.buffer.bytes";
    private static final int MAX_UNANSWERED = 64;
    private static final Duration RECONNECT_BACKOFF = Duration.ofMillis(50);
    private static final Duration RECONNECT_BACKOFF_MAX = Duration.ofSeconds(1);
    private static final Duration CERTIFICATE_CHECK_INTERVAL = Duration.ofSeconds(10);

    public BrokerClientConfig {
        ssl = Map.copyOf(ssl);
    }

    /** What a broker's settings say of it. */
    public static BrokerClientConfig of(BrokerConfig broker) {
        var listener = broker.listeners()
                .listener(broker.listeners().interBrokerListenerName())
                .orElseThrow();
        var sockets = broker.sockets();
        var replication = broker.replication();
        return new BrokerClientConfig(
                "broker-" + broker.nodeId(),
                listener.name(),
                listener.securityProtocol(),
                listener.ssl().map(SslSettings::values).orElse(Map.of()),
                Math.min(replication.numReplicaFetchers(), Runtime.getRuntime().availableProcessors()),
                // An answer may exceed its limit by one batch, which came in one request.
                (int) Math.min(
                        Integer.MAX_VALUE,
                        (long) replication.replicaFetchResponseMaxBytes() + sockets.requestMaxBytes()),
                MAX_UNANSWERED,
                Optional.of(replication.replicaSocketReceiveBufferBytes())
                        .filter(bytes -> broker.originals().containsKey(RECEIVE_BUFFER) && bytes > 0),
                Duration.ofMillis(sockets.requestTimeoutMs()),
                Duration.ofMillis(replication.replicaSocketTimeoutMs()),
                Duration.ofMillis(sockets.connectionSetupTimeoutMs()),
                RECONNECT_BACKOFF,
                RECONNECT_BACKOFF_MAX,
                // A little before the other side does, so that none is closed just as it is used.
                Duration.ofMillis(sockets.connectionsMaxIdleMs() / 10 * 9),
                CERTIFICATE_CHECK_INTERVAL);
    }
}
