package io.odradek.checker;

import io.odradek.checker.Anomaly.Kind;
import io.odradek.checker.Event.Outcome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What the checker found, and how much there was to look at. */
record Report(List<Anomaly> anomalies, Statistics statistics) {
    private static final int EXAMPLES = 5;

    /** @param transactions those that sent or committed something, by outcome */
    record Statistics(Map<Outcome, Long> transactions, long sent, long readable, long polled, long assignments) {}

    List<Anomaly> forbidden() {
        return anomalies.stream().filter(a -> a.kind().forbidden()).toList();
    }

    Map<Kind, List<Anomaly>> byKind() {
        return anomalies.stream()
                .collect(Collectors.groupingBy(Anomaly::kind, () -> new EnumMap<>(Kind.class), Collectors.toList()));
    }

    @Override
    public String toString() {
        var lines = new ArrayList<String>();
        lines.add(statistics.toString());
        byKind().forEach((kind, found) -> {
            lines.add(kind + " " + found.size() + (kind.forbidden() ? "" : " (legal)"));
            found.stream().limit(EXAMPLES).forEach(a -> lines.add("    " + a.description()));
        });
        return String.join("\n", lines);
    }
}
