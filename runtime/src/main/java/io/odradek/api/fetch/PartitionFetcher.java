package io.odradek.api.fetch;

import io.odradek.api.Abandonment;
import io.odradek.replication.PartitionRegistry;
import io.odradek.replication.Timer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/** Reads partitions, and waits for records where there are too few. Thread-safe. */
public final class PartitionFetcher {
    private final FetchReader reader;
    private final Timer timer;

    public PartitionFetcher(PartitionRegistry partitions, Timer timer) {
        this(partitions, ReadReplicas.leadersOnly(), timer, () -> true);
    }

    /**
     * @param replicas where consumers had better read
     * @param metadataLeaderKnown whether this broker would learn that it leads a partition no more; asked by any thread
     */
    public PartitionFetcher(
            PartitionRegistry partitions, ReadReplicas replicas, Timer timer, BooleanSupplier metadataLeaderKnown) {
        this.reader = new FetchReader(partitions, replicas, metadataLeaderKnown);
        this.timer = timer;
    }

    /**
     * Completes at once if there is enough to tell; else on a thread that appends, or on the timer's. Fails when it is
     * abandoned before.
     *
     * @param context of the same fetch as {@code plan}
     */
    public CompletionStage<FetchedPartitions> fetch(
            FetchContext context, List<PlannedPartition> plan, FetchLimits limits, Abandonment abandonment) {
        var fetched = reader.read(plan, limits, true);
        if (limits.maxWaitMs() <= 0
                || fetched.bytes() >= limits.minBytes()
                || fetched.urgent()
                || plan.stream().noneMatch(PlannedPartition::readable)) {
            return CompletableFuture.completedStage(fetched);
        }
        fetched.close();
        var waiting = new WaitingFetch(reader, plan, limits);
        var fetch = waiting.start(timer);
        abandonment.then(waiting::abandon);
        if (limits.fromFollower()) {
            context.whenOvertaken(waiting::finish);
        }
        return fetch;
    }
}
