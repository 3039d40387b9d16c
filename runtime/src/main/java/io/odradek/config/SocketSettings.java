package io.odradek.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;

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
 * @param connectionSetupTimeoutMs {@code socket.connection.setup.timeout.ms}
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
        int requestTimeoutMs,
        long connectionSetupTimeoutMs) {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            num.network.threads | int | 3 | 1.. | high | cluster-wide | yes | Event loops that serve connections, over all listeners or, with a listener's prefix, how many of them serve that one. Connections of an event loop that goes end when their requests are answered.
            num.io.threads | int | 8 | 1.. | high | cluster-wide | no | Threads that handle requests: handlers run on the event loops here.
            background.threads | int | 10 | 1.. | high | cluster-wide | no | Threads for tasks in the background.
            queued.max.requests | int | 500 | 1.. | high | read-only | no | Requests that may wait over all connections before no more are read.
            queued.max.request.bytes | long | -1 | | medium | read-only | yes | Memory for requests that are not answered yet, over all connections; -1 is `odradek.request.memory.bytes`.
            socket.send.buffer.bytes | int | 102400 | | high | read-only | yes | Size of a socket's send buffer; -1 is the operating system's choice.
            socket.receive.buffer.bytes | int | 102400 | | high | read-only | yes | Size of a socket's receive buffer; -1 is the operating system's choice.
            socket.request.max.bytes | int | 104857600 | 1.. | high | read-only | yes | The largest request; a connection that announces a larger one is closed.
            socket.listen.backlog.size | int | 50 | 1.. | medium | read-only | yes | Connections that the operating system lets wait to be accepted.
            max.connections | int | 2147483647 | 0.. | medium | cluster-wide | yes | Connections at a time, over all listeners or, with a listener's prefix, on that one; those that are open stay when it becomes less.
            max.connections.per.ip | int | 2147483647 | 0.. | medium | cluster-wide | yes | Connections at a time from one address.
            max.connections.per.ip.overrides | string | | | medium | cluster-wide | yes | Other limits for some addresses or host names: name:count, separated by commas.
            max.connection.creation.rate | int | 2147483647 | 0.. | medium | cluster-wide | yes | New connections a second, over all listeners or, with a listener's prefix, on that one.
            connections.max.idle.ms | long | 600000 | | medium | read-only | yes | A connection without a request for so long is closed.
            connection.failed.authentication.delay.ms | int | 100 | 0.. | low | read-only | no | How long a failed authentication is left without an answer.
            request.timeout.ms | int | 30000 | | high | read-only | yes | How long the broker waits for answers to requests of its own.
            socket.connection.setup.timeout.ms | long | 10000 | | medium | read-only | yes | How long the broker waits for a connection of its own to be established.
            socket.connection.setup.timeout.max.ms | long | 30000 | | medium | read-only | no | Upper limit of `socket.connection.setup.timeout.ms` as it grows with failures.
            max.request.partition.size.limit | int | 2000 | 1.. | medium | read-only | yes | Partitions in one answer to DescribeTopicPartitions.
            """);

    public SocketSettings {
        maxConnectionsPerIpOverrides = Map.copyOf(maxConnectionsPerIpOverrides);
    }

    static SocketSettings of(SettingValues v) {
        var settings = new SocketSettings(
                v.integer("num.network.threads"),
                v.integer("socket.send.buffer.bytes"),
                v.integer("socket.receive.buffer.bytes"),
                v.integer("socket.request.max.bytes"),
                v.integer("socket.listen.backlog.size"),
                v.integer("max.connections"),
                v.integer("max.connections.per.ip"),
                perIpOverrides(v.string("max.connections.per.ip.overrides")),
                v.integer("max.connection.creation.rate"),
                v.longValue("connections.max.idle.ms"),
                v.integer("connection.failed.authentication.delay.ms"),
                v.integer("queued.max.requests"),
                v.longValue("queued.max.request.bytes"),
                v.integer("request.timeout.ms"),
                v.longValue("socket.connection.setup.timeout.ms"));
        settings.validate();
        return settings;
    }

    private void validate() {
        Check.that(
                queuedMaxRequestBytes <= 0 || queuedMaxRequestBytes >= requestMaxBytes,
                "queued.max.request.bytes must be larger or equal to socket.request.max.bytes");
        Check.that(
                maxConnectionsPerIp > 0 || !maxConnectionsPerIpOverrides.isEmpty(),
                "max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides is set");
        Check.that(
                connectionsMaxIdleMs < 0 || connectionFailedAuthenticationDelayMs < connectionsMaxIdleMs,
                "connection.failed.authentication.delay.ms must be less than connections.max.idle.ms, or the answer to"
                        + " a failed authentication would never be sent");
    }

    private static Map<String, Integer> perIpOverrides(String text) {
        var overrides = new HashMap<String, Integer>();
        for (var entry : text.split(",")) {
            if (entry.isBlank()) {
                continue;
            }
            // An IPv6 address has colons of its own.
            var colon = entry.lastIndexOf(':');
            try {
                overrides.put(
                        entry.substring(0, colon).trim(),
                        Integer.parseInt(entry.substring(colon + 1).trim()));
            } catch (IndexOutOfBoundsException | NumberFormatException e) {
                throw new ConfigException(
                        "max.connections.per.ip.overrides", text, "must be host:count, separated by commas");
            }
        }
        return overrides;
    }
}
