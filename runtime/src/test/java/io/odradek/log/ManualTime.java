package io.odradek.log;

import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.utils.Time;

/** A clock that stands still until it is moved. */
final class ManualTime implements Time {
    private final AtomicLong nowMs;

    ManualTime(long nowMs) {
        this.nowMs = new AtomicLong(nowMs);
    }

    void advance(long ms) {
        nowMs.addAndGet(ms);
    }

    @Override
    public long milliseconds() {
        return nowMs.get();
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
    public void waitObject(Object object, java.util.function.Supplier<Boolean> condition, long deadlineMs) {
        throw new UnsupportedOperationException();
    }
}
