package io.odradek.network;

import io.odradek.config.Listener;
import io.odradek.config.SslSettings;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * One named listener: where it binds and how it speaks.
 *
 * @param name as in {@code listeners}, upper case by custom
 * @param host address or name to bind to; empty binds to every address of the machine
 * @param port 0 lets the system choose; {@link KafkaServer#port} tells what it chose
 * @param ssl Kafka's {@code ssl.*} settings by name, without the listener's prefix, as strings or as the values that
 *     Kafka's ConfigDef parses them to; read only when {@code securityProtocol} is SSL
 * @param maxConnections limit of this listener alone, beside the broker's own
 * @param maxConnectionCreationRate new connections per second on this listener
 * @param networkThreads how many of the broker's event loops serve it; more than there are is all of them
 */
public record ListenerConfig(
        String name,
        Optional<String> host,
        int port,
        SecurityProtocol securityProtocol,
        Map<String, ?> ssl,
        int maxConnections,
        int maxConnectionCreationRate,
        int networkThreads) {
    public ListenerConfig {
        ssl = Map.copyOf(ssl);
    }

    /** What a broker's settings say of one listener. */
    static ListenerConfig of(Listener listener) {
        return new ListenerConfig(
                listener.name(),
                Optional.of(listener.host()),
                listener.port(),
                listener.securityProtocol(),
                listener.ssl().map(SslSettings::values).orElse(Map.of()),
                listener.maxConnections(),
                listener.maxConnectionCreationRate(),
                listener.numNetworkThreads());
    }

    /** A listener with no limits of its own. */
    public static ListenerConfig plaintext(String name, String host, int port) {
        return new ListenerConfig(
                name,
                Optional.of(host),
                port,
                SecurityProtocol.PLAINTEXT,
                Map.of(),
                Integer.MAX_VALUE,
                Integer.MAX_VALUE,
                Integer.MAX_VALUE);
    }

    /** A TLS listener with no limits of its own. */
    public static ListenerConfig ssl(String name, String host, int port, Map<String, ?> ssl) {
        return new ListenerConfig(
                name,
                Optional.of(host),
                port,
                SecurityProtocol.SSL,
                ssl,
                Integer.MAX_VALUE,
                Integer.MAX_VALUE,
                Integer.MAX_VALUE);
    }
}
