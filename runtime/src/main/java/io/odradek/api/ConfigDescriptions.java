package io.odradek.api;

import io.odradek.metadata.MetadataImage;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;

public final class ConfigDescriptions {
    record Described(String name, String value, ConfigSource source, boolean readOnly, boolean sensitive) {}

    List<Described> topic(MetadataImage image, Map<String, String> configs) {
        return List.of();
    }
}
