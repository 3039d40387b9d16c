package io.odradek.app;

import io.odradek.log.LogDirectoryDescription;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the log directories are like, read at most once for all that is asked in one go: a reading looks at every log.
 * Thread-safe.
 */
final class DirectoryReadings {
    /** Longer than it takes to export all metrics, shorter than anybody asks for them again. */
    private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

    private final Supplier<List<LogDirectoryDescription>> directories;
    private final LongSupplier nanoClock;
    private List<LogDirectoryDescription> latest = List.of();
    private long readNanos;

    DirectoryReadings(Supplier<List<LogDirectoryDescription>> directories, LongSupplier nanoClock) {
        this.directories = directories;
        this.nanoClock = nanoClock;
    }

    synchronized Optional<LogDirectoryDescription> of(Path path) {
        var now = nanoClock.getAsLong();
        if (latest.isEmpty() || now - readNanos > FRESH_NANOS) {
            latest = directories.get();
            readNanos = now;
        }
        return latest.stream().filter(d -> d.path().equals(path)).findFirst();
    }
}
