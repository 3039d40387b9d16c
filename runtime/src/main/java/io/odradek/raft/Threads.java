package io.odradek.raft;

/** Waiting for threads that JGroups does not wait for. */
final class Threads {
    private Threads() {}

    static void join(Thread thread, long timeoutMs) {
        try {
            thread.join(timeoutMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
