package io.odradek.metadata;

import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;

/**
 * A step from one image to a later one, and what may differ, so that nobody needs to compare ten thousand topics.
 *
 * @param topics created, deleted, or changed in partitions or configs; look in {@code before} and {@code after} for which
 * @param brokers registered, changed, fenced or unregistered
 * @param configs resources other than topics whose configs changed
 */
public record MetadataChange(
        MetadataImage before,
        MetadataImage after,
        Set<Uuid> topics,
        Set<Integer> brokers,
        Set<ConfigResource> configs) {
    public MetadataChange {
        topics = Set.copyOf(topics);
        brokers = Set.copyOf(brokers);
        configs = Set.copyOf(configs);
    }

    public boolean featuresChanged() {
        return !before.features().equals(after.features());
    }
}
