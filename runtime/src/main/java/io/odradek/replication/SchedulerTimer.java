package io.odradek.replication;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** A timer with one thread of its own. What waits is bounded by the requests in flight. */
public final class SchedulerTimer implements Timer, AutoCloseable {
    private final ScheduledThreadPoolExecutor executor;

    public SchedulerTimer(ThreadFactory threads) {
        executor = new ScheduledThreadPoolExecutor(1, threads);
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public Timeout schedule(long delayMs, Runnable task) {
        try {
            var future = executor.schedule(task, delayMs, TimeUnit.MILLISECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException closed) {
            // The broker is stopping: what waits is answered now.
            task.run();
            return () -> {};
        }
    }

    /** Forgets what still waits; those requests' connections are closed already. */
    @Override
    public void close() {
        executor.shutdownNow();
    }
}
