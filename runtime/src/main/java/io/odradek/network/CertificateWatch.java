package io.odradek.network;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Looks for changed certificates now and then, on a thread of its own since that reads files. */
final class CertificateWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(CertificateWatch.class);
    private static final String THREAD_NAME = "odradek-certificates";

    private final ScheduledExecutorService timer;

    /** @param credentials those in use, asked for anew each time */
    CertificateWatch(Supplier<? extends Collection<TlsCredentials>> credentials, Duration interval) {
        timer = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, THREAD_NAME);
            thread.setDaemon(true);
            return thread;
        });
        timer.scheduleWithFixedDelay(
                () -> credentials.get().forEach(CertificateWatch::look),
                interval.toMillis(),
                interval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private static void look(TlsCredentials credentials) {
        try {
            credentials.reloadIfChanged();
        } catch (RuntimeException e) {
            LOG.error("certificates could not be looked at", e); // or the timer would stop for good
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        try {
            timer.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
