package io.odradek.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Other programs, run to their end. */
final class Commands {
    private Commands() {}

    record Outcome(int status, String output) {
        /** What it printed, after checking that it ended well. */
        String expectSuccess() {
            assertEquals(0, status, output);
            return output;
        }
    }

    /** Whether a program is on the path. */
    static boolean exists(String program) throws Exception {
        return run(null, "", List.of("sh", "-c", "command -v " + program)).status == 0;
    }

    static Outcome run(Path directory, String input, List<String> command) throws Exception {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        if (directory != null) {
            builder.directory(directory.toFile());
        }
        var process = builder.start();
        var output = CompletableFuture.supplyAsync(() -> {
            try {
                return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                return "(its output was lost: " + e + ")";
            }
        });
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended without reading its input; its status tells.
        }
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new IllegalStateException(command + " did not end; it printed: " + output.get());
        }
        return new Outcome(process.exitValue(), output.get(30, TimeUnit.SECONDS));
    }

    /** One of Apache Kafka's own tools, from the test class path, in a JVM of its own. */
    static Outcome kafkaTool(String mainClass, String... arguments) throws Exception {
        return run(null, "", kafkaToolCommand(mainClass, arguments));
    }

    /** What starts one of Apache Kafka's own tools in a JVM of its own. */
    static List<String> kafkaToolCommand(String mainClass, String... arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(List.of(arguments));
        return command;
    }
}
