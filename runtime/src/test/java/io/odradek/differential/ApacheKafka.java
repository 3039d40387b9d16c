package io.odradek.differential;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.awaitility.Awaitility;

/** A real Apache Kafka, one node, in a process of its own. */
final class ApacheKafka implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

    private final Process process;
    private final int port;

    private ApacheKafka(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** @param directory of its data, its settings and its log */
    static ApacheKafka start(Path directory, Map<String, String> settings) throws IOException {
        var ports = freePorts(2);
        var all = new TreeMap<>(settings);
        all.put("process.roles", "broker,controller");
        all.put("node.id", "1");
        all.put("controller.quorum.voters", "1@localhost:" + ports.get(1));
        all.put("listeners", "PLAINTEXT://localhost:" + ports.get(0) + ",CONTROLLER://localhost:" + ports.get(1));
        all.put("advertised.listeners", "PLAINTEXT://localhost:" + ports.get(0));
        all.put("controller.listener.names", "CONTROLLER");
        all.put("log.dirs", directory.resolve("data").toString());
        var file = directory.resolve("server.properties");
        Files.writeString(
                file,
                all.entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue())
                        .collect(Collectors.joining("\n")));
        var log = directory.resolve("kafka.log").toFile();
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FormatAndRun.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        var kafka = new ApacheKafka(process, ports.get(0));
        Awaitility.await("Apache Kafka to listen, see " + log)
                .atMost(START_TIMEOUT)
                .pollInterval(Duration.ofMillis(100))
                .until(kafka::listensOrDied);
        if (!process.isAlive()) {
            throw new IOException("Apache Kafka did not start:\n" + Files.readString(log.toPath()));
        }
        return kafka;
    }

    private boolean listensOrDied() {
        if (!process.isAlive()) {
            return true;
        }
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Integer> freePorts(int count) throws IOException {
        var sockets = new ArrayList<ServerSocket>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Formatting and running in one JVM halves the time until it serves. */
    static final class FormatAndRun {
        private FormatAndRun() {}

        public static void main(String... args) {
            int status = StorageTool.execute(
                    new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", args[0]}, System.out);
            if (status != 0) {
                System.exit(status);
            }
            kafka.Kafka.main(args);
        }
    }
}
