package io.odradek.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All systems in one run, in turn, so that a noisy machine disturbs all; medians with their spread. */
public final class SideBySide {
    private final Path home;
    private final int rounds;
    private final List<String> names = new ArrayList<>();
    private final List<BrokerUnderTest.Launcher> launchers = new ArrayList<>();
    private final Figures figures = new Figures(System.out);

    private SideBySide(Path home, int rounds) {
        this.home = home;
        this.rounds = rounds;
    }

    public static void main(String... args) throws Exception {
        var options = Arrays.asList(args);
        double gigabytes = Double.parseDouble(option(options, "--gigabytes", "1"));
        int partitions = Integer.parseInt(option(options, "--partitions", "10000"));
        var ofBrokers = List.of(
                new StartScenario(),
                new LoadScenario(gigabytes),
                new JoinScenario(),
                new CommitScenario(),
                new TransactionScenario(),
                new HeartbeatScenario(),
                new CoordinatorLoadScenario());
        var ofClusters = List.of(
                new ClusterLoadScenario(gigabytes),
                new ClusterLatencyScenario(),
                new ClusterFailoverScenario(),
                new ClusterPartitionsScenario(partitions));
        var names = Stream.concat(ofBrokers.stream(), ofClusters.stream())
                .map(Scenario::name)
                .toList();
        var wanted =
                Arrays.asList(option(options, "--only", String.join(",", names)).split(","));
        if (!names.containsAll(wanted)) {
            System.err.println("scenarios are " + names.stream().collect(Collectors.joining(", ")));
            System.exit(2);
        }
        var run = new SideBySide(
                Files.createTempDirectory("side-by-side"), Integer.parseInt(option(options, "--rounds", "5")));
        run.launchers(option(options, "--brokers", "odradek,kafka"), option(options, "--native", ""));
        try {
            run.all(wanted(ofBrokers, wanted), BrokerUnderTest::new);
            run.all(wanted(ofClusters, wanted), ClusterUnderTest::new);
        } finally {
            Files.deleteIfExists(run.home);
        }
        run.report();
    }

    private static String option(List<String> options, String name, String otherwise) {
        var at = options.indexOf(name);
        return at < 0 ? otherwise : options.get(at + 1);
    }

    private static <S extends SystemUnderTest> List<Scenario<S>> wanted(
            List<? extends Scenario<S>> scenarios, List<String> wanted) {
        return scenarios.stream()
                .filter(scenario -> wanted.contains(scenario.name()))
                .<Scenario<S>>map(scenario -> scenario)
                .toList();
    }

    private void launchers(String which, String nativeExecutable) {
        if (which.contains("odradek")) {
            names.add("Odradek");
            launchers.add(BrokerUnderTest.odradek(Path.of("").toAbsolutePath()));
        }
        if (which.contains("kafka")) {
            names.add("Apache Kafka");
            launchers.add(BrokerUnderTest.kafka());
        }
        if (!nativeExecutable.isEmpty()) {
            names.add("Odradek native");
            launchers.add(
                    BrokerUnderTest.odradekNative(Path.of(nativeExecutable).toAbsolutePath()));
        }
    }

    /** Makes what is measured. */
    private interface Systems<S> {
        S system(String name, Path home, BrokerUnderTest.Launcher launcher);
    }

    private <S extends SystemUnderTest> void all(List<Scenario<S>> scenarios, Systems<S> systems) throws Exception {
        var each = new ArrayList<S>();
        for (int i = 0; i < names.size(); i++) {
            each.add(systems.system(names.get(i), home.resolve(Integer.toString(i)), launchers.get(i)));
        }
        try {
            for (var scenario : scenarios) {
                System.out.println(scenario.name());
                run(scenario, each);
            }
        } finally {
            for (var system : each) {
                system.close();
            }
        }
    }

    private <S extends SystemUnderTest> void run(Scenario<S> scenario, List<S> systems) throws Exception {
        for (var system : systems) {
            system.configure(scenario.settings());
            if (!scenario.startsBroker()) {
                system.start();
            }
        }
        for (int round = scenario.warmsUp() ? -1 : 0; round < rounds; round++) {
            for (var system : systems) {
                scenario.round(system, round, round < 0 ? (figure, value) -> {} : figures.of(system.name()));
            }
        }
        for (var system : systems) {
            scenario.finish(system, figures.of(system.name()));
            system.stop();
        }
    }

    private void report() {
        System.out.printf(
                "%nJDK %s, %d processors, heap 1 GiB, %d rounds%n",
                System.getProperty("java.version"), Runtime.getRuntime().availableProcessors(), rounds);
        figures.report(names);
    }
}
