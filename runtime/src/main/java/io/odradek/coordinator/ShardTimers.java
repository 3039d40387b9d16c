package io.odradek.coordinator;

import java.util.function.Supplier;

/** A shard's alarm clocks, one for each key. Used by the shard only, in its own operations. */
public interface ShardTimers {
    /**
     * Runs the operation on the shard in {@code delayMs} milliseconds. An operation under the same key that has not begun
     * yet is forgotten. If the operation's records cannot be appended for now, it is run again a little later.
     */
    void schedule(String key, long delayMs, Supplier<Decision<Void>> operation);

    void cancel(String key);

    boolean isScheduled(String key);
}
