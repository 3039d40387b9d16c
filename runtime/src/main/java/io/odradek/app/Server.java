package io.odradek.app;

import io.odradek.broker.Broker;
import io.odradek.broker.BrokerStartException;
import io.odradek.config.BrokerConfig;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.config.ConfigException;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;
import sun.misc.Signal;

/** The life of the broker inside Quarkus: start it, wait for a signal, stop it. */
public final class Server implements QuarkusApplication {
    private static final Logger LOG = Logger.getLogger(Server.class);
    private static final AtomicInteger EXIT_STATUS = new AtomicInteger();

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
            System.err.println("odradek: " + failure.getMessage());
        }
        EXIT_STATUS.set(failure != null && status == 0 ? 1 : status);
    }

    @Override
    public int run(String... args) throws Exception {
        // A service that is told to end has not failed: 0, where the JVM's own handler would say 143.
        for (var signal : List.of("TERM", "INT")) {
            Signal.handle(new Signal(signal), s -> Quarkus.asyncExit(0));
        }
        try (var broker = start()) {
            running.set(broker);
            meters.bind(broker);
            if (Training.isAskedFor()) {
                Training.run(broker.port("PLAINTEXT"));
                return 0;
            }
            Quarkus.waitForExit();
            running.stopping();
        } catch (ConfigException | BrokerStartException e) {
            LOG.fatal(e.getMessage());
            return 1;
        }
        return 0;
    }

    private Broker start() {
        var config = BrokerConfig.of(ConfiguredSettings.from(ConfigProvider.getConfig(), System.getenv()));
        return Broker.start(config, meters.requests());
    }
}
