package io.odradek.config;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InvalidConfigurationException;

/**
 * Everything a broker is started with, typed and immutable.
 *
 * @param nodeId {@code node.id}, or its old name {@code broker.id}
 * @param rack {@code broker.rack}
 * @param topicDefaults what a topic has that overrides nothing: the broker's {@code log.*} settings and the like
 * @param replicationRates unlimited as long as nobody sets them while the broker runs
 * @param originals the settings as they were given, by name; the static layer of {@link DynamicConfig}
 */
public record BrokerConfig(
        int nodeId,
        Optional<String> rack,
        ListenerSettings listeners,
        SocketSettings sockets,
        LogSettings log,
        MetadataSettings metadata,
        ClusterSettings cluster,
        ControllerSettings controller,
        ReplicationSettings replication,
        GroupSettings groups,
        ConsumerGroupSettings consumerGroups,
        TransactionSettings transactions,
        QuotaSettings quotas,
        LimitSettings limits,
        PluginSettings plugins,
        LogConfig topicDefaults,
        ReplicationRates replicationRates,
        Map<String, String> originals) {

    public BrokerConfig {
        originals = Map.copyOf(originals);
    }

    /**
     * @param settings by Kafka's names, without {@code kafka.}, and ours under {@code odradek.}
     * @throws ConfigException with one line that names the setting; for an unknown one also the nearest known name
     */
    public static BrokerConfig of(Map<String, String> settings) {
        settings.keySet().forEach(BrokerConfig::requireKnown);
        var all = withAliases(settings);
        var values = BrokerSettings.parse(all);
        int nodeId = values.integer("node.id");
        Check.that(nodeId == values.integer("broker.id"), "You must set `node.id` to the same value as `broker.id`.");
        var listeners = ListenerSettings.of(values, all);
        var metadata = MetadataSettings.of(values, nodeId, settings.containsKey("process.roles"));
        Check.that(
                metadata.isOnlyVoter(nodeId)
                        || !metadata.isVoter(nodeId)
                        || !listeners.controllerListeners().isEmpty(),
                "controller.listener.names must contain at least one value appearing in the 'listeners' configuration"
                        + " when controller.quorum.voters names this node and others");
        return new BrokerConfig(
                nodeId,
                values.text("broker.rack"),
                listeners,
                SocketSettings.of(values),
                LogSettings.of(values),
                metadata,
                ClusterSettings.of(values, all),
                ControllerSettings.of(values),
                ReplicationSettings.of(values),
                GroupSettings.of(values),
                ConsumerGroupSettings.of(values),
                TransactionSettings.of(values),
                QuotaSettings.of(values),
                LimitSettings.of(values),
                PluginSettings.of(values),
                topicDefaults(all),
                ReplicationRates.UNLIMITED,
                settings);
    }

    /**
     * Whether this node is a cluster of its own, which nobody can join: nothing says where it would listen for others, or how
     * that is protected. The latter only a node that shall be one of several has to say: Kafka takes it for PLAINTEXT.
     */
    public boolean isAlone() {
        return metadata.isOnlyVoter(nodeId)
                && (metadata.quorumVoters().isEmpty()
                        || listeners.controllerListeners().isEmpty()
                        || cluster.protection() instanceof ClusterSettings.Protection.Unsaid);
    }

    /**
     * As {@link #of}, with what is set while the broker runs. As in Kafka, dynamic settings may have names that nobody
     * knows.
     */
    public static BrokerConfig inForce(Map<String, String> settings) {
        var known = new HashMap<>(settings);
        known.keySet().removeIf(name -> !BrokerSettings.isKnown(name));
        return of(known).with(ReplicationRates.of(settings));
    }

    private BrokerConfig with(ReplicationRates rates) {
        return new BrokerConfig(
                nodeId,
                rack,
                listeners,
                sockets,
                log,
                metadata,
                cluster,
                controller,
                replication,
                groups,
                consumerGroups,
                transactions,
                quotas,
                limits,
                plugins,
                topicDefaults,
                rates,
                originals);
    }

    private static void requireKnown(String name) {
        var known = BrokerSettings.settings().keySet();
        var base = BrokerSettings.baseName(name);
        if (!known.contains(base)) {
            throw new ConfigException("Unknown setting " + name
                    + NearestName.of(base, known)
                            .map(nearest -> ": did you mean " + name.substring(0, name.length() - base.length())
                                    + nearest + "?")
                            .orElse(""));
        }
    }

    /** {@code broker.id} is the old name of {@code node.id}: whichever is given counts for both. */
    private static Map<String, String> withAliases(Map<String, String> settings) {
        var all = new HashMap<>(settings);
        var nodeId = settings.getOrDefault("node.id", settings.get("broker.id"));
        all.putIfAbsent("node.id", nodeId == null ? "1" : nodeId);
        all.putIfAbsent("broker.id", all.get("node.id"));
        return all;
    }

    private static LogConfig topicDefaults(Map<String, String> settings) {
        var defaults = TopicSynonyms.topicDefaults(name -> Optional.ofNullable(settings.get(name)));
        try {
            return LogConfig.of(defaults);
        } catch (InvalidConfigurationException e) {
            throw new ConfigException("The defaults of topics are no valid settings of a topic: " + e.getMessage());
        }
    }

    /** Leaves out settings whose values must not be shown. */
    @Override
    public String toString() {
        return "BrokerConfig[nodeId=" + nodeId + ", rack=" + rack.orElse("") + ", listeners=" + listeners + ", log="
                + log + ", metadata=" + metadata + "]";
    }
}
