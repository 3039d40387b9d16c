package io.odradek;

import io.odradek.replication.Timer;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Time;

/** A clock that stands still until it is moved, and a timer that goes by it. Thread-safe. */
public final class ManualClock implements Time, Timer {
    private final AtomicLong nowMs;
    /** What the clock on the wall is ahead of the monotonic one. */
    private final AtomicLong wallMs = new AtomicLong();

    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private long sequence;

    public ManualClock(long nowMs) {
        this.nowMs = new AtomicLong(nowMs);
    }

    /** Runs what becomes due on the calling thread, in order. */
    public void advance(long ms) {
        long target = nowMs.get() + ms;
        for (var task = due(target); task != null; task = due(target)) {
            nowMs.set(Math.max(nowMs.get(), task.atMs));
            task.work.run();
        }
        nowMs.set(target);
    }

    /** Somebody sets the clock on the wall, forward or back. The monotonic one goes on, and with it the timer. */
    public void setWallClock(long byMs) {
        wallMs.addAndGet(byMs);
    }

    /** How many tasks wait. */
    public synchronized int scheduled() {
        return tasks.size();
    }

    private synchronized Task due(long atMs) {
        return !tasks.isEmpty() && tasks.peek().atMs <= atMs ? tasks.poll() : null;
    }

    @Override
    public synchronized Timeout schedule(long delayMs, Runnable work) {
        var task = new Task(nowMs.get() + delayMs, sequence++, work);
        tasks.add(task);
        return () -> cancel(task);
    }

    private synchronized void cancel(Task task) {
        tasks.remove(task);
    }

    @Override
    public long milliseconds() {
        return nowMs.get() + wallMs.get();
    }

    @Override
    public long nanoseconds() {
        return nowMs.get() * 1_000_000L;
    }

    @Override
    public void sleep(long ms) {
        advance(ms);
    }

    @Override
    public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) {
        throw new UnsupportedOperationException();
    }

    private record Task(long atMs, long sequence, Runnable work) implements Comparable<Task> {
        @Override
        public int compareTo(Task other) {
            return atMs == other.atMs ? Long.compare(sequence, other.sequence) : Long.compare(atMs, other.atMs);
        }
    }
}
