package io.odradek.api.fetch;

import java.util.List;

/** Says what of a fetch the client may read. Asked by any thread, for as long as the fetch waits. */
@FunctionalInterface
public interface FetchPlanner {
    /** One for each of {@code partitions}, in their order. */
    List<PlannedPartition> plan(List<WatchedPartitions.Restless> partitions);
}
