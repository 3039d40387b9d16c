package io.odradek.api;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.TimeoutException;

/** Runs what may wait for a disk on the threads meant for it, instead of an event loop. */
final class BlockingWork {
    private BlockingWork() {}

    /** Fails with a retriable error if so much is waiting already that the executor takes no more. */
    static <T> CompletionStage<T> run(Executor executor, Supplier<T> work) {
        try {
            return CompletableFuture.supplyAsync(work, executor);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedStage(new TimeoutException("Too much is waiting for the disks"));
        }
    }
}
