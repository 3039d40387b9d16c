package io.odradek.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/** A broker in a process of its own, and what the operating system says of it. */
final class BrokerUnderTest implements SystemUnderTest {
    /** How a broker is started. */
    interface Launcher {
        /**
         * @param home an empty directory for data and log
         * @param settings broker settings under Apache Kafka's names
         */
        ProcessBuilder command(Path home, int port, Map<String, String> settings) throws Exception;
    }

    /** The first start of Odradek prepares an archive of classes, which takes a while on a busy machine. */
    private static final Duration START_LIMIT = Duration.ofMinutes(5);

    final String name;
    final int port = freePort();
    private final Path home;
    private final Launcher launcher;
    private Map<String, String> settings = Map.of();
    private ProcessBuilder command;
    private Process process;
    private long launchedNs;

    BrokerUnderTest(String name, Path home, Launcher launcher) {
        this.name = name;
        this.home = home;
        this.launcher = launcher;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void configure(Map<String, String> settings) {
        this.settings = settings;
    }

    /** Starts it on an empty directory; the time from launching the process to its first answer to a Metadata request. */
    @Override
    public Duration start() throws Exception {
        prepare();
        return restart();
    }

    /** What comes before the first start. */
    void prepare() throws Exception {
        delete(home);
        Files.createDirectories(home);
        command = launcher.command(home, port, settings)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(home.resolve("output").toFile()));
    }

    /** Starts it on the data it has; the time as in {@link #start}. */
    Duration restart() throws Exception {
        launch();
        return awaitServing();
    }

    void launch() throws IOException {
        launchedNs = System.nanoTime();
        process = command.start();
    }

    /** The time since {@link #launch}. */
    Duration awaitServing() throws Exception {
        while (!Probe.answersMetadata(port)) {
            if (!process.isAlive() || System.nanoTime() - launchedNs > START_LIMIT.toNanos()) {
                throw new IllegalStateException(name + " did not start:\n" + Files.readString(home.resolve("output")));
            }
            Thread.sleep(1);
        }
        return Duration.ofNanos(System.nanoTime() - launchedNs);
    }

    @Override
    public Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    @Override
    public long residentMegabytes() throws IOException {
        return status("VmRSS:") / 1024;
    }

    long threads() throws IOException {
        return status("Threads:");
    }

    private long status(String field) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            return lines.filter(l -> l.startsWith(field))
                    .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Tells it to stop, and does not wait. */
    void end() {
        process.destroy();
    }

    @Override
    public void stop() throws Exception {
        process.destroy();
        process.waitFor();
    }

    /** {@code kill -9}; it is dead when this returns. */
    void kill() throws Exception {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws Exception {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
        delete(home);
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Below the ports of outgoing connections, so that nobody's connection takes it while the broker is down. */
    static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(12_000, 32_000);
            try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // Taken: another one.
            }
        }
    }

    private static final String CLUSTER_ID = "4L6g3nShT-eMCtK--X86sw";
    private static final List<String> HEAP = List.of("-Xms1g", "-Xmx1g");

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** The packaged program through its launcher script, which chooses the JVM's options; only the heap is given. */
    static Launcher odradek(Path root) {
        return (home, port, settings) ->
                odradekProcess(home, port, settings, root.resolve("odradek").toString());
    }

    static Launcher odradekNative(Path executable) {
        return (home, port, settings) -> odradekProcess(home, port, settings, executable.toString());
    }

    private static ProcessBuilder odradekProcess(Path home, int port, Map<String, String> settings, String program) {
        var builder = new ProcessBuilder(program, "start");
        builder.environment()
                .putAll(Map.of(
                        "JAVA_HOME", System.getProperty("java.home"),
                        "CLUSTER_ID", CLUSTER_ID,
                        "KAFKA_HEAP_OPTS", String.join(" ", HEAP),
                        "KAFKA_LISTENERS", "PLAINTEXT://127.0.0.1:" + port,
                        "KAFKA_LOG_DIRS", home.resolve("data").toString(),
                        "QUARKUS_HTTP_PORT", Integer.toString(freePort())));
        settings.forEach((name, value) ->
                builder.environment().put("KAFKA_" + name.replace('.', '_').toUpperCase(Locale.ROOT), value));
        return builder;
    }

    /** Apache Kafka in KRaft mode, by default one combined node, with the JVM options of its own start script. */
    static Launcher kafka() {
        return (home, port, settings) -> {
            var controller = freePort();
            var file = home.resolve("server.properties");
            Files.writeString(
                    file,
                    String.join(
                            "\n",
                            "process.roles=broker,controller",
                            "node.id=1",
                            "controller.quorum.voters=1@127.0.0.1:" + controller,
                            "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller,
                            "advertised.listeners=PLAINTEXT://127.0.0.1:" + port,
                            "controller.listener.names=CONTROLLER",
                            "inter.broker.listener.name=PLAINTEXT",
                            "log.dirs=" + home.resolve("data"),
                            "offsets.topic.replication.factor=1",
                            "transaction.state.log.replication.factor=1",
                            "transaction.state.log.min.isr=1",
                            settings.entrySet().stream()
                                    .map(e -> e.getKey() + "=" + e.getValue() + "\n")
                                    .collect(Collectors.joining())));
            var classPath = System.getProperty("java.class.path");
            var format = new ProcessBuilder(
                            java(),
                            "-cp",
                            classPath,
                            "kafka.tools.StorageTool",
                            "format",
                            "-t",
                            CLUSTER_ID,
                            "-c",
                            file.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (format.waitFor() != 0) {
                throw new IllegalStateException("Kafka's storage could not be formatted");
            }
            return new ProcessBuilder(
                    java(),
                    "-Xms1g",
                    "-Xmx1g",
                    "-server",
                    "-XX:+UseG1GC",
                    "-XX:MaxGCPauseMillis=20",
                    "-XX:InitiatingHeapOccupancyPercent=35",
                    "-XX:+ExplicitGCInvokesConcurrent",
                    "-Djava.awt.headless=true",
                    "-cp",
                    classPath,
                    "kafka.Kafka",
                    file.toString());
        };
    }
}
