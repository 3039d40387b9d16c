package io.odradek.app;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Settings in environment variables, by the rule of the {@code apache/kafka} image: {@code KAFKA_} and the setting's name
 * in upper case, {@code _} for a dot, {@code __} for an underscore, {@code ___} for a dash. Ours begin with
 * {@code ODRADEK_}. {@code CLUSTER_ID} is the image's too.
 */
final class EnvironmentSettings {
    /** Variables of Kafka's scripts and images that begin with the prefix and are no settings. */
    private static final Set<String> NOT_SETTINGS = Set.of(
            "KAFKA_HEAP_OPTS",
            "KAFKA_JVM_PERFORMANCE_OPTS",
            "KAFKA_GC_LOG_OPTS",
            "KAFKA_OPTS",
            "KAFKA_DEBUG",
            "KAFKA_HOME",
            "KAFKA_VERSION",
            "KAFKA_CLASSPATH",
            "KAFKA_MODE",
            "ODRADEK_BOOTSTRAP_SERVER",
            "ODRADEK_JAVA_OPTS",
            "ODRADEK_HOME");

    private static final Pattern NOT_SETTINGS_PATTERN = Pattern.compile(
            // Kafka's logging and JMX set-up; the variables that Kubernetes makes for services named kafka and odradek.
            "KAFKA_LOG4J_.*|KAFKA_TOOLS_LOG4J_.*|KAFKA_JMX_.*"
                    + "|(KAFKA|ODRADEK)_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP)(_[A-Z]+)?)?)");

    private EnvironmentSettings() {}

    /** The settings among {@code environment}, by their names in our configuration ({@code kafka.…}, {@code odradek.…}). */
    static Map<String, String> in(Map<String, String> environment) {
        var settings = new HashMap<String, String>();
        environment.forEach((variable, value) -> name(variable).ifPresent(name -> settings.put(name, value)));
        return settings;
    }

    private static Optional<String> name(String variable) {
        if (variable.equals("CLUSTER_ID")) {
            return Optional.of("odradek.cluster.id");
        }
        var prefixed = variable.startsWith("KAFKA_") || variable.startsWith("ODRADEK_");
        if (!prefixed
                || NOT_SETTINGS.contains(variable)
                || NOT_SETTINGS_PATTERN.matcher(variable).matches()) {
            return Optional.empty();
        }
        return Optional.of(variable.toLowerCase(java.util.Locale.ROOT)
                .replace("___", "-")
                .replace("__", "\0")
                .replace('_', '.')
                .replace('\0', '_'));
    }
}
