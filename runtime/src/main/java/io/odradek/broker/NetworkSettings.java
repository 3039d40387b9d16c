package io.odradek.broker;

import io.odradek.config.BrokerConfig;
import io.odradek.config.Listener;
import io.odradek.config.SslSettings;
import io.odradek.network.ListenerConfig;
import io.odradek.network.NetworkConfig;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The network layer's settings, from the broker's. */
final class NetworkSettings {
    private NetworkSettings() {}

    static NetworkConfig of(BrokerConfig config) {
        var sockets = config.sockets();
        var memory = sockets.queuedMaxRequestBytes() > 0
                ? sockets.queuedMaxRequestBytes()
                : config.limits().requestMemoryBytes();
        var builder = NetworkConfig.builder()
                .networkThreads(sockets.numNetworkThreads())
                .requestMaxBytes(sockets.requestMaxBytes())
                .queuedMaxRequestBytes(memory)
                .socketSendBufferBytes(sockets.sendBufferBytes())
                .socketReceiveBufferBytes(sockets.receiveBufferBytes())
                .listenBacklog(sockets.listenBacklogSize())
                .connectionsMaxIdle(Duration.ofMillis(sockets.connectionsMaxIdleMs()))
                .maxConnections(sockets.maxConnections())
                .maxConnectionsPerIp(sockets.maxConnectionsPerIp())
                .maxConnectionsPerIpOverrides(sockets.maxConnectionsPerIpOverrides())
                .maxConnectionCreationRate(sockets.maxConnectionCreationRate())
                .interBrokerListener(config.listeners().interBrokerListenerName());
        config.listeners().listeners().forEach(l -> builder.listener(listener(l)));
        return builder.build();
    }

    private static ListenerConfig listener(Listener listener) {
        return new ListenerConfig(
                listener.name(),
                Optional.of(listener.host()).filter(h -> !h.isEmpty()),
                listener.port(),
                listener.securityProtocol(),
                listener.ssl().<Map<String, ?>>map(SslSettings::values).orElse(Map.of()),
                listener.maxConnections(),
                listener.maxConnectionCreationRate());
    }
}
