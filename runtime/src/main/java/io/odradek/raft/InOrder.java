package io.odradek.raft;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Runs tasks one at a time, in the order in which they were given, on whichever of the giving threads finds nobody at it. For
 * calls to others that must keep an order and must not happen under a lock. Thread-safe.
 */
final class InOrder {
    private static final Logger LOG = Logger.getLogger(InOrder.class);

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();

    /** The queue has no bound of its own: it holds what its givers hold. */
    void add(Runnable task) {
        tasks.add(task);
    }

    /** Returns with everything that was added before either done, or being done by another thread. */
    void run() {
        if (pending.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            for (var task = tasks.poll(); task != null; task = tasks.poll()) {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    LOG.error("A listener or proposer failed", e);
                }
            }
            seen = pending.addAndGet(-seen);
        } while (seen != 0);
    }
}
