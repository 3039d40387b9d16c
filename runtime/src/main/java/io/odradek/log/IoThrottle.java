package io.odradek.log;

import org.apache.kafka.common.utils.Time;

/** Keeps the cleaner's reads and writes together below a rate, over all of its threads. Thread-safe. */
final class IoThrottle {
    private final Time time;
    private double bytesPerMs;
    private double freeAtMs;

    IoThrottle(double bytesPerSecond, Time time) {
        this.time = time;
        rate(bytesPerSecond);
    }

    /** From now on. What was taken at the former rate is forgotten: it might be an hour's debt. */
    synchronized void rate(double bytesPerSecond) {
        bytesPerMs = bytesPerSecond / 1000;
        freeAtMs = time.hiResClockMs();
    }

    /** Returns when {@code bytes} more may be read or written. */
    void acquire(long bytes) {
        long waitMs;
        synchronized (this) {
            var nowMs = time.hiResClockMs();
            waitMs = (long) (freeAtMs - nowMs);
            freeAtMs = Math.max(freeAtMs, nowMs) + bytes / bytesPerMs;
        }
        if (waitMs > 0) {
            time.sleep(waitMs);
        }
    }
}
