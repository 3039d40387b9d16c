package io.odradek.config;

import java.util.Map;

/**
 * Connections and requests of all listeners.
 *
 * @param numNetworkThreads {@code num.network.threads}
 * @param sendBufferBytes {@code socket.send.buffer.bytes}; -1 is the operating system's default
 * @param receiveBufferBytes {@code socket.receive.buffer.bytes}; -1 is the operating system's default
 * @param requestMaxBytes {@code socket.request.max.bytes}
 * @param listenBacklogSize {@code socket.listen.backlog.size}
 * @param maxConnections {@code max.connections}; {@link Integer#MAX_VALUE} is no limit
 * @param maxConnectionsPerIp {@code max.connections.per.ip}
 * @param maxConnectionsPerIpOverrides {@code max.connections.per.ip.overrides}, by host name or address
 * @param maxConnectionCreationRate {@code max.connection.creation.rate}, connections a second
 * @param connectionsMaxIdleMs {@code connections.max.idle.ms}; negative is never
 * @param connectionFailedAuthenticationDelayMs {@code connection.failed.authentication.delay.ms}
 * @param queuedMaxRequests {@code queued.max.requests}
 * @param queuedMaxRequestBytes {@code queued.max.request.bytes}: memory of requests not yet answered, for the whole
 *     broker; -1 for {@link LimitSettings#requestMemoryBytes()}
 * @param requestTimeoutMs {@code request.timeout.ms}
 */
public record SocketSettings(
        int numNetworkThreads,
        int sendBufferBytes,
        int receiveBufferBytes,
        int requestMaxBytes,
        int listenBacklogSize,
        int maxConnections,
        int maxConnectionsPerIp,
        Map<String, Integer> maxConnectionsPerIpOverrides,
        int maxConnectionCreationRate,
        long connectionsMaxIdleMs,
        int connectionFailedAuthenticationDelayMs,
        int queuedMaxRequests,
        long queuedMaxRequestBytes,
        int requestTimeoutMs) {
    public SocketSettings {
        maxConnectionsPerIpOverrides = Map.copyOf(maxConnectionsPerIpOverrides);
    }
}
