package io.odradek.network;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Knows the frames that have begun and are not complete. While memory for requests is used up it looks at them now and
 * then, and those that do not get on are given up: a client that never completes a frame must not keep others waiting.
 * Thread safe.
 */
final class StalledFrames {
    private final RequestMemory memory;
    private final EventExecutor timer;
    private final Duration period;
    private final Set<FrameDecoder> incomplete = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean watching = new AtomicBoolean();

    StalledFrames(RequestMemory memory, EventExecutor timer, Duration period) {
        this.memory = memory;
        this.timer = timer;
        this.period = period;
    }

    void add(FrameDecoder decoder) {
        incomplete.add(decoder);
    }

    void remove(FrameDecoder decoder) {
        incomplete.remove(decoder);
    }

    /** Somebody waits for memory. */
    void watch() {
        if (watching.compareAndSet(false, true)) {
            schedule();
        }
    }

    private void schedule() {
        try {
            timer.schedule(this::sweep, period.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            watching.set(false); // the server stops, and with it all connections
        }
    }

    private void sweep() {
        if (!memory.isExhausted()) {
            watching.set(false);
            if (memory.isExhausted()) {
                watch();
            }
            return;
        }
        for (var decoder : incomplete) {
            decoder.lookSoon();
        }
        schedule();
    }
}
