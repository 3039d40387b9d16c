package io.odradek.checker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.it.BrokerProcess;
import io.odradek.peer.ApacheKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Transactions and groups under {@code kill -9} of the broker and of clients, held against what Kafka promises
 * (docs/testing.md says how to run it longer, with a seed, or against Apache Kafka itself).
 */
class TransactionCheckerIT {
    private static final Duration DURATION = Duration.ofSeconds(
            Long.getLong("odradek.checker.seconds", Long.getLong("odradek.checker.minutes", 0) * 60));
    private static final Duration SHORT = Duration.ofSeconds(40);
    private static final boolean GENTLY = "TERM".equals(System.getProperty("odradek.checker.signal"));
    private static final long SEED = Long.getLong("odradek.checker.seed", System.nanoTime());

    /** So that what killed clients leave behind is cleared away while we look. */
    private static final Map<String, String> SETTINGS = Map.of(
            "transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000",
            "group.consumer.session.timeout.ms", "6000",
            "group.consumer.min.session.timeout.ms", "6000",
            "group.consumer.heartbeat.interval.ms", "1000",
            "group.consumer.min.heartbeat.interval.ms", "1000",
            "group.initial.rebalance.delay.ms", "0");

    /** Clients say a lot about a broker that is gone. Kept, since a logger that nobody keeps forgets its level. */
    private static final Logger QUIET = Logger.getLogger("org.apache.kafka");

    @TempDir
    Path home;

    @BeforeAll
    static void quiet() {
        QUIET.setLevel(Level.OFF);
    }

    @Test
    void nothingForbiddenHappens() throws Exception {
        System.out.println("seed " + SEED);
        if ("kafka".equals(System.getProperty("odradek.checker.broker"))) {
            try (var kafka = ApacheKafka.start(home, SETTINGS)) {
                check(new Workload.Broker() {
                    @Override
                    public String bootstrap() {
                        return kafka.bootstrapServer();
                    }

                    @Override
                    public void kill() throws Exception {
                        if (GENTLY) {
                            kafka.terminate();
                        } else {
                            kafka.kill();
                        }
                    }

                    @Override
                    public void start() throws Exception {
                        kafka.start();
                    }
                });
            }
            return;
        }
        try (var odradek = BrokerProcess.in(home)) {
            SETTINGS.forEach((name, value) ->
                    odradek.with("KAFKA_" + name.replace('.', '_').toUpperCase(java.util.Locale.ROOT), value));
            odradek.start();
            check(new Workload.Broker() {
                @Override
                public String bootstrap() {
                    return odradek.bootstrap();
                }

                @Override
                public void kill() throws Exception {
                    if (GENTLY) {
                        odradek.terminate();
                    } else {
                        odradek.kill();
                    }
                }

                @Override
                public void start() throws Exception {
                    odradek.start();
                }
            });
        }
    }

    private static void check(Workload.Broker broker) throws Exception {
        var workload = new Workload(broker, SEED);
        var file = Path.of("target", "checker", "history-" + SEED + ".txt");
        Report report;
        try {
            report = TransactionChecker.check(workload.run(DURATION.isZero() ? SHORT : DURATION));
        } finally {
            workload.save(file);
        }
        System.out.println(report);
        assertEquals(List.of(), report.forbidden(), () -> "seed " + SEED + ", history in " + file + "\n" + report);
        var committed = report.statistics().transactions().getOrDefault(Event.Outcome.OK, 0L);
        assertTrue(committed > 50, () -> "too little was committed to say anything: " + report);
    }
}
