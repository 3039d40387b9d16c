package io.odradek.config;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;

/**
 * Everything a broker is started with, typed and immutable.
 *
 * @param nodeId {@code node.id}, or its old name {@code broker.id}
 * @param rack {@code broker.rack}
 * @param topicDefaults what a topic has that overrides nothing: the broker's {@code log.*} settings and the like
 * @param originals the settings as they were given, by name; the static layer of {@link DynamicConfig}
 */
public record BrokerConfig(
        int nodeId,
        Optional<String> rack,
        ListenerSettings listeners,
        SocketSettings sockets,
        LogSettings log,
        MetadataSettings metadata,
        ReplicationSettings replication,
        GroupSettings groups,
        TransactionSettings transactions,
        QuotaSettings quotas,
        LimitSettings limits,
        PluginSettings plugins,
        LogConfig topicDefaults,
        Map<String, String> originals) {

    public BrokerConfig {
        originals = Map.copyOf(originals);
    }

    /**
     * @param settings by Kafka's names, without {@code kafka.}, and ours under {@code odradek.}
     * @throws ConfigException with one line that names the setting; for an unknown one also the nearest known name
     */
    public static BrokerConfig of(Map<String, String> settings) {
        throw new UnsupportedOperationException();
    }
}
