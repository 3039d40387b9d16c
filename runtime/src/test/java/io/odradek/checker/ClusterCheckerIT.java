package io.odradek.checker;

import io.odradek.it.ClusterProcesses;
import java.nio.file.Path;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As {@link TransactionCheckerIT}, with a cluster of three nodes that come and go in all kinds of ways. */
class ClusterCheckerIT {
    private static final Duration SHORT = Duration.ofSeconds(45);
    private static final int NODES = 3;

    /** Clients say a lot about brokers that are gone. Kept, since a logger that nobody keeps forgets its level. */
    private static final Logger QUIET = Logger.getLogger("org.apache.kafka");

    @TempDir
    Path home;

    @BeforeAll
    static void quiet() {
        QUIET.setLevel(Level.OFF);
    }

    @Test
    void nothingForbiddenHappens() throws Exception {
        System.out.println("seed " + CheckedRun.SEED);
        try (var cluster = ClusterProcesses.in(home, NODES)) {
            CheckedRun.SETTINGS.forEach((name, value) -> cluster.with(CheckedRun.variable(name), value));
            cluster.with("KAFKA_MIN_INSYNC_REPLICAS", "2").start();
            var faults = new ClusterFaults(cluster, CheckedRun.SEED);
            try {
                CheckedRun.check(faults, SHORT);
            } catch (Throwable e) {
                throw new AssertionError("after " + faults + "\n" + cluster.output(), e);
            }
            System.out.println(faults);
        }
    }
}
