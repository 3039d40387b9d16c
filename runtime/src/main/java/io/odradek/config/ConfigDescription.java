package io.odradek.config;

import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;

/**
 * One config of a resource, with all that DescribeConfigs says of it.
 *
 * @param value the value in force; empty for none and for a sensitive one
 * @param source the layer that the value is from
 * @param synonyms where else it is set, and by which name, the one in force first
 * @param type empty where the name is unknown
 */
public record ConfigDescription(
        String name,
        Optional<String> value,
        ConfigSource source,
        boolean sensitive,
        boolean readOnly,
        List<Synonym> synonyms,
        Optional<ConfigDef.Type> type,
        String documentation) {
    public ConfigDescription {
        synonyms = List.copyOf(synonyms);
    }

    /** The same, said to be from another layer. */
    ConfigDescription from(ConfigSource source) {
        return new ConfigDescription(name, value, source, sensitive, readOnly, synonyms, type, documentation);
    }

    /** @param value empty for a sensitive one */
    public record Synonym(String name, Optional<String> value, ConfigSource source) {}
}
