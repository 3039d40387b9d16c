package io.odradek.app;

import io.odradek.broker.BrokerStartException;
import io.odradek.raft.StartAbandonedException;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.config.ConfigException;
import org.jboss.logging.Logger;
import sun.misc.Signal;

/** The life of the broker inside Quarkus: wait for it to start, wait for a signal, stop it. */
public final class Server implements QuarkusApplication {
    private static final Logger LOG = Logger.getLogger(Server.class);
    private static final AtomicInteger EXIT_STATUS = new AtomicInteger();

    /** Quarkus forgets what it was told before it began. */
    private static volatile boolean isToEnd;

    private final RunningBroker running;
    private final BrokerMeters meters;

    Server(RunningBroker running, BrokerMeters meters) {
        this.running = running;
        this.meters = meters;
    }

    static int exitStatus() {
        return EXIT_STATUS.get();
    }

    /** Quarkus tells how it ended; a failure that it has not shown itself is shown here, in one line. */
    static void exit(int status, Throwable failure) {
        if (failure != null) {
            System.err.println("odradek: " + reason(failure));
        }
        EXIT_STATUS.set(failure != null && status == 0 ? 1 : status);
    }

    /** Quarkus' own message says only that it failed. */
    private static String reason(Throwable failure) {
        var deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        var message = deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
        return message.lines().findFirst().orElse(deepest.toString());
    }

    /** A service that is told to end has not failed: 0, where the JVM's own handler would say 143. */
    static void endOnSignals() {
        for (var signal : List.of("TERM", "INT")) {
            Signal.handle(new Signal(signal), s -> {
                isToEnd = true;
                StartedBroker.abandon();
                Quarkus.asyncExit(0);
            });
        }
    }

    private static int failed(BrokerStartException failure) {
        if (failure.getCause() instanceof StartAbandonedException) {
            LOG.info(failure.getMessage());
            return 0;
        }
        LOG.fatal(failure.getMessage());
        return 1;
    }

    @Override
    public int run(String... args) throws Exception {
        endOnSignals(); // once more: in an executable Quarkus has its own
        try (var broker = StartedBroker.await()) {
            running.set(broker);
            meters.bind(broker);
            if (Training.isAskedFor()) {
                Training.run(broker.port("PLAINTEXT"));
                return 0;
            }
            if (!isToEnd) {
                Quarkus.waitForExit();
            }
            running.stopping();
        } catch (ConfigException e) {
            LOG.fatal(e.getMessage());
            return 1;
        } catch (BrokerStartException e) {
            return failed(e);
        }
        return 0;
    }
}
