package io.odradek.log;

import io.odradek.config.LogSettings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.utils.Time;

/** What goes on by itself in the logs of a store: retention and compaction. */
public final class LogMaintenance implements AutoCloseable {
    private final LogCleaner cleaner;
    private final ScheduledFuture<?> retention;

    private LogMaintenance(LogCleaner cleaner, ScheduledFuture<?> retention) {
        this.cleaner = cleaner;
        this.retention = retention;
    }

    /**
     * Starts the cleaner's threads and schedules retention.
     *
     * @param background runs retention, which renames files under the log's lock
     */
    public static LogMaintenance start(
            LogStore store, LogSettings settings, Time time, ScheduledExecutorService background) {
        var cleaner = new LogCleaner(settings.cleaner(), () -> logs(store), store::onlineDirectories, time);
        cleaner.start();
        var retention = background.scheduleWithFixedDelay(
                new Retention(() -> logs(store), time),
                settings.initialTaskDelayMs(),
                settings.retentionCheckIntervalMs(),
                TimeUnit.MILLISECONDS);
        return new LogMaintenance(cleaner, retention);
    }

    /** Heeds other settings of compaction from now on. */
    public void reconfigure(LogSettings settings) {
        cleaner.reconfigure(settings.cleaner());
    }

    private static List<PartitionLog> logs(LogStore store) {
        return store.list().stream().map(store::get).flatMap(Optional::stream).toList();
    }

    /** Logs that cannot be compacted, and why: each was reported once and is left alone until the next start. */
    public Map<LogId, String> uncleanable() {
        return cleaner.uncleanable();
    }

    /** Gives up what is being cleaned, waits for the threads. To be closed before the store. */
    @Override
    public void close() {
        retention.cancel(false);
        cleaner.close();
    }
}
