package io.odradek.replication;

import java.util.PriorityQueue;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Time;

/** Everything that happens in a simulation, in the order in which it does. For one thread. */
final class SimulatedTime implements Time, Timer {
    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private long nowMs;
    private long sequence;

    private static final class Task implements Comparable<Task> {
        private final long atMs;
        private final long sequence;
        private Runnable work;

        Task(long atMs, long sequence, Runnable work) {
            this.atMs = atMs;
            this.sequence = sequence;
            this.work = work;
        }

        @Override
        public int compareTo(Task other) {
            return atMs == other.atMs ? Long.compare(sequence, other.sequence) : Long.compare(atMs, other.atMs);
        }
    }

    @Override
    public Timeout schedule(long delayMs, Runnable work) {
        var task = new Task(nowMs + delayMs, sequence++, work);
        tasks.add(task);
        return () -> task.work = () -> {};
    }

    /** Lets the next thing happen. */
    void step() {
        var task = tasks.remove();
        nowMs = task.atMs;
        task.work.run();
    }

    @Override
    public long milliseconds() {
        return nowMs;
    }

    @Override
    public long nanoseconds() {
        return nowMs * 1_000_000L;
    }

    @Override
    public void sleep(long ms) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) {
        throw new UnsupportedOperationException();
    }
}
