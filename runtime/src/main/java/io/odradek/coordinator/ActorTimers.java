package io.odradek.coordinator;

import io.odradek.replication.Timer;
import io.odradek.replication.Timer.Timeout;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** A shard's timers on the broker's timer. All of it runs in the shard's mailbox. */
final class ActorTimers implements ShardTimers {
    /** As in Kafka: before an operation that could not be written is tried again. */
    private static final long RETRY_MS = 500;

    private final Timer timer;
    private final Mailbox mailbox;
    private final BiConsumer<String, Supplier<Decision<Void>>> run;
    private final Map<String, Scheduled> scheduled = new HashMap<>();
    private boolean closed;

    private static final class Scheduled {
        private Timeout timeout;
    }

    /** @param run runs an operation whose time has come on the shard */
    ActorTimers(Timer timer, Mailbox mailbox, BiConsumer<String, Supplier<Decision<Void>>> run) {
        this.timer = timer;
        this.mailbox = mailbox;
        this.run = run;
    }

    @Override
    public void schedule(String key, long delayMs, Supplier<Decision<Void>> operation) {
        cancel(key);
        if (closed) {
            return;
        }
        var mine = new Scheduled();
        scheduled.put(key, mine);
        mine.timeout = timer.schedule(
                delayMs,
                () -> mailbox.add(() -> {
                    // It may have been cancelled or replaced while it stood in the mailbox.
                    if (scheduled.remove(key, mine)) {
                        run.accept(key, operation);
                    }
                }));
    }

    /** After a failure, unless the key was given another operation meanwhile. */
    void retry(String key, Supplier<Decision<Void>> operation) {
        if (!scheduled.containsKey(key)) {
            schedule(key, RETRY_MS, operation);
        }
    }

    @Override
    public void cancel(String key) {
        var current = scheduled.remove(key);
        if (current != null) {
            current.timeout.cancel();
        }
    }

    @Override
    public boolean isScheduled(String key) {
        return scheduled.containsKey(key);
    }

    void close() {
        closed = true;
        scheduled.values().forEach(s -> s.timeout.cancel());
        scheduled.clear();
    }
}
