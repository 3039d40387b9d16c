package io.odradek.ecosystem;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A main class of the test class path in a JVM of its own. Started again it is the same program with the same arguments. */
final class JavaProcess implements AutoCloseable {
    private final Path output;
    private final List<String> command;
    private Process process;

    /** @param output a file for all that it prints, all runs together */
    JavaProcess(Path output, Class<?> mainClass, String... arguments) {
        this(output, mainClass.getName(), arguments);
    }

    JavaProcess(Path output, String mainClass, String... arguments) {
        this.output = output;
        this.command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.showDateTime=true",
                "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
                "-cp",
                System.getProperty("java.class.path"),
                mainClass));
        command.addAll(List.of(arguments));
    }

    JavaProcess start() throws IOException {
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                .start();
        return this;
    }

    /** {@code kill -9}. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM, and its end. */
    void terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            kill();
            throw new IllegalStateException("it did not end when told to; " + lastWords());
        }
    }

    /** Fails if it ended by itself. */
    void checkAlive() {
        if (!process.isAlive()) {
            throw new IllegalStateException("it ended by itself; " + lastWords());
        }
    }

    /** The end of what it printed. */
    String lastWords() {
        try {
            var text = Files.readString(output);
            return "it printed:\n" + text.substring(Math.max(0, text.length() - 20_000));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
