package io.odradek.config;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * One listener of the broker.
 *
 * @param name in upper case, as {@code listeners} has it
 * @param host to bind to; empty for every address of this machine
 * @param port to bind to; 0 for any free one
 * @param advertised what clients are told, empty where the listener is not advertised. An empty host stands for this
 *     machine's own name, port 0 for the port that was bound
 * @param ssl present if the security protocol uses TLS
 * @param maxConnections on this listener; {@link Integer#MAX_VALUE} is no limit
 * @param maxConnectionCreationRate new connections a second on this listener; {@link Integer#MAX_VALUE} is no limit
 * @param numNetworkThreads how many of the broker's event loops serve it
 * @param overrides every setting of this listener alone, without the prefix {@code listener.name.<name>.}
 */
public record Listener(
        String name,
        String host,
        int port,
        Optional<HostPort> advertised,
        SecurityProtocol securityProtocol,
        Optional<SslSettings> ssl,
        int maxConnections,
        int maxConnectionCreationRate,
        int numNetworkThreads,
        Map<String, String> overrides) {
    public Listener {
        overrides = Map.copyOf(overrides);
    }

    /** Leaves out settings whose values must not be shown. */
    @Override
    public String toString() {
        return name + "://" + new HostPort(host, port) + " (" + securityProtocol + ", advertised as "
                + advertised.map(HostPort::toString).orElse("nothing") + ")";
    }

    /** @param host may be empty, where the context says what that means */
    public record HostPort(String host, int port) {
        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }
}
