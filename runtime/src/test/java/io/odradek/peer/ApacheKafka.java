package io.odradek.peer;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;
import org.awaitility.Awaitility;

/** A real Apache Kafka of one node, in a process of its own, from the tests' class path. */
public final class ApacheKafka implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(90);

    private final ProcessBuilder command;
    private final Path output;
    private final String bootstrapServer;
    private Process process;

    private ApacheKafka(ProcessBuilder command, Path output, String bootstrapServer) {
        this.command = command;
        this.output = output;
        this.bootstrapServer = bootstrapServer;
    }

    /**
     * Starts a broker and waits until it serves.
     *
     * @param directory an empty directory for its data
     * @param settings broker settings beside those that make it a single node
     */
    public static ApacheKafka start(Path directory, Map<String, String> settings) throws IOException {
        int[] ports = {Ports.free(), Ports.free()};
        var properties = new ArrayList<>(List.of(
                "process.roles=broker,controller",
                "node.id=1",
                "controller.quorum.voters=1@localhost:" + ports[1],
                "listeners=PLAINTEXT://localhost:" + ports[0] + ",CONTROLLER://localhost:" + ports[1],
                "controller.listener.names=CONTROLLER",
                "log.dirs=" + directory.resolve("data"),
                "offsets.topic.replication.factor=1",
                "offsets.topic.num.partitions=1",
                "transaction.state.log.replication.factor=1",
                "transaction.state.log.min.isr=1",
                "transaction.state.log.num.partitions=1",
                "group.initial.rebalance.delay.ms=0"));
        settings.forEach((name, value) -> properties.add(name + "=" + value));
        var config = Files.write(directory.resolve("server.properties"), properties);
        format(config);
        var output = directory.resolve("output.txt");
        var command = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx384m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath(),
                        "kafka.Kafka",
                        config.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        var kafka = new ApacheKafka(command, output, "localhost:" + ports[0]);
        kafka.start();
        return kafka;
    }

    /** {@code kill -9}. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM, and waits until it has gone. */
    public void terminate() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }

    /** Starts it again on the same ports and data, and waits until it serves. */
    public void start() throws IOException {
        process = command.start();
        try {
            awaitStart();
        } catch (RuntimeException | IOException e) {
            close();
            throw e;
        }
    }

    private void awaitStart() throws IOException {
        Map<String, Object> config = Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServer);
        Awaitility.await("Apache Kafka to listen")
                .atMost(START_LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException("Apache Kafka ended: " + Files.readString(output));
                    }
                    return listens();
                });
        try (var admin = Admin.create(config)) {
            admin.describeCluster().nodes().get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IOException("Apache Kafka does not answer: " + Files.readString(output), e);
        }
    }

    private boolean listens() {
        int colon = bootstrapServer.lastIndexOf(':');
        try (var socket = new Socket(
                bootstrapServer.substring(0, colon), Integer.parseInt(bootstrapServer.substring(colon + 1)))) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    public String bootstrapServer() {
        return bootstrapServer;
    }

    /** Kills it: nobody needs its data any more. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The tests' class path without their log manager, which keeps whatever Kafka logs to itself. */
    public static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("logmanager"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static void format(Path config) {
        var output = new ByteArrayOutputStream();
        var arguments = new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", config.toString()};
        if (kafka.tools.StorageTool.execute(arguments, new PrintStream(output, true)) != 0) {
            throw new IllegalStateException("formatting failed: " + output);
        }
    }
}
