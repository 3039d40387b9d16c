package io.odradek.checker;

import io.odradek.checker.Event.Assign;
import io.odradek.checker.Event.Offsets;
import io.odradek.checker.Event.Poll;
import io.odradek.checker.Event.Send;
import java.util.ArrayList;
import java.util.EnumMap;

/**
 * Finds in a history what a broker must not do, after Jepsen's checker for Kafka (jepsen.tests.kafka). A pure function: no
 * broker, no clock. What may be unknown (an outcome, an offset) is judged in the broker's favour.
 */
final class TransactionChecker {
    private TransactionChecker() {}

    static Report check(History history) {
        var anomalies = new ArrayList<Anomaly>();
        var versions = Versions.of(history);
        versions.check(anomalies::add);
        new VisibilityCheck(history, versions, anomalies::add).check();
        new SendOrderCheck(history, versions, anomalies::add).check();
        new PollOrderCheck(versions, anomalies::add).check(history);
        new CycleCheck(history, versions, anomalies::add).check();
        new GroupCheck(history, versions, anomalies::add).check();
        return new Report(anomalies, statistics(history, versions));
    }

    private static Report.Statistics statistics(History history, Versions versions) {
        var transactions = new EnumMap<Event.Outcome, Long>(Event.Outcome.class);
        long sent = 0;
        long polled = 0;
        long assignments = 0;
        for (var operation : history.operations()) {
            if (operation.isTransaction()
                    && operation.steps().stream()
                            .anyMatch(e -> e.what() instanceof Send || e.what() instanceof Offsets)) {
                transactions.merge(operation.outcome(), 1L, Long::sum);
            }
            sent += operation.sends().count();
            polled +=
                    operation.steps(Poll.class).mapToLong(p -> p.reads().size()).sum();
            assignments += operation.steps(Assign.class).count();
        }
        var readable =
                versions.logs().stream().mapToLong(l -> versions.log(l).size()).sum();
        return new Report.Statistics(transactions, sent, readable, polled, assignments);
    }
}
