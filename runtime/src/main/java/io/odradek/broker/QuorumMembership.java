package io.odradek.broker;

import io.odradek.config.BrokerConfig;
import io.odradek.config.ClusterSettings;
import io.odradek.config.ClusterSettings.Protection;
import io.odradek.config.Listener;
import io.odradek.config.Listener.HostPort;
import io.odradek.config.MetadataSettings;
import io.odradek.config.SslSettings;
import io.odradek.raft.ClusterConfig;
import io.odradek.raft.ClusterSecret;
import io.odradek.raft.FailureDetection;
import io.odradek.raft.NodeDiscovery;
import io.odradek.raft.TransportSecurity;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.jboss.logging.Logger;

/** What the settings say of this node as one of several. */
final class QuorumMembership {
    private static final Logger LOG = Logger.getLogger(QuorumMembership.class);

    private QuorumMembership() {}

    /**
     * Empty for a node that is a cluster of its own.
     *
     * @throws ConfigException in one line
     */
    static Optional<ClusterConfig> of(BrokerConfig config) {
        if (config.isAlone()) {
            if (!config.metadata().quorumVoters().isEmpty()
                    && !config.listeners().controllerListeners().isEmpty()) {
                LOG.infof(
                        "Listener %s stays closed and no other node can join: listener.security.protocol.map does not say"
                                + " how it is protected",
                        config.listeners().controllerListeners().get(0).name());
            }
            return Optional.empty();
        }
        Map<Integer, HostPort> voters = config.metadata().quorumVoters().stream()
                .collect(Collectors.toMap(MetadataSettings.Voter::nodeId, MetadataSettings.Voter::address));
        var cluster = config.cluster();
        return Optional.of(new ClusterConfig(
                voters,
                listen(config, voters),
                discovery(cluster),
                security(cluster.protection()),
                new FailureDetection(cluster.failureDetection(), cluster.crashDetection())));
    }

    private static HostPort listen(BrokerConfig config, Map<Integer, HostPort> voters) {
        if (voters.containsKey(config.nodeId())) {
            var listener = config.listeners().controllerListeners().stream()
                    .findFirst()
                    .orElseThrow(() -> new ConfigException("listeners has none of those that"
                            + " controller.listener.names names, and this node is one of controller.quorum.voters"));
            return new HostPort(listener.host(), listener.port());
        }
        var host = config.listeners()
                .listener(config.listeners().interBrokerListenerName())
                .map(Listener::host)
                .orElse("");
        return new HostPort(host, config.cluster().port());
    }

    private static NodeDiscovery discovery(ClusterSettings cluster) {
        return cluster.discoveryDns()
                .<NodeDiscovery>map(NodeDiscovery.Dns::new)
                .or(() -> cluster.discoveryDirectory().map(NodeDiscovery.SharedDirectory::new))
                .orElseGet(NodeDiscovery.Voters::new);
    }

    private static TransportSecurity security(Protection protection) {
        if (protection instanceof Protection.Secret secret) {
            return new TransportSecurity.Tls(
                    ClusterSecret.context(secret.secret().value()));
        }
        if (protection instanceof Protection.Tls tls) {
            return tls(tls.ssl());
        }
        if (protection instanceof Protection.Off) {
            return new TransportSecurity.Plaintext();
        }
        throw new ConfigException("The connections between the nodes of a cluster need protection: set"
                + " odradek.cluster.secret, or map the listener of controller.listener.names to SSL in"
                + " listener.security.protocol.map, or, in a network that nobody else can reach, to PLAINTEXT");
    }

    /** Everybody whose certificate the trust store accepts is taken for a node: the JDK's own will not do. */
    private static TransportSecurity tls(SslSettings ssl) {
        if (ssl.keystore().isEmpty() || ssl.truststore().isEmpty()) {
            throw new ConfigException("The controller's listener speaks SSL and needs a key store and a trust store of"
                    + " its own: ssl.keystore.location and ssl.truststore.location");
        }
        try (var engines = new DefaultSslEngineFactory()) {
            engines.configure(ssl.values());
            return new TransportSecurity.Tls(engines.sslContext());
        } catch (KafkaException e) {
            var cause = e.getCause() == null ? e : e.getCause();
            throw new ConfigException("TLS of the controller's listener cannot be used: " + cause.getMessage());
        }
    }
}
