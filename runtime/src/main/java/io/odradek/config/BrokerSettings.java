package io.odradek.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.errors.InvalidRequestException;

/** Every setting of the broker: all that Apache Kafka 4.3 has, by its names, and our own under {@code odradek.}. */
public final class BrokerSettings {
    private static final Pattern LISTENER_SETTING = Pattern.compile("listener\\.name\\.[^.]*\\.(.*)");

    /** Settings of listeners that a SASL mechanism's name may come before, too. */
    private static final Set<String> MECHANISM_SETTINGS = Set.of(
            "sasl.jaas.config",
            "sasl.login.callback.handler.class",
            "sasl.login.class",
            "sasl.server.callback.handler.class",
            "connections.max.reauth.ms");

    /** What may differ from listener to listener and yet is set for all brokers at once. */
    private static final Set<String> CLUSTER_WIDE_OF_LISTENERS =
            Set.of("max.connections", "max.connection.creation.rate", "num.network.threads");

    private static final Map<String, List<Setting>> AREAS = areaTables();
    private static final Map<String, Setting> SETTINGS = byName();
    private static final ConfigDef DEFINITIONS = SettingTable.definitions(List.copyOf(SETTINGS.values()));
    private static final ConfigDef DYNAMIC = SettingTable.definitions(dynamicSettings());

    private BrokerSettings() {}

    private static Map<String, List<Setting>> areaTables() {
        var areas = new LinkedHashMap<String, List<Setting>>();
        areas.put("Node, quorum and metadata", MetadataSettings.SETTINGS);
        areas.put("Nodes among themselves", ClusterSettings.SETTINGS);
        areas.put("Brokers and their controller", ControllerSettings.SETTINGS);
        areas.put("Listeners", ListenerSettings.SETTINGS);
        areas.put("Connections and requests", SocketSettings.SETTINGS);
        areas.put("Bounds and durability of our own", LimitSettings.SETTINGS);
        areas.put("Plugins", PluginSettings.SETTINGS);
        areas.put("Logs", LogSettings.SETTINGS);
        areas.put("Compaction", CompactionSettings.SETTINGS);
        areas.put("Defaults of topics", TopicDefaultSettings.SETTINGS);
        areas.put("Replication and fetching", ReplicationSettings.SETTINGS);
        areas.put("Groups and offsets", GroupSettings.SETTINGS);
        areas.put("Transactions", TransactionSettings.SETTINGS);
        areas.put("Quotas", QuotaSettings.SETTINGS);
        areas.put("TLS", TlsSettings.SETTINGS);
        areas.put("Security", SecuritySettings.SETTINGS);
        areas.put("SASL", SaslSettings.SETTINGS);
        areas.put("Metrics", MetricSettings.SETTINGS);
        areas.put("Share groups", ShareGroupSettings.SETTINGS);
        areas.put("Tiered storage", TieredStorageSettings.SETTINGS);
        areas.put("Internal", InternalSettings.SETTINGS);
        return areas;
    }

    private static Map<String, Setting> byName() {
        var all = new TreeMap<String, Setting>();
        AREAS.values()
                .forEach(settings -> settings.forEach(setting -> {
                    if (all.put(setting.name(), setting) != null) {
                        throw new IllegalStateException(setting.name() + " is defined twice");
                    }
                }));
        return all;
    }

    private static List<Setting> dynamicSettings() {
        var dynamic = new ArrayList<>(ReplicationRates.SETTINGS);
        SETTINGS.values().stream()
                .filter(s -> s.mode() != Setting.UpdateMode.READ_ONLY)
                .forEach(dynamic::add);
        return dynamic;
    }

    /** All settings by area, in the order in which they are explained. */
    public static Map<String, List<Setting>> areas() {
        return AREAS;
    }

    /** Settings that exist only as dynamic ones, which the configuration of a broker may not have. */
    static List<Setting> dynamicOnly() {
        return ReplicationRates.SETTINGS;
    }

    /** All settings by name. */
    public static Map<String, Setting> settings() {
        return SETTINGS;
    }

    public static Optional<Setting> setting(String name) {
        return Optional.ofNullable(SETTINGS.get(name));
    }

    /** Whether a configuration may have it: settings by their name, and by a listener's too. */
    public static boolean isKnown(String name) {
        return SETTINGS.containsKey(baseName(name));
    }

    /** What is known of a setting, also of one listener's, and of one that exists only as a dynamic setting. */
    static Optional<Setting> described(String name) {
        return setting(baseName(name)).or(() -> ReplicationRates.SETTINGS.stream()
                .filter(s -> s.name().equals(name))
                .findFirst());
    }

    /** As Kafka's own parser wants them; those that exist only as dynamic settings are among them. */
    public static Map<String, ConfigDef.ConfigKey> definitions() {
        var all = new TreeMap<>(DYNAMIC.configKeys());
        all.putAll(DEFINITIONS.configKeys());
        return all;
    }

    /** The setting itself, or the one that a listener's setting ({@code listener.name.internal.ssl.protocol}) is a case of. */
    static String baseName(String name) {
        var listener = LISTENER_SETTING.matcher(name);
        if (!listener.matches()) {
            return name;
        }
        var base = listener.group(1);
        return MECHANISM_SETTINGS.stream().filter(base::endsWith).findFirst().orElse(base);
    }

    /**
     * @return a value for every setting, absent ones by their default
     * @throws ConfigException for a value that is malformed or out of bounds, in one line
     */
    static SettingValues parse(Map<String, String> settings) {
        var values = new SettingValues(DEFINITIONS.parse(settings));
        for (var setting : SETTINGS.values()) {
            var given = settings.get(setting.name());
            if (setting.effect() == Setting.Effect.REFUSED
                    && given != null
                    && !given.equals(setting.defaultValue().orElse(""))) {
                throw new ConfigException(setting.name(), given, "this is not offered; leave the setting out");
            }
        }
        return values;
    }

    /**
     * Checks what is to be set while brokers run. As in Kafka, a name that is unknown altogether is let through.
     *
     * @param perBroker whether it is for one broker, else it is the default of all
     * @throws InvalidRequestException with Kafka's message
     */
    public static void validateDynamic(Map<String, String> configs, boolean perBroker) {
        refuse(
                "Cannot update these configs dynamically",
                configs,
                name -> SETTINGS.containsKey(name) && !DYNAMIC.names().contains(name));
        refuse(
                "These security configs can be dynamically updated only per-listener using the listener prefix",
                configs,
                SslConfigs.RECONFIGURABLE_CONFIGS::contains);
        var base = new TreeMap<String, String>();
        configs.forEach((name, value) -> base.put(baseName(name), value));
        try {
            DYNAMIC.parse(base);
        } catch (ConfigException e) {
            throw new InvalidRequestException(e.getMessage());
        }
        if (!perBroker) {
            refuse(
                    "Cannot update these configs at default cluster level, broker id must be specified",
                    configs,
                    BrokerSettings::isPerBroker);
        }
    }

    private static boolean isPerBroker(String name) {
        var listener = LISTENER_SETTING.matcher(name);
        if (listener.matches()) {
            return !CLUSTER_WIDE_OF_LISTENERS.contains(listener.group(1));
        }
        return setting(name)
                .filter(s -> s.mode() == Setting.UpdateMode.PER_BROKER)
                .isPresent();
    }

    private static void refuse(String message, Map<String, String> configs, Predicate<String> bad) {
        var names = new TreeSet<String>();
        configs.keySet().stream().filter(bad).forEach(names::add);
        if (!names.isEmpty()) {
            throw new InvalidRequestException(message + ": [" + String.join(", ", names) + "]");
        }
    }
}
