package io.odradek.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Both brokers in one run, in turn, so that a noisy machine disturbs both; medians with their spread. */
public final class SideBySide {
    private static final int PARTITIONS_CREATED = 2000;

    private final List<BrokerUnderTest> brokers = new ArrayList<>();
    /** By figure, then by broker, one value a round. */
    private final Map<String, Map<String, List<Double>>> figures = new LinkedHashMap<>();

    public static void main(String... args) throws Exception {
        var options = Arrays.asList(args);
        new SideBySide()
                .run(
                        Integer.parseInt(option(options, "--rounds", "5")),
                        Double.parseDouble(option(options, "--gigabytes", "1")),
                        option(options, "--native", ""),
                        options.contains("--skip-load"));
    }

    private static String option(List<String> options, String name, String otherwise) {
        var at = options.indexOf(name);
        return at < 0 ? otherwise : options.get(at + 1);
    }

    private void run(int rounds, double gigabytes, String nativeExecutable, boolean skipLoad) throws Exception {
        var home = Files.createTempDirectory("side-by-side");
        brokers.add(new BrokerUnderTest(
                "Odradek",
                home.resolve("odradek"),
                BrokerUnderTest.odradek(Path.of("").toAbsolutePath())));
        brokers.add(new BrokerUnderTest("Apache Kafka", home.resolve("kafka"), BrokerUnderTest.kafka()));
        if (!nativeExecutable.isEmpty()) {
            brokers.add(new BrokerUnderTest(
                    "Odradek native",
                    home.resolve("native"),
                    BrokerUnderTest.odradekNative(Path.of(nativeExecutable).toAbsolutePath())));
        }
        try {
            starts(rounds);
            if (!skipLoad) {
                loads(rounds, gigabytes);
            }
        } finally {
            for (var broker : brokers) {
                broker.close();
            }
            Files.deleteIfExists(home);
        }
        System.out.printf(
                "%nJDK %s, %d processors, heap 1 GiB, %d rounds%n",
                System.getProperty("java.version"), Runtime.getRuntime().availableProcessors(), rounds);
        report();
    }

    /** Start time and memory, a fresh broker each time. */
    private void starts(int rounds) throws Exception {
        for (int round = -1; round < rounds; round++) {
            for (var broker : brokers) {
                var start = broker.start();
                Thread.sleep(2000);
                var afterStart = broker.residentMegabytes();
                Load.createTopics(broker, "many", PARTITIONS_CREATED / 10, 10);
                // Apache Kafka answers before its broker has made the logs.
                Thread.sleep(5_000);
                var afterTopics = broker.residentMegabytes();
                broker.stop();
                if (round >= 0) {
                    add("start to first Metadata answer, s", broker, start.toNanos() / 1e9);
                    add("resident after start, MB", broker, afterStart);
                    add("resident after " + PARTITIONS_CREATED + " partitions, MB", broker, afterTopics);
                }
            }
        }
    }

    private void loads(int rounds, double gigabytes) throws Exception {
        for (var broker : brokers) {
            broker.start();
        }
        for (int round = -1; round < rounds; round++) {
            for (var broker : brokers) {
                var prefix = "load-" + (round + 1) + "-";
                Load.createTopics(broker, prefix, 1, Load.PARTITIONS);
                var produced = Load.produce(broker, prefix + "0", gigabytes);
                var consumed = Load.consume(broker, prefix + "0");
                Load.deleteTopic(broker, prefix + "0");
                if (round >= 0) {
                    add("broker CPU s per GB produced", broker, produced.cpuPerGigabyte());
                    add("broker CPU s per GB consumed", broker, consumed.cpuPerGigabyte());
                    add("produced, MB/s", broker, produced.megabytesPerSecond());
                    add("consumed, MB/s", broker, consumed.megabytesPerSecond());
                }
            }
        }
        for (var broker : brokers) {
            add("resident after the load, MB", broker, broker.residentMegabytes());
            broker.stop();
        }
    }

    private void add(String figure, BrokerUnderTest broker, double value) throws IOException {
        figures.computeIfAbsent(figure, f -> new LinkedHashMap<>())
                .computeIfAbsent(broker.name, b -> new ArrayList<>())
                .add(value);
        System.out.printf("  %s: %s %.3f%n", broker.name, figure, value);
    }

    private void report() {
        System.out.printf("%n| figure (median, min to max) | %s | ratio |%n", String.join(" | ", names()));
        System.out.println("| --- |" + " --- |".repeat(brokers.size() + 1));
        figures.forEach((figure, byBroker) -> {
            var cells = new ArrayList<String>();
            for (var name : names()) {
                var values = byBroker.get(name);
                cells.add(String.format(
                        "%.3g (%.3g to %.3g)",
                        median(values),
                        values.stream().min(Double::compare).orElseThrow(),
                        values.stream().max(Double::compare).orElseThrow()));
            }
            var ratio = median(byBroker.get(names().get(0))) / median(byBroker.get(names().get(1)));
            System.out.printf("| %s | %s | %.2f |%n", figure, String.join(" | ", cells), ratio);
        });
    }

    private List<String> names() {
        return brokers.stream().map(b -> b.name).toList();
    }

    private static double median(List<Double> values) {
        var sorted = values.stream().sorted().toList();
        var middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
