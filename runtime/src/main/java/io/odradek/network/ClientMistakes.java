package io.odradek.network;

import io.odradek.security.ClientText;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Logs what clients do wrong: one line each, never a stack trace, and never more than a few lines a second however many
 * clients there are. What was left out is counted in the next line. Thread safe.
 */
final class ClientMistakes {
    private static final Logger LOG = Logger.getLogger(KafkaServer.class);
    private static final int LINES_PER_PERIOD = 20;
    private static final long PERIOD_NANOS = 5_000_000_000L;

    private final LongSupplier nanoClock;
    private final AtomicLong periodStart;
    private final AtomicInteger lines = new AtomicInteger();

    ClientMistakes(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.periodStart = new AtomicLong(nanoClock.getAsLong());
    }

    void log(String format, Object... arguments) {
        var suppressed = suppressedBefore();
        if (suppressed >= 0) {
            var line = ClientText.oneLine(String.format(format, arguments));
            LOG.warn(suppressed == 0 ? line : line + " (and " + suppressed + " lines like this were left out)");
        }
    }

    /** How many lines were left out before this one, or -1 if this one is to be left out too. */
    int suppressedBefore() {
        var now = nanoClock.getAsLong();
        var start = periodStart.get();
        if (now - start >= PERIOD_NANOS && periodStart.compareAndSet(start, now)) {
            return Math.max(0, lines.getAndSet(1) - LINES_PER_PERIOD);
        }
        return lines.incrementAndGet() <= LINES_PER_PERIOD ? 0 : -1;
    }
}
