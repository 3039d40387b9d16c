package io.odradek.replication;

import io.odradek.config.LogConfig;
import io.odradek.metadata.MetadataImage;

/** The settings in force for a topic's logs: what the topic overrides, on top of the broker's settings. */
@FunctionalInterface
public interface TopicConfigs {
    LogConfig of(MetadataImage image, String topic);
}
