package io.odradek.log;

import org.apache.kafka.common.utils.Time;

/** Keeps the cleaner's reads and writes together below a rate, over all of its threads. Thread-safe. */
final class IoThrottle {
    private final double bytesPerMs;
    private final Time time;
    private double freeAtMs;

    IoThrottle(double bytesPerSecond, Time time) {
        this.bytesPerMs = bytesPerSecond / 1000;
        this.time = time;
        this.freeAtMs = time.hiResClockMs();
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
