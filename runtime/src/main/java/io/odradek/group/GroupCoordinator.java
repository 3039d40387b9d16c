package io.odradek.group;

import io.odradek.coordinator.CoordinatorRuntime;
import io.odradek.coordinator.Decision;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.kafka.common.errors.InvalidGroupIdException;

/** The groups that this broker coordinates. Thread-safe. Errors are those of {@link CoordinatorRuntime}. */
public final class GroupCoordinator {
    private final CoordinatorRuntime<GroupShard> shards;

    public GroupCoordinator(CoordinatorRuntime<GroupShard> shards) {
        this.shards = shards;
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

    /** @throws InvalidGroupIdException the id is empty */
    public static void requireGroupId(String groupId) {
        if (groupId == null || groupId.isEmpty()) {
            throw new InvalidGroupIdException("The group id must not be empty");
        }
    }
}
