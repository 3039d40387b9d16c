package io.odradek.it;

import static org.awaitility.Awaitility.await;

import io.odradek.peer.Ports;
import io.restassured.RestAssured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

/**
 * The packaged program in a process of its own, as its user runs it: started with environment variables, ended with a
 * signal. Ports and data directory stay the same over restarts.
 *
 * <p>Runs {@code target/quarkus-app}, or the folder that the system property {@code odradek.app} names, or the executable
 * that {@code odradek.executable} names.
 */
public final class BrokerProcess implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(120);

    private final Path home;
    private final Host host;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final List<String> jvmOptions = new ArrayList<>(List.of("-Xmx512m"));
    private final int port;
    private final int httpPort;
    private Process process;

    private BrokerProcess(Path home, Host host) {
        this.home = home;
        this.host = host;
        this.port = freePort();
        this.httpPort = freePort();
        environment.put("KAFKA_LISTENERS", "PLAINTEXT://" + bootstrap());
        environment.put("KAFKA_LOG_DIRS", home.resolve("data").toString());
        environment.put("QUARKUS_HTTP_HOST", host.address());
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(httpPort));
    }

    /** @param home a directory for data and log, kept when the process ends */
    public static BrokerProcess in(Path home) {
        return in(home, Host.LOOPBACK);
    }

    /** @param home a directory for data and log, kept when the process ends */
    public static BrokerProcess in(Path home, Host host) {
        return new BrokerProcess(home, host);
    }

    public BrokerProcess with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    public BrokerProcess withJvmOption(String option) {
        jvmOptions.add(option);
        return this;
    }

    public String bootstrap() {
        return host.address() + ":" + port;
    }

    public int port() {
        return port;
    }

    public String http(String path) {
        return "http://" + host.address() + ":" + httpPort + path;
    }

    public Path data() {
        return home.resolve("data");
    }

    public long pid() {
        return process.pid();
    }

    /** What the process printed, all runs together. */
    public String output() {
        try {
            var file = home.resolve("output");
            return Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the process and waits until it answers a client; health and metrics may come later. */
    public BrokerProcess start() throws Exception {
        launch();
        return awaitServing();
    }

    /** Waits until it answers a client. */
    public BrokerProcess awaitServing() throws Exception {
        var deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrap(), "reconnect.backoff.max.ms", "100"))) {
            while (true) {
                try {
                    admin.describeCluster().nodes().get(1, TimeUnit.SECONDS);
                    return this;
                } catch (TimeoutException | java.util.concurrent.ExecutionException e) {
                    if (!process.isAlive() || System.nanoTime() > deadline) {
                        throw new IllegalStateException("the broker did not start; it printed:\n" + output(), e);
                    }
                }
            }
        }
    }

    /** Waits until health says that it is ready, which comes a moment after it answers clients. */
    public BrokerProcess awaitReady() {
        await().atMost(START_TIMEOUT)
                .pollInterval(Duration.ofMillis(50))
                .ignoreException(ConnectException.class)
                .until(() -> RestAssured.get(http("/q/health/ready")).statusCode() == 200);
        return this;
    }

    /** Starts the process without waiting for anything. */
    public BrokerProcess launch() throws IOException {
        Files.createDirectories(home);
        var builder = new ProcessBuilder(command())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(home.resolve("output").toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("KAFKA_") || name.startsWith("QUARKUS_"));
        builder.environment().putAll(environment);
        process = builder.start();
        return this;
    }

    private List<String> command() {
        var command = new ArrayList<>(host.enter());
        var executable = System.getProperty("odradek.executable");
        if (executable != null) {
            command.add(executable);
        } else {
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(jvmOptions);
            command.add("-jar");
            command.add(Path.of(System.getProperty("odradek.app", "target/quarkus-app"), "quarkus-run.jar")
                    .toAbsolutePath()
                    .toString());
        }
        command.add("start");
        return command;
    }

    /** {@code kill -9}. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGSTOP: silent, with its connections open. */
    public void pause() throws Exception {
        signal("STOP");
    }

    /** SIGCONT. */
    public void resume() throws Exception {
        signal("CONT");
    }

    /** The JVM prints what its threads do, and goes on. */
    public void dumpThreads() throws Exception {
        signal("QUIT");
    }

    private void signal(String name) throws Exception {
        var status = new ProcessBuilder("kill", "-" + name, String.valueOf(pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) {
            throw new IllegalStateException("kill -" + name + " " + pid() + " failed");
        }
    }

    public boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** SIGTERM. @return the exit status */
    public int terminate() throws Exception {
        process.destroy();
        return exitStatus();
    }

    /** Waits for the process to end by itself. */
    public int exitStatus() throws Exception {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new IllegalStateException("the broker did not end; it printed:\n" + output());
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    static int freePort() {
        return Ports.free();
    }
}
