package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.tools.DumpLogSegments;

/** Apache Kafka's own tool over a log's files. */
final class KafkaDump {
    private KafkaDump() {}

    /**
     * Reads every segment and index of a log's directory.
     *
     * @param compacted whether offsets may be missing, and a time index may point at a batch that lost its records
     */
    static void check(Path logDirectory, boolean compacted) throws IOException {
        List<Path> files;
        try (var paths = Files.list(logDirectory)) {
            files = paths.filter(p -> p.toString().matches(".*\\d\\.(log|index|timeindex|txnindex)"))
                    .sorted()
                    .toList();
        }
        for (var file : files) {
            var complaints = complaints(file).lines();
            if (compacted) {
                complaints = complaints.filter(line -> !line.startsWith("Non-consecutive offsets")
                        && !line.matches("  -?\\d+ is followed by \\d+")
                        && !line.startsWith("Found timestamp mismatch in")
                        && !line.matches("  Index timestamp: \\d+, log timestamp: -1"));
            }
            assertEquals(List.of(), complaints.toList(), file.toString());
        }
    }

    /** What the tool says where it says what is wrong. */
    private static String complaints(Path file) {
        var errors = new ByteArrayOutputStream();
        var stdout = System.out;
        var stderr = System.err;
        try {
            System.setOut(new PrintStream(new ByteArrayOutputStream(), true));
            System.setErr(new PrintStream(errors, true));
            DumpLogSegments.main(new String[] {"--deep-iteration", "--files", file.toString()});
        } catch (Throwable e) {
            throw new AssertionError("the tool failed on " + file, e);
        } finally {
            System.setOut(stdout);
            System.setErr(stderr);
        }
        return errors.toString();
    }
}
