package io.odradek.metadata;

import io.odradek.config.BrokerConfig;
import io.odradek.config.ConfigLayers;
import io.odradek.config.DynamicConfig;
import io.odradek.config.LogConfig;
import org.apache.kafka.common.config.ConfigResource;

/** What is in force on one broker, from what it was started with and what the metadata says. */
public final class EffectiveConfig {
    private EffectiveConfig() {}

    /** The layers of settings of the broker with this configuration. */
    public static ConfigLayers layers(BrokerConfig config, MetadataImage image) {
        return new ConfigLayers(
                image.configs(new ConfigResource(ConfigResource.Type.BROKER, String.valueOf(config.nodeId()))),
                image.configs(new ConfigResource(ConfigResource.Type.BROKER, "")),
                config.originals());
    }

    public static LogConfig logConfig(BrokerConfig config, MetadataImage image, TopicImage topic) {
        return DynamicConfig.logConfig(layers(config, image), topic.configs());
    }
}
