package io.odradek.app;

import io.micrometer.core.instrument.Metrics;
import io.odradek.broker.Broker;
import io.odradek.config.BrokerConfig;
import io.odradek.network.RequestMeters;
import io.quarkus.runtime.ImageMode;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * The broker as it starts, before Quarkus does: clients need nothing of what Quarkus brings, which is HTTP for those who
 * watch the broker. It has the processor to itself for as long as a start takes; when it takes longer, because logs must be
 * recovered, Quarkus starts beside it, so that health can be asked meanwhile. In an executable, where Quarkus takes next to no
 * time and alone knows all sources of its configuration, it is the other way round.
 *
 * <p>Quarkus makes the objects that go on with it, hence the static state, as in {@link StartSettings}.
 */
final class StartedBroker {
    private static final Duration HEAD_START = Duration.ofSeconds(1);

    /** How long the process waits, when Quarkus failed, for a broker that is still starting. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final FutureTask<Broker> STARTING = new FutureTask<>(StartedBroker::start);

    private static final CompletableFuture<Void> ABANDONED = new CompletableFuture<>();

    private static volatile boolean begun;

    private StartedBroker() {}

    /** Starts it, if it is to be before Quarkus, and waits for it a little. A failure is told by {@link #await}. */
    static void begin() {
        if (ImageMode.current() != ImageMode.JVM) {
            return;
        }
        // Quarkus sets the levels that it is told to; before that, everything is kept for its handlers.
        Logger.getLogger("").setLevel(Level.INFO);
        var thread = new Thread(STARTING, "odradek-start");
        thread.setDaemon(true);
        begun = true;
        thread.start();
        try {
            STARTING.get(HEAD_START.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // Whoever awaits it will know.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Broker start() {
        // What Quarkus itself takes for its configuration later on.
        var settings = ConfiguredSettings.from(ConfigProvider.getConfig(), System.getenv());
        // Quarkus exports what is in the global registry.
        return Broker.start(BrokerConfig.of(settings), new RequestMeters(Metrics.globalRegistry), ABANDONED);
    }

    /**
     * Starts it if that was not done, and waits until it serves clients.
     *
     * @throws RuntimeException the one that it could not start for
     */
    static Broker await() throws InterruptedException {
        STARTING.run(); // does nothing where it began already
        try {
            return STARTING.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    /** The process is to end: a start that waits for the metadata quorum need not wait any longer. */
    static void abandon() {
        ABANDONED.complete(null);
    }

    /** Closes it where nobody awaited it. One that takes its time to start is left, to recover its logs the next time. */
    static void close() {
        if (!begun) {
            return;
        }
        try {
            STARTING.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).close();
        } catch (ExecutionException | TimeoutException e) {
            // It did not start.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
