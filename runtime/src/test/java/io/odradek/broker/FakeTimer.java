package io.odradek.broker;

import io.odradek.replication.Timer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Time that passes when a test says so. For one thread. */
final class FakeTimer implements Timer {
    private final List<Task> tasks = new ArrayList<>();
    private long nowMs;

    private record Task(long atMs, Runnable what) {}

    @Override
    public Timeout schedule(long delayMs, Runnable task) {
        var scheduled = new Task(nowMs + delayMs, task);
        tasks.add(scheduled);
        return () -> tasks.remove(scheduled);
    }

    /** Runs what is due by then, in order of time. */
    void pass(long ms) {
        long until = nowMs + ms;
        while (true) {
            var next = tasks.stream().filter(t -> t.atMs <= until).min(Comparator.comparingLong(Task::atMs));
            if (next.isEmpty()) {
                nowMs = until;
                return;
            }
            tasks.remove(next.get());
            nowMs = Math.max(nowMs, next.get().atMs);
            next.get().what.run();
        }
    }

    int waiting() {
        return tasks.size();
    }
}
