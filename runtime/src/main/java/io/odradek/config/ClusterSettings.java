package io.odradek.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.utils.Utils;

/**
 * How the nodes of a cluster find each other, see that one is gone, and protect what they say.
 *
 * @param port where a node that does not vote listens for the others; 0 for any free one
 * @param failureDetection within which a node that fell silent counts as gone
 * @param crashDetection how long a node whose connection closed gets to say that it is alive
 * @param discoveryDns a name, and a port, whose addresses are those of nodes
 * @param discoveryDirectory a directory that all nodes share
 */
public record ClusterSettings(
        int port,
        Duration failureDetection,
        Duration crashDetection,
        Optional<Listener.HostPort> discoveryDns,
        Optional<Path> discoveryDirectory,
        Protection protection) {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            odradek.failure.detection.ms | long | 3000 | 100.. | high | read-only | yes | Within which a node that fell silent, being stopped or cut off, counts as gone.
            odradek.crash.detection.ms | long | 300 | 10.. | medium | read-only | yes | How long a node whose connection closed, mostly because it crashed, gets to say that it is alive.
            odradek.cluster.port | int | 0 | 0..65535 | medium | read-only | yes | Where a node that is not one of `controller.quorum.voters` listens for the others of its cluster; 0 is any free port.
            odradek.cluster.secret | password | - | | high | read-only | yes | A secret that all nodes of the cluster share, of at least 16 characters. With it, connections between them are encrypted by TLS and those who do not know it are kept out, whatever the protocol of the controller's listener.
            odradek.discovery.dns | string | - | | medium | read-only | yes | A name with a port, host:port, all of whose addresses are those of nodes, such as a headless service of Kubernetes: where nodes are looked for beside `controller.quorum.voters`.
            odradek.discovery.directory | string | - | | low | read-only | yes | A directory that all nodes share and in which each leaves its address: where nodes are looked for beside `controller.quorum.voters`.
            """);

    private static final int MIN_SECRET = 16;

    /** Of the connections between nodes. */
    public sealed interface Protection {
        /** Nothing, as was said explicitly. */
        record Off() implements Protection {}

        /** Nothing was said. */
        record Unsaid() implements Protection {}

        record Secret(Password secret) implements Protection {}

        /** With key store and trust store of the controller's listener. */
        record Tls(SslSettings ssl) implements Protection {}
    }

    static ClusterSettings of(SettingValues v, Map<String, String> originals) {
        long silent = v.longValue("odradek.failure.detection.ms");
        long crashed = v.longValue("odradek.crash.detection.ms");
        Check.that(
                crashed <= silent,
                "odradek.crash.detection.ms is " + crashed + " and must not be above odradek.failure.detection.ms, "
                        + silent);
        return new ClusterSettings(
                v.integer("odradek.cluster.port"),
                Duration.ofMillis(silent),
                Duration.ofMillis(crashed),
                v.text("odradek.discovery.dns").map(ClusterSettings::hostPort),
                v.text("odradek.discovery.directory").map(Path::of),
                protection(v, originals));
    }

    private static Listener.HostPort hostPort(String text) {
        var host = Utils.getHost(text);
        var port = Utils.getPort(text);
        if (host == null || port == null) {
            throw new ConfigException("odradek.discovery.dns", text, "must be host:port");
        }
        return new Listener.HostPort(host, port);
    }

    private static Protection protection(SettingValues v, Map<String, String> originals) {
        var secret = v.password("odradek.cluster.secret");
        if (secret.isPresent()) {
            Check.that(
                    secret.get().value().length() >= MIN_SECRET,
                    "odradek.cluster.secret must have at least " + MIN_SECRET + " characters");
            return new Protection.Secret(secret.get());
        }
        var names = v.list("controller.listener.names");
        if (names.isEmpty()) {
            return new Protection.Unsaid();
        }
        var name = names.get(0).trim();
        for (var entry :
                originals.getOrDefault("listener.security.protocol.map", "").split(",")) {
            var parts = entry.split(":", -1);
            if (parts.length == 2 && parts[0].trim().equalsIgnoreCase(name)) {
                return protection(name, parts[1].trim(), originals);
            }
        }
        // A name that is a protocol says it, too.
        return List.of("PLAINTEXT", "SSL").contains(name.toUpperCase(Locale.ROOT))
                ? protection(name, name, originals)
                : new Protection.Unsaid();
    }

    private static Protection protection(String listener, String protocol, Map<String, String> originals) {
        if (protocol.equalsIgnoreCase(SecurityProtocol.PLAINTEXT.name)) {
            return new Protection.Off();
        }
        if (protocol.equalsIgnoreCase(SecurityProtocol.SSL.name)) {
            var settings = new HashMap<>(originals);
            var prefix = "listener.name." + listener.toLowerCase(Locale.ROOT) + ".";
            originals.forEach((key, value) -> {
                if (key.startsWith(prefix)) {
                    settings.put(key.substring(prefix.length()), value);
                }
            });
            return new Protection.Tls(SslSettings.of(BrokerSettings.parse(settings)));
        }
        return new Protection.Unsaid(); // SASL is not spoken between nodes
    }
}
