package io.odradek.checker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A workload for as long as the system properties say (docs/testing.md), and what the checker says of it. */
final class CheckedRun {
    private static final Duration GIVEN = Duration.ofSeconds(
            Long.getLong("odradek.checker.seconds", Long.getLong("odradek.checker.minutes", 0) * 60));
    static final long SEED = Long.getLong("odradek.checker.seed", System.nanoTime());

    /** Settings of brokers with which what killed clients leave behind is cleared away while we look. */
    static final Map<String, String> SETTINGS = Map.of(
            "transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000",
            "group.consumer.session.timeout.ms", "6000",
            "group.consumer.min.session.timeout.ms", "6000",
            "group.consumer.heartbeat.interval.ms", "1000",
            "group.consumer.min.heartbeat.interval.ms", "1000",
            "group.initial.rebalance.delay.ms", "0");

    private CheckedRun() {}

    /** The environment variable of a setting, as in Kafka's image. */
    static String variable(String setting) {
        return "KAFKA_" + setting.replace('.', '_').toUpperCase(java.util.Locale.ROOT);
    }

    /** @param usual how long it takes if nothing is said */
    static void check(Workload.Broker broker, Duration usual) throws Exception {
        check(broker, SEED, GIVEN.isZero() ? usual : GIVEN);
    }

    static void check(Workload.Broker broker, long seed, Duration duration) throws Exception {
        var workload = new Workload(broker, seed);
        var file = Path.of("target", "checker", "history-" + seed + ".txt");
        Report report;
        try {
            report = TransactionChecker.check(workload.run(duration));
        } finally {
            workload.save(file);
        }
        System.out.println(report);
        assertEquals(List.of(), report.forbidden(), () -> "seed " + seed + ", history in " + file + "\n" + report);
        var committed = report.statistics().transactions().getOrDefault(Event.Outcome.OK, 0L);
        assertTrue(committed > 50, () -> "too little was committed to say anything: " + report);
    }
}
