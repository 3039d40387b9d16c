package io.odradek.app;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * The broker's settings, gathered from Quarkus' configuration: every property under {@code kafka.} and {@code odradek.}
 * of every source, the source with the higher ordinal winning.
 *
 * <p>They are gathered from the sources' own names and not asked for one by one, so that a name nobody knows is seen and
 * refused, and so that {@code listener.name.…} settings, whose names are open, are found.
 */
final class ConfiguredSettings {
    private static final String KAFKA = "kafka.";

    private ConfiguredSettings() {}

    /** By Kafka's names without {@code kafka.}, and ours with {@code odradek.}, as BrokerConfig takes them. */
    static Map<String, String> from(Config config, Map<String, String> environment) {
        var byOrdinal = new TreeMap<Integer, Map<String, String>>();
        for (var source : config.getConfigSources()) {
            if (isEnvironment(source)) {
                byOrdinal
                        .computeIfAbsent(source.getOrdinal(), o -> new HashMap<>())
                        .putAll(EnvironmentSettings.in(environment));
                continue;
            }
            for (var name : source.getPropertyNames()) {
                if (name.startsWith(KAFKA) || name.startsWith("odradek.")) {
                    byOrdinal
                            .computeIfAbsent(source.getOrdinal(), o -> new HashMap<>())
                            .put(name, source.getValue(name));
                }
            }
        }
        var settings = new HashMap<String, String>();
        byOrdinal
                .values()
                .forEach(layer -> layer.forEach((name, value) -> {
                    if (value != null) {
                        settings.put(name.startsWith(KAFKA) ? name.substring(KAFKA.length()) : name, value);
                    }
                }));
        if (!settings.containsKey("log.dirs") && !settings.containsKey("log.dir")) {
            settings.put("log.dirs", Path.of("data").toString());
        }
        return settings;
    }

    private static boolean isEnvironment(ConfigSource source) {
        return source.getName().contains("EnvConfigSource");
    }
}
