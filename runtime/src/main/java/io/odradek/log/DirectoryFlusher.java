package io.odradek.log;

import java.util.concurrent.LinkedBlockingQueue;

/**
 * The one thread that forces the logs of a directory. All appends to a log that wait while another fsync runs share the
 * next one (group commit). The queue is bounded by the number of logs: a log is in it at most once.
 */
final class DirectoryFlusher {
    private static final Runnable STOP = () -> {};

    private final String threadName;
    private final LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private Thread thread;
    private volatile boolean stopped;

    DirectoryFlusher(String threadName) {
        this.threadName = threadName;
    }

    /** Runs {@code flush} soon; it must not throw. Ignored after {@link #stop}. */
    void submit(Runnable flush) {
        if (stopped) {
            return;
        }
        queue.add(flush);
        synchronized (this) {
            if (thread == null && !stopped) {
                thread = new Thread(this::run, threadName);
                thread.setDaemon(true);
                thread.start();
            }
        }
    }

    private void run() {
        try {
            for (var flush = queue.take(); flush != STOP && !stopped; flush = queue.take()) {
                flush.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Has the thread end after the flush that runs now. Does not wait: the caller may hold what that flush needs. */
    void stop() {
        stopped = true;
        queue.clear();
        queue.add(STOP);
    }

    /** After {@link #stop}: waits for the end of the thread. */
    void awaitEnd() {
        Thread running;
        synchronized (this) {
            running = thread;
        }
        if (running != null && running != Thread.currentThread()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
