package io.odradek.config;

import java.util.Optional;
import org.apache.kafka.common.config.ConfigDef;

/**
 * One setting of the broker, or one config of a group.
 *
 * @param type as Kafka reports it
 * @param defaultValue as text; empty where there is none
 * @param validValues in words, empty where the type says all
 * @param internal not listed, as in Kafka
 */
public record Setting(
        String name,
        ConfigDef.Type type,
        Optional<String> defaultValue,
        String validValues,
        ConfigDef.Importance importance,
        UpdateMode mode,
        Effect effect,
        String documentation,
        boolean internal) {

    /** Whether it can change while the broker runs. */
    public enum UpdateMode {
        READ_ONLY("read-only"),
        /** For one broker. */
        PER_BROKER("per-broker"),
        /** For one broker, or as the default of all. */
        CLUSTER_WIDE("cluster-wide");

        private final String text;

        UpdateMode(String text) {
            this.text = text;
        }

        /** Kafka's word for it. */
        public String text() {
            return text;
        }
    }

    /** What it does here. */
    public enum Effect {
        FULL,
        /** Accepted, so that a configuration of Kafka's can be used as it is. */
        NONE,
        /** Any other value than the default is refused, since to ignore it would be to break a promise. */
        REFUSED
    }

    /** A value that must not be shown. */
    public boolean sensitive() {
        return type == ConfigDef.Type.PASSWORD;
    }
}
