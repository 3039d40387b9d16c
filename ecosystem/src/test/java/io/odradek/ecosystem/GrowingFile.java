package io.odradek.ecosystem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A file to which numbered lines are appended all the time. */
final class GrowingFile implements AutoCloseable {
    private static final long PERIOD_MS = 5;

    private final Path path;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final List<IOException> failures = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    GrowingFile(Path path) throws IOException {
        this.path = path;
        Files.createFile(path);
        clock.scheduleAtFixedRate(this::append, 0, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    private void append() {
        var line = path.getFileName() + " line " + lines.size();
        try {
            Files.writeString(path, line + "\n", StandardOpenOption.APPEND);
            lines.add(line);
        } catch (IOException e) {
            failures.add(e);
        }
    }

    Path path() {
        return path;
    }

    /** What was written so far. */
    int size() {
        return lines.size();
    }

    /** Lets it grow no more. @return all that was written */
    List<String> finish() throws Exception {
        clock.shutdown();
        clock.awaitTermination(1, TimeUnit.MINUTES);
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
        return lines;
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
