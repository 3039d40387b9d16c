package io.odradek.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * What the command line of {@code start} adds to the configuration: the file of {@code --config}, which the environment
 * overrides, and the values of {@code --set}, which override everything.
 *
 * <p>In both, a name that begins with {@code kafka.}, {@code odradek.} or {@code quarkus.} is meant as it stands; any
 * other is a setting of Kafka, so that a {@code server.properties} works as it is.
 *
 * <p>The sources are found by {@link java.util.ServiceLoader} before anything of ours runs, hence the static state; it is
 * set once, before the application starts.
 */
public abstract class StartSettings implements ConfigSource {
    private static volatile Map<String, String> file = Map.of();
    private static volatile Map<String, String> values = Map.of();

    static void use(Optional<Path> configFile, Map<String, String> settings) throws IOException {
        if (configFile.isPresent()) {
            var properties = new Properties();
            try (var reader = Files.newBufferedReader(configFile.get(), StandardCharsets.UTF_8)) {
                properties.load(reader);
            }
            var read = new HashMap<String, String>();
            properties.forEach((name, value) -> read.put(qualified((String) name), ((String) value).trim()));
            file = Map.copyOf(read);
        }
        var given = new HashMap<String, String>();
        settings.forEach((name, value) -> given.put(qualified(name), value));
        values = Map.copyOf(given);
    }

    static String qualified(String name) {
        var known = name.startsWith("kafka.") || name.startsWith("odradek.") || name.startsWith("quarkus.");
        return known ? name : "kafka." + name;
    }

    abstract Map<String, String> settings();

    @Override
    public Set<String> getPropertyNames() {
        return settings().keySet();
    }

    @Override
    public String getValue(String name) {
        return settings().get(name);
    }

    /** The file of {@code --config}: above application.properties (250), below the environment (300). */
    public static final class OfFile extends StartSettings {
        @Override
        Map<String, String> settings() {
            return file;
        }

        @Override
        public int getOrdinal() {
            return 275;
        }

        @Override
        public String getName() {
            return "--config";
        }
    }

    /** The values of {@code --set}: above system properties (400). */
    public static final class OfCommandLine extends StartSettings {
        @Override
        Map<String, String> settings() {
            return values;
        }

        @Override
        public int getOrdinal() {
            return 500;
        }

        @Override
        public String getName() {
            return "--set";
        }
    }
}
