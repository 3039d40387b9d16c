package io.odradek.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;

/** Writes docs/configuration.md from the definitions. */
final class ConfigurationDocument {
    private static final String INTRODUCTION = """
            # Configuration

            <!-- Generated from the classes of io.odradek.config. Do not edit: see ConfigurationDocumentTest. -->

            A broker reads its settings from the environment, a properties file and the command line. Settings of Apache
            Kafka keep their names: `num.partitions` in a file of Kafka's is `kafka.num.partitions` in Odradek's
            configuration, `KAFKA_NUM_PARTITIONS` in the environment. Those of our own begin with `odradek.`. A setting
            that is unknown or malformed stops the start with one line that names it.

            - **Changes**: `read-only` at a restart; `per-broker` while the broker runs; `cluster-wide` while brokers run,
              for one of them or for all (`kafka-configs`, or Odradek's `config` command).
            - A setting of listeners may be given for one of them with the prefix `listener.name.<name>.`, the name in
              lower case.
            - Every setting of Apache Kafka 4.3 is accepted. Those that have no effect here say so, and those that cannot
              be ignored without breaking a promise are refused.
            """;

    private ConfigurationDocument() {}

    static String text() {
        var document = new StringBuilder(INTRODUCTION);
        document.append("\n## Topics\n\n");
        document.append("What a topic does not set it has from the broker's setting of the third column.\n\n");
        row(document, List.of("Config", "Type", "Broker setting", "Default", "Valid values"));
        row(document, List.of("---", "---", "---", "---", "---"));
        topicConfigs(document);
        document.append("\n");
        new TreeMap<>(TopicSettings.definitions())
                .values().stream().filter(key -> !key.internalConfig).forEach(key -> document.append("- **`")
                        .append(key.name)
                        .append("`** ")
                        .append(tiered(key) ? "Tiered storage is not offered: `true` is refused." : plain(key))
                        .append('\n'));
        BrokerSettings.areas().forEach((title, settings) -> {
            if (settings.stream().noneMatch(Setting::internal)) {
                area(document, title, settings);
            }
        });
        area(document, "Rates that can only be set while brokers run", BrokerSettings.dynamicOnly());
        resource(document, "Configs of a group", GroupConfigSettings.definitions());
        resource(document, "Configs of a subscription to clients' metrics", ClientMetricsSettings.definitions());
        return document.toString();
    }

    private static void topicConfigs(StringBuilder document) {
        new TreeMap<>(TopicSettings.definitions())
                .values().stream()
                        .filter(key -> !key.internalConfig)
                        .forEach(key -> row(
                                document,
                                List.of(
                                        code(key.name),
                                        key.type.name().toLowerCase(Locale.ROOT),
                                        TopicSynonyms.of(key.name).stream()
                                                .map(s -> code(s.name()))
                                                .reduce((a, b) -> a + ", " + b)
                                                .orElse(""),
                                        code(ConfigDef.convertToString(key.defaultValue, key.type)),
                                        key.validator == null ? "" : key.validator.toString())));
    }

    private static boolean tiered(ConfigDef.ConfigKey key) {
        return key.name.startsWith("remote.");
    }

    /** Kafka's documentation has tags; its first sentence says what the config is. */
    private static String plain(ConfigDef.ConfigKey key) {
        var text = key.documentation
                .replaceAll("<br>|<p>.*", " ")
                .replaceAll("</?code>", "`")
                .replaceAll("<[^>]*>", "");
        var sentences = text.trim().split("(?<=\\.)\\s", 2);
        return sentences[0].replaceAll("\\s+", " ");
    }

    private static void area(StringBuilder document, String title, List<Setting> settings) {
        document.append("\n## ").append(title).append("\n\n");
        row(document, List.of("Setting", "Type", "Default", "Valid values", "Changes", "Meaning"));
        row(document, List.of("---", "---", "---", "---", "---", "---"));
        for (var setting : settings) {
            row(
                    document,
                    List.of(
                            code(setting.name()),
                            setting.type().name().toLowerCase(Locale.ROOT),
                            code(setting.defaultValue().orElse("")),
                            setting.validValues(),
                            setting.mode().text(),
                            setting.documentation()));
        }
    }

    private static void resource(StringBuilder document, String title, Map<String, ConfigDef.ConfigKey> keys) {
        document.append("\n## ").append(title).append("\n\n");
        row(document, List.of("Config", "Type", "Default", "Valid values", "Meaning"));
        row(document, List.of("---", "---", "---", "---", "---"));
        new TreeMap<>(keys)
                .values()
                .forEach(key -> row(
                        document,
                        List.of(
                                code(key.name),
                                key.type.name().toLowerCase(Locale.ROOT),
                                code(ConfigDef.convertToString(key.defaultValue, key.type)),
                                key.validator == null ? "" : key.validator.toString(),
                                key.documentation)));
    }

    private static void row(StringBuilder document, List<String> columns) {
        var escaped = new ArrayList<String>();
        columns.forEach(c -> escaped.add(c.replace("|", "\\|")));
        document.append("| ").append(String.join(" | ", escaped)).append(" |\n");
    }

    private static String code(String text) {
        return text == null || text.isEmpty() ? "" : "`" + text + "`";
    }
}
