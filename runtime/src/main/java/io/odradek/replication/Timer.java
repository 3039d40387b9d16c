package io.odradek.replication;

/** Runs something later, once; shared by everything that waits with a time-out. Thread-safe. */
public interface Timer {
    /**
     * Runs {@code task} in {@code delayMs} milliseconds, on a thread that many share: it must not block.
     *
     * @return how to forget about it; a task that has begun is not interrupted
     */
    Timeout schedule(long delayMs, Runnable task);

    interface Timeout {
        /** Idempotent; never waits. */
        void cancel();
    }
}
