package io.odradek.log;

import io.odradek.config.Durability;
import io.odradek.config.LogConfig;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * How far a log is on the device, and how far that matters. The durable end offset follows each append at once, unless the
 * topic wants an fsync before: always ({@code odradek.durability=fsync}), or whenever {@code flush.messages} have
 * gathered. Offsets only grow but for truncation, which happens under the log's lock. Thread-safe.
 */
final class LogDurability {
    private final AtomicLong durableEndOffset = new AtomicLong();
    private final AtomicBoolean queued = new AtomicBoolean();
    private volatile long recoveryPoint;
    private volatile LongConsumer listener = offset -> {};

    LogDurability(long recoveryPoint) {
        this.recoveryPoint = recoveryPoint;
    }

    void onDurable(LongConsumer consumer) {
        listener = consumer;
    }

    /** Everything below was forced to the device. */
    long recoveryPoint() {
        return recoveryPoint;
    }

    long durableEndOffset() {
        return durableEndOffset.get();
    }

    /**
     * The log was opened and ends at {@code endOffset}: what was read back is as durable as it will be by waiting, for
     * nobody waits for it.
     */
    void opened(long endOffset) {
        recoveryPoint = Math.min(recoveryPoint, endOffset);
        durableEndOffset.set(endOffset);
    }

    /** Under the log's lock. */
    void truncated(long endOffset) {
        recoveryPoint = Math.min(recoveryPoint, endOffset);
        durableEndOffset.set(Math.min(durableEndOffset.get(), endOffset));
    }

    /** The log starts anew at {@code offset}; nothing is in it. Under the log's lock. */
    void restarted(long offset) {
        recoveryPoint = offset;
        durableEndOffset.set(offset);
    }

    /** After an append, outside the log's lock. Returns whether a flush is needed before the append counts. */
    boolean appended(long endOffset, LogConfig config) {
        if (needsFlush(endOffset, config)) {
            return true;
        }
        advance(endOffset);
        return false;
    }

    /** Whether records up to {@code endOffset} may only count once they were forced. */
    boolean needsFlush(long endOffset, LogConfig config) {
        return config.durability() == Durability.FSYNC || endOffset - recoveryPoint >= config.flushMessages();
    }

    /** Everything below {@code offset} is on the device; the log goes on to {@code endOffset}. Under the log's lock. */
    void forced(long offset) {
        recoveryPoint = Math.max(recoveryPoint, offset);
    }

    /** After {@link #forced}, outside the log's lock. */
    void announce(long forcedOffset, long endOffset, LogConfig config) {
        advance(needsFlush(endOffset, config) ? forcedOffset : endOffset);
    }

    private void advance(long offset) {
        for (var current = durableEndOffset.get(); current < offset; current = durableEndOffset.get()) {
            if (durableEndOffset.compareAndSet(current, offset)) {
                listener.accept(offset);
                return;
            }
        }
    }

    /** True for the first who asks until {@link #dequeued}: a log is in the flush queue at most once. */
    boolean enqueue() {
        return queued.compareAndSet(false, true);
    }

    void dequeued() {
        queued.set(false);
    }
}
