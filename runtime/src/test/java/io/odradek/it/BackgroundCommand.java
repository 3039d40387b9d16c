package io.odradek.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another program that runs beside the test until it is ended. */
final class BackgroundCommand implements AutoCloseable {
    private final Process process;
    private final Path output;
    private final Path errors;

    private BackgroundCommand(Process process, Path output, Path errors) {
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    /** @param name of the files in the directory that get what it prints */
    static BackgroundCommand start(Path directory, String name, List<String> command) throws IOException {
        var output = directory.resolve(name + ".out");
        var errors = directory.resolve(name + ".err");
        var process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        return new BackgroundCommand(process, output, errors);
    }

    /** What it has printed so far to its standard output, whole lines only. */
    List<String> lines() {
        var text = text(output);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    /** What it has printed so far to its standard error. */
    String errors() {
        return text(errors);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code kill -9}. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM. @return the exit status */
    int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            kill();
            throw new IllegalStateException("it did not end; it printed: " + errors());
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
