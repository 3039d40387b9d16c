package io.odradek.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Says every few seconds how far a long input is. Not thread-safe. */
final class Progress {
    static final long INTERVAL_NANOS = 2_000_000_000L;

    private final PrintStream err;
    private final LongSupplier nanoTime;
    private final long start;
    private long lastShown;
    private long records;
    private long bytes;

    Progress(PrintStream err, LongSupplier nanoTime) {
        this.err = err;
        this.nanoTime = nanoTime;
        start = nanoTime.getAsLong();
        lastShown = start;
    }

    void count(long recordBytes) {
        records++;
        bytes += recordBytes;
        long now = nanoTime.getAsLong();
        if (now - lastShown >= INTERVAL_NANOS) {
            lastShown = now;
            err.println(text(now));
        }
    }

    long records() {
        return records;
    }

    private String text(long now) {
        double seconds = (now - start) / 1e9;
        return String.format(
                Locale.ROOT, "%,d records, %,.1f MB, %,.0f records/s", records, bytes / 1e6, records / seconds);
    }
}
