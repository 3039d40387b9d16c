package io.odradek.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Values by figure, then by broker, one a round; told as medians with their spread. */
final class Figures {
    /** Takes the figures of one broker. */
    interface OfBroker {
        void add(String figure, double value);
    }

    private final Map<String, Map<String, List<Double>>> values = new LinkedHashMap<>();
    private final PrintStream out;

    Figures(PrintStream out) {
        this.out = out;
    }

    OfBroker of(String broker) {
        return (figure, value) -> {
            values.computeIfAbsent(figure, f -> new LinkedHashMap<>())
                    .computeIfAbsent(broker, b -> new ArrayList<>())
                    .add(value);
            out.printf(Locale.ROOT, "  %s: %s %.3f%n", broker, figure, value);
        };
    }

    /** A table in Markdown, with the ratio of the first broker's median to the second's. */
    void report(List<String> brokers) {
        out.printf("%n| figure (median, min to max) | %s | ratio |%n", String.join(" | ", brokers));
        out.println("| --- |" + " --- |".repeat(brokers.size() + 1));
        values.forEach((figure, byBroker) -> {
            var cells = new ArrayList<String>();
            brokers.forEach(name -> cells.add(cell(byBroker.getOrDefault(name, List.of()))));
            var ratio = brokers.size() < 2
                    ? ""
                    : String.format(
                            Locale.ROOT,
                            "%.2f",
                            median(byBroker.get(brokers.get(0))) / median(byBroker.get(brokers.get(1))));
            out.printf("| %s | %s | %s |%n", figure, String.join(" | ", cells), ratio);
        });
    }

    private static String cell(List<Double> values) {
        if (values.isEmpty()) {
            return "";
        }
        var sorted = values.stream().sorted().toList();
        return String.format(
                Locale.ROOT,
                "%s (%s to %s)",
                text(median(values)),
                text(sorted.get(0)),
                text(sorted.get(sorted.size() - 1)));
    }

    private static String text(double value) {
        return value >= 1000 ? String.format(Locale.ROOT, "%,.0f", value) : String.format(Locale.ROOT, "%.3g", value);
    }

    private static double median(List<Double> values) {
        if (values == null || values.isEmpty()) {
            return Double.NaN;
        }
        var sorted = values.stream().sorted().toList();
        var middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
