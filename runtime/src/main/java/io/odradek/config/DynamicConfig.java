package io.odradek.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;

/**
 * What is in force, from the layers of settings: of a topic or group, of the broker, of all brokers, what the broker was
 * started with, defaults. Pure; values that are stored have been validated.
 */
public final class DynamicConfig {
    private DynamicConfig() {}

    /** What is in force for the logs of a topic. */
    public static LogConfig logConfig(ConfigLayers layers, Map<String, String> topicConfigs) {
        return TopicSettings.parse(topicValues(layers, topicConfigs));
    }

    private static Map<String, String> topicValues(ConfigLayers layers, Map<String, String> topicConfigs) {
        var settings = settings(layers);
        var values = TopicSynonyms.topicDefaults(name -> Optional.ofNullable(settings.get(name)));
        values.putAll(topicConfigs);
        return values;
    }

    /**
     * What is set in any layer, by name; a setting in an upper layer hides what means the same in a lower one, also by
     * another name.
     */
    public static Map<String, String> settings(ConfigLayers layers) {
        var settings = new HashMap<>(layers.startedWith());
        for (var layer : List.of(layers.clusterDefault(), layers.broker())) {
            layer.forEach((name, value) -> {
                TopicSynonyms.group(name).forEach(settings::remove);
                settings.put(name, value);
            });
        }
        return settings;
    }

    /** Every config of a topic. */
    public static List<ConfigDescription> describeTopic(ConfigLayers layers, Map<String, String> topicConfigs) {
        var keys = TopicSettings.definitions();
        var values = TopicSettings.values(topicValues(layers, topicConfigs));
        var descriptions = new ArrayList<ConfigDescription>();
        for (var name : new TreeSet<>(TopicSettings.names())) {
            var synonyms = TopicSynonyms.of(name).stream()
                    .findFirst()
                    .map(s -> synonyms(layers, s.name()))
                    .orElse(List.of());
            descriptions.add(
                    describe(keys.get(name), values.get(name), topicConfigs, ConfigSource.TOPIC_CONFIG, synonyms));
        }
        return descriptions;
    }

    /**
     * Every config of a topic as CreateTopics reports it: where a topic's config falls back to a broker setting in another
     * unit, it says where that is set, which DescribeConfigs does not.
     */
    public static List<ConfigDescription> describeNewTopic(ConfigLayers layers, Map<String, String> topicConfigs) {
        return describeTopic(layers, topicConfigs).stream()
                .map(config -> config.source() == ConfigSource.DEFAULT_CONFIG
                        ? config.from(sourceOfDefault(layers, config.name()))
                        : config)
                .toList();
    }

    private static ConfigSource sourceOfDefault(ConfigLayers layers, String topicConfig) {
        for (var synonym : TopicSynonyms.of(topicConfig)) {
            if (layers.broker().containsKey(synonym.name())) {
                return ConfigSource.DYNAMIC_BROKER_CONFIG;
            } else if (layers.clusterDefault().containsKey(synonym.name())) {
                return ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG;
            } else if (layers.startedWith().containsKey(synonym.name())) {
                return ConfigSource.STATIC_BROKER_CONFIG;
            }
        }
        return ConfigSource.DEFAULT_CONFIG;
    }

    /** Every config of a group. */
    public static List<ConfigDescription> describeGroup(ConfigLayers layers, Map<String, String> groupConfigs) {
        var settings = settings(layers);
        var configs = new TreeMap<>(groupConfigs);
        var descriptions = new ArrayList<ConfigDescription>();
        for (var key : new TreeMap<>(GroupConfigSettings.definitions()).values()) {
            var fallback = GroupConfigSettings.synonym(key.name);
            fallback.map(settings::get).ifPresent(value -> configs.putIfAbsent(key.name, value));
            var synonyms = fallback.map(s -> synonyms(layers, s)).orElseGet(() -> List.of(defaultOf(key)));
            descriptions.add(describe(
                    key, parsed(key, configs.get(key.name)), groupConfigs, ConfigSource.GROUP_CONFIG, synonyms));
        }
        return descriptions;
    }

    /** Every config of a subscription to clients' metrics. */
    public static List<ConfigDescription> describeClientMetrics(Map<String, String> configs) {
        var descriptions = new ArrayList<ConfigDescription>();
        for (var key : new TreeMap<>(ClientMetricsSettings.definitions()).values()) {
            descriptions.add(describe(
                    key, parsed(key, configs.get(key.name)), configs, ConfigSource.CLIENT_METRICS_CONFIG, List.of()));
        }
        return descriptions;
    }

    /** @param own what the resource itself sets */
    private static ConfigDescription describe(
            ConfigDef.ConfigKey key,
            Object value,
            Map<String, String> own,
            ConfigSource source,
            List<ConfigDescription.Synonym> fallbacks) {
        var text = Optional.ofNullable(ConfigDef.convertToString(value, key.type));
        var synonyms = new ArrayList<ConfigDescription.Synonym>();
        if (own.containsKey(key.name)) {
            synonyms.add(new ConfigDescription.Synonym(key.name, text, source));
        }
        synonyms.addAll(fallbacks);
        return new ConfigDescription(
                key.name,
                text,
                synonyms.isEmpty()
                        ? ConfigSource.DEFAULT_CONFIG
                        : synonyms.get(0).source(),
                false,
                false,
                synonyms,
                Optional.of(key.type),
                key.documentation);
    }

    private static ConfigDescription.Synonym defaultOf(ConfigDef.ConfigKey key) {
        return new ConfigDescription.Synonym(
                key.name,
                Optional.ofNullable(ConfigDef.convertToString(key.defaultValue, key.type)),
                ConfigSource.DEFAULT_CONFIG);
    }

    private static Object parsed(ConfigDef.ConfigKey key, String value) {
        return value == null ? key.defaultValue : ConfigDef.parseType(key.name, value, key.type);
    }

    /** Every setting of this broker: all that exist, and what is set for single listeners. */
    public static List<ConfigDescription> describeBroker(ConfigLayers layers) {
        var settings = settings(layers);
        var names = new TreeSet<String>(settings.keySet());
        BrokerSettings.settings().values().stream()
                .filter(s -> !s.internal())
                .map(Setting::name)
                .forEach(names::add);
        return names.stream()
                .map(name -> describeBroker(layers, name, Optional.ofNullable(settings.get(name)), false))
                .toList();
    }

    /** What is set as the default of all brokers. */
    public static List<ConfigDescription> describeClusterDefault(ConfigLayers layers) {
        return new TreeMap<>(layers.clusterDefault())
                .entrySet().stream()
                        .map(e -> describeBroker(layers, e.getKey(), Optional.of(e.getValue()), true))
                        .toList();
    }

    private static ConfigDescription describeBroker(
            ConfigLayers layers, String name, Optional<String> set, boolean clusterDefaultOnly) {
        var setting = BrokerSettings.described(name);
        // What nobody knows may be a secret.
        var sensitive = setting.map(Setting::sensitive).orElse(true);
        var synonyms = synonyms(layers, name).stream()
                .filter(s -> !clusterDefaultOnly || s.source() == ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG)
                .toList();
        var value = set.or(() -> setting.flatMap(Setting::defaultValue));
        return new ConfigDescription(
                name,
                sensitive ? Optional.empty() : value,
                synonyms.isEmpty()
                        ? ConfigSource.DEFAULT_CONFIG
                        : synonyms.get(0).source(),
                sensitive,
                setting.map(s -> s.mode() == Setting.UpdateMode.READ_ONLY
                                || !s.name().equals(name))
                        .orElse(true),
                synonyms,
                setting.map(Setting::type),
                setting.map(Setting::documentation).orElse(""));
    }

    /** Where a broker's setting is set, from the upper layers down. */
    private static List<ConfigDescription.Synonym> synonyms(ConfigLayers layers, String name) {
        var base = BrokerSettings.baseName(name);
        var names = base.equals(name) ? TopicSynonyms.group(name) : List.of(name, base);
        var found = new ArrayList<ConfigDescription.Synonym>();
        add(found, names, layers.broker(), ConfigSource.DYNAMIC_BROKER_CONFIG);
        add(found, names, layers.clusterDefault(), ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG);
        add(found, names, layers.startedWith(), ConfigSource.STATIC_BROKER_CONFIG);
        for (var synonym : names) {
            BrokerSettings.setting(synonym)
                    .flatMap(s -> s.defaultValue().map(v -> synonym(synonym, v, ConfigSource.DEFAULT_CONFIG)))
                    .ifPresent(found::add);
        }
        // As in Kafka, what comes before the name itself says nothing about it.
        while (!found.isEmpty() && !found.get(0).name().equals(name)) {
            found.remove(0);
        }
        return found;
    }

    private static void add(
            List<ConfigDescription.Synonym> found, List<String> names, Map<String, String> layer, ConfigSource source) {
        for (var name : names) {
            if (layer.containsKey(name)) {
                found.add(synonym(name, layer.get(name), source));
            }
        }
    }

    private static ConfigDescription.Synonym synonym(String name, String value, ConfigSource source) {
        var sensitive = BrokerSettings.described(name).map(Setting::sensitive).orElse(true);
        return new ConfigDescription.Synonym(name, sensitive ? Optional.empty() : Optional.of(value), source);
    }
}
