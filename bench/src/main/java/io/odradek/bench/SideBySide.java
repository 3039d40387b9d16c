package io.odradek.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** All brokers in one run, in turn, so that a noisy machine disturbs all; medians with their spread. */
public final class SideBySide {
    private final List<BrokerUnderTest> brokers = new ArrayList<>();
    private final Figures figures = new Figures(System.out);

    public static void main(String... args) throws Exception {
        var options = Arrays.asList(args);
        var scenarios = List.of(
                new StartScenario(),
                new LoadScenario(Double.parseDouble(option(options, "--gigabytes", "1"))),
                new JoinScenario(),
                new CommitScenario(),
                new TransactionScenario(),
                new HeartbeatScenario(),
                new CoordinatorLoadScenario());
        var names = scenarios.stream().map(Scenario::name).toList();
        var wanted =
                Arrays.asList(option(options, "--only", String.join(",", names)).split(","));
        if (!names.containsAll(wanted)) {
            System.err.println("scenarios are " + names.stream().collect(Collectors.joining(", ")));
            System.exit(2);
        }
        new SideBySide()
                .run(
                        scenarios.stream()
                                .filter(s -> wanted.contains(s.name()))
                                .toList(),
                        Integer.parseInt(option(options, "--rounds", "5")),
                        option(options, "--native", ""),
                        option(options, "--brokers", "odradek,kafka"));
    }

    private static String option(List<String> options, String name, String otherwise) {
        var at = options.indexOf(name);
        return at < 0 ? otherwise : options.get(at + 1);
    }

    private void run(List<Scenario> scenarios, int rounds, String nativeExecutable, String which) throws Exception {
        var home = Files.createTempDirectory("side-by-side");
        if (which.contains("odradek")) {
            brokers.add(new BrokerUnderTest(
                    "Odradek",
                    home.resolve("odradek"),
                    BrokerUnderTest.odradek(Path.of("").toAbsolutePath())));
        }
        if (which.contains("kafka")) {
            brokers.add(new BrokerUnderTest("Apache Kafka", home.resolve("kafka"), BrokerUnderTest.kafka()));
        }
        if (!nativeExecutable.isEmpty()) {
            brokers.add(new BrokerUnderTest(
                    "Odradek native",
                    home.resolve("native"),
                    BrokerUnderTest.odradekNative(Path.of(nativeExecutable).toAbsolutePath())));
        }
        try {
            for (var scenario : scenarios) {
                System.out.println(scenario.name());
                run(scenario, rounds);
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
        figures.report(brokers.stream().map(b -> b.name).toList());
    }

    private void run(Scenario scenario, int rounds) throws Exception {
        for (var broker : brokers) {
            broker.configure(scenario.settings());
            if (!scenario.startsBroker()) {
                broker.start();
            }
        }
        for (int round = -1; round < rounds; round++) {
            for (var broker : brokers) {
                scenario.round(broker, round, round < 0 ? (figure, value) -> {} : figures.of(broker.name));
            }
        }
        for (var broker : brokers) {
            scenario.finish(broker, figures.of(broker.name));
            broker.stop();
        }
    }
}
