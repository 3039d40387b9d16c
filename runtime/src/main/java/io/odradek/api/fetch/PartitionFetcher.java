package io.odradek.api.fetch;

import io.odradek.api.Abandonment;
import io.odradek.replication.PartitionRegistry;
import io.odradek.replication.Timer;
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
     * @param planner what the client may read of {@code context}
     */
    public CompletionStage<FetchedPartitions> fetch(
            FetchContext context, FetchPlanner planner, FetchLimits limits, Abandonment abandonment) {
        var partitions = context.partitions();
        partitions.fetchedAs(limits);
        if (!reader.heedsQuiet(limits)) {
            partitions.stir();
        }
        var plan = planner.plan(partitions.restless());
        var fetched = reader.read(plan, limits, true);
        if (limits.maxWaitMs() <= 0
                || fetched.bytes() >= limits.minBytes()
                || fetched.urgent()
                || !partitions.areSomeQuiet() && !PlannedPartition.anyReadable(plan)) {
            return CompletableFuture.completedStage(fetched);
        }
        var waiting = new WaitingFetch(reader, partitions, planner, limits);
        if (!context.hold(waiting)) {
            return CompletableFuture.completedStage(fetched);
        }
        fetched.close();
        var fetch = waiting.start(timer);
        abandonment.then(waiting::abandon);
        return fetch;
    }
}
