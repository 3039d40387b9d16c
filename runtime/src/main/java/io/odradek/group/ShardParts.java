package io.odradek.group;

import io.odradek.config.BrokerConfig;
import io.odradek.coordinator.ShardContext;
import java.util.function.Supplier;

/**
 * What the kinds of groups within one shard share.
 *
 * @param settings as they are now; some change while the broker runs
 */
public record ShardParts(ShardContext context, Groups groups, GroupOffsets offsets, Supplier<BrokerConfig> settings) {
    /** Makes one kind of group for a shard. */
    @FunctionalInterface
    public interface KindFactory {
        KindOfGroup create(ShardParts parts);
    }
}
