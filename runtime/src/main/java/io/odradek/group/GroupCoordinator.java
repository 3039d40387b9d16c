package io.odradek.group;

import io.odradek.config.BrokerConfig;
import io.odradek.coordinator.CoordinatorRuntime;
import io.odradek.coordinator.Decision;
import io.odradek.coordinator.RecordTypes;
import io.odradek.coordinator.ShardContext;
import io.odradek.group.ShardParts.KindFactory;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/** The groups that this broker coordinates. Thread-safe. Errors are those of {@link CoordinatorRuntime}. */
public final class GroupCoordinator {
    private final CoordinatorRuntime<GroupShard> shards;

    public GroupCoordinator(CoordinatorRuntime<GroupShard> shards) {
        this.shards = shards;
    }

    /** What {@code __consumer_offsets} holds. */
    public static RecordTypes recordTypes() {
        return new GroupRecordTypes();
    }

    /**
     * Makes shards for a {@link CoordinatorRuntime}.
     *
     * @param kinds of groups that are served; among them the classic one
     * @param simpleGroup makes a group by its id, for offsets that were committed without any
     * @param settings as they are now
     */
    public static Function<ShardContext, GroupShard> shards(
            List<KindFactory> kinds, Function<String, Group> simpleGroup, Supplier<BrokerConfig> settings) {
        return context -> {
            var groups = new Groups();
            var offsets = new GroupOffsets(context, groups, settings, simpleGroup);
            return new GroupShard(new ShardParts(context, groups, offsets, settings), kinds);
        };
    }

    /** Runs an operation on the shard that the group belongs to. */
    public <T> CompletionStage<T> write(String groupId, Function<GroupShard, Decision<T>> operation) {
        return shards.write(groupId, operation);
    }

    /** Reads from the shard that the group belongs to. */
    public <T> CompletionStage<T> read(String groupId, Function<GroupShard, T> operation) {
        return shards.read(groupId, operation);
    }

    public CoordinatorRuntime<GroupShard> shards() {
        return shards;
    }
}
