package io.odradek.network;

import io.odradek.config.BrokerConfig;
import io.odradek.config.Listener;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Settings of the network layer, under Kafka's names where Kafka has them. Made with {@link #builder()}, whose initial
 * values are Kafka's defaults but for those that say otherwise.
 *
 * @param networkThreads {@code num.network.threads}: event loops; one per core unless set (Kafka: 3), since a loop also
 *     runs the handlers
 * @param requestMaxBytes {@code socket.request.max.bytes}: a larger frame closes its connection before anything is
 *     allocated for it
 * @param queuedMaxRequestBytes {@code queued.max.request.bytes}: memory of all requests that are incomplete or not yet
 *     decided. When it is used up, nothing more is read until some of it is free. Kafka has no bound by default; ours
 *     is a quarter of the direct memory that the JVM allows
 * @param maxInFlightRequests {@code odradek.max.in.flight.requests.per.connection}: requests of one connection that may be started and
 *     unanswered; a client that pipelines more waits
 * @param responseBufferBytes {@code odradek.response.buffer.bytes}: responses of one connection that the socket did not take yet, beyond
 *     which no further request of it is started
 * @param socketSendBufferBytes {@code socket.send.buffer.bytes}; empty leaves it to the system
 * @param socketReceiveBufferBytes {@code socket.receive.buffer.bytes}; empty leaves it to the system
 * @param listenBacklog {@code socket.listen.backlog.size}
 * @param connectionsMaxIdle {@code connections.max.idle.ms}; negative is never
 * @param maxConnections {@code max.connections}: beyond it new connections wait in the backlog, but for those of the
 *     inter-broker listener
 * @param maxConnectionsPerIp {@code max.connections.per.ip}: beyond it a new connection is closed
 * @param maxConnectionsPerIpOverrides {@code max.connections.per.ip.overrides}, by host name or address
 * @param maxConnectionCreationRate {@code max.connection.creation.rate}: new connections per second; faster ones wait
 * @param interBrokerListener {@code inter.broker.listener.name}: exempt from {@code max.connections}
 * @param handshakeTimeout a TLS handshake that takes longer closes the connection
 * @param certificateCheckInterval how often the key and trust stores' files are checked for a change
 * @param stalledRequestTimeout while memory for requests is used up, a request that does not get on for this long closes
 *     its connection
 */
public record NetworkConfig(
        List<ListenerConfig> listeners,
        int networkThreads,
        int requestMaxBytes,
        long queuedMaxRequestBytes,
        int maxInFlightRequests,
        int responseBufferBytes,
        Optional<Integer> socketSendBufferBytes,
        Optional<Integer> socketReceiveBufferBytes,
        int listenBacklog,
        Duration connectionsMaxIdle,
        int maxConnections,
        int maxConnectionsPerIp,
        Map<String, Integer> maxConnectionsPerIpOverrides,
        int maxConnectionCreationRate,
        Optional<String> interBrokerListener,
        Duration handshakeTimeout,
        Duration certificateCheckInterval,
        Duration stalledRequestTimeout) {
    public NetworkConfig {
        listeners = List.copyOf(listeners);
        maxConnectionsPerIpOverrides = Map.copyOf(maxConnectionsPerIpOverrides);
    }

    /** What a broker's settings say of its network. */
    public static NetworkConfig of(BrokerConfig broker) {
        var sockets = broker.sockets();
        var builder = builder()
                .networkThreads(broker.listeners().listeners().stream()
                        .mapToInt(Listener::numNetworkThreads)
                        .max()
                        .orElseGet(sockets::numNetworkThreads))
                .requestMaxBytes(sockets.requestMaxBytes())
                .queuedMaxRequestBytes(
                        sockets.queuedMaxRequestBytes() > 0
                                ? sockets.queuedMaxRequestBytes()
                                : broker.limits().requestMemoryBytes())
                .socketSendBufferBytes(sockets.sendBufferBytes())
                .socketReceiveBufferBytes(sockets.receiveBufferBytes())
                .listenBacklog(sockets.listenBacklogSize())
                .connectionsMaxIdle(Duration.ofMillis(sockets.connectionsMaxIdleMs()))
                .maxConnections(sockets.maxConnections())
                .maxConnectionsPerIp(sockets.maxConnectionsPerIp())
                .maxConnectionsPerIpOverrides(sockets.maxConnectionsPerIpOverrides())
                .maxConnectionCreationRate(sockets.maxConnectionCreationRate())
                .interBrokerListener(broker.listeners().interBrokerListenerName());
        broker.listeners().listeners().forEach(l -> builder.listener(ListenerConfig.of(l)));
        return builder.build();
    }

    public static NetworkConfigBuilder builder() {
        return new NetworkConfigBuilder();
    }
}
