package io.odradek.coordinator;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Runs tasks one at a time, in order, on threads that many mailboxes share; each task sees what those before it did. What
 * waits is bounded by the requests in flight and the timers. Thread-safe.
 */
final class Mailbox {
    private static final Logger LOG = Logger.getLogger(Mailbox.class);

    /** Tasks in a row, before others get the thread and before {@code afterwards} runs. */
    private static final int TURN = 256;

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final Executor executor;
    private final Runnable afterwards;

    /** @param afterwards runs after each turn, as if it were a task */
    Mailbox(Executor executor, Runnable afterwards) {
        this.executor = executor;
        this.afterwards = afterwards;
    }

    void add(Runnable task) {
        tasks.add(task);
        schedule();
    }

    private void schedule() {
        if (scheduled.compareAndSet(false, true)) {
            try {
                executor.execute(this::turn);
            } catch (RejectedExecutionException closed) {
                // The broker is stopping: the threads are gone, so that this one may do their work.
                turn();
            }
        }
    }

    private void turn() {
        try {
            int done = 0;
            for (var task = tasks.poll(); task != null; task = tasks.poll()) {
                run(task);
                if (++done == TURN) {
                    break;
                }
            }
            run(afterwards);
        } finally {
            scheduled.set(false);
        }
        if (!tasks.isEmpty()) {
            schedule();
        }
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.errorf(e, "A task of a coordinator failed");
        }
    }
}
