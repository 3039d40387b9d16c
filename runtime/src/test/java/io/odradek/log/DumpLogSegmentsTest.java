package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.tools.DumpLogSegments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Apache Kafka's own tool reads what we write and finds nothing wrong. */
@Isolated("captures System.out and System.err")
class DumpLogSegmentsTest {
    @TempDir
    Path directory;

    private record Output(String out, String err) {}

    @Test
    void kafkaFindsNothingWrongWithOurFiles() throws Exception {
        try (var fixture = new LogFixture(directory.resolve("data")).open()) {
            var log = fixture.log();
            write(log, fixture.time.milliseconds());
            // The first pass sees a log as it is after a roll, the second as a restart leaves it.
            log.roll();
            check(fixture);
            fixture.reopen();
            fixture.log().append(Batches.plain(1, "after the restart"), 4, AppendOrigin.CLIENT);
            fixture.log().roll();
            check(fixture);
        }
    }

    @Test
    void kafkaFindsNothingWrongAfterRecovery() throws Exception {
        try (var fixture = new LogFixture(directory.resolve("data")).open()) {
            write(fixture.log(), fixture.time.milliseconds());
            try (var recovered = fixture.killed(directory.resolve("copy")).open()) {
                recovered.log().roll();
                check(recovered);
            }
        }
    }

    @Test
    void kafkaFindsNothingWrongAfterTruncation() throws Exception {
        try (var fixture = new LogFixture(directory.resolve("data")).open()) {
            var log = fixture.log();
            write(log, fixture.time.milliseconds());
            log.truncateTo(log.logEndOffset() - 30);
            log.append(Batches.plain(fixture.time.milliseconds(), "after the truncation"), 5, AppendOrigin.CLIENT);
            log.roll();
            check(fixture);
        }
    }

    @Test
    void kafkaWouldFindWhatIsWrong() throws Exception {
        try (var fixture = new LogFixture(directory.resolve("data")).open()) {
            var log = fixture.log();
            write(log, fixture.time.milliseconds());
            log.roll();
            var index = files(fixture, SegmentFiles.OFFSET_INDEX).get(0);
            var bytes = Files.readAllBytes(index);
            bytes[3]++;
            Files.write(index, bytes);
            var output = dump("--verify-index-only", "--files", index.toString());
            assertTrue(output.err.contains("Mismatches"), output.toString());
        }
    }

    private static void write(PartitionLog log, long start) {
        var sequence = 0;
        for (int i = 0; i < 150; i++) {
            var timestamp = start + i * 7 - (i % 5) * 20;
            var epoch = i / 50;
            log.append(Batches.plain(timestamp, "value-" + i, "x".repeat(i)), epoch, AppendOrigin.CLIENT);
            log.append(
                    Batches.compressed(Compression.lz4().build(), timestamp, "compressed-" + i, "y".repeat(3 * i)),
                    epoch,
                    AppendOrigin.CLIENT);
            log.append(
                    Batches.transactional(7, 1, sequence, timestamp, "txn-" + i, "second"), epoch, AppendOrigin.CLIENT);
            sequence += 2;
            if (i % 3 == 0) {
                log.append(Batches.idempotent(8, 0, i / 3, timestamp, "idempotent"), epoch, AppendOrigin.CLIENT);
                log.append(Batches.marker(7, 1, 2, i % 2 == 0, timestamp), epoch, AppendOrigin.COORDINATOR);
            }
        }
    }

    private static void check(LogFixture fixture) throws Exception {
        var logs = files(fixture, SegmentFiles.LOG);
        assertTrue(logs.size() > 5, "several segments: " + logs);
        var contents = dump("--deep-iteration", "--print-data-log", "--files", names(logs));
        assertEquals("", withoutGaps(contents.err));
        assertTrue(contents.out.contains("isvalid: true"));
        for (var line : contents.out.lines().toList()) {
            assertTrue(!line.contains("isvalid: false") && !line.contains("invalid bytes"), line);
        }

        for (var kind : List.of(SegmentFiles.OFFSET_INDEX, SegmentFiles.TIME_INDEX)) {
            var indexes = files(fixture, kind);
            // The last segment's is written when it has entries enough.
            assertTrue(indexes.size() >= logs.size() - 1, indexes.toString());
            for (var mode : List.of("--index-sanity-check", "--verify-index-only")) {
                var output = dump(mode, "--files", names(indexes));
                assertEquals("", output.err, mode);
                assertTrue(mode.startsWith("--verify") || output.out.contains("passed sanity check"), output.out);
            }
            var entries = dump("--files", names(indexes));
            assertTrue(entries.out
                            .lines()
                            .filter(l -> l.startsWith("offset:") || l.startsWith("timestamp:"))
                            .count()
                    > logs.size());
        }

        var aborted = dump("--files", names(files(fixture, SegmentFiles.TXN_INDEX)));
        assertEquals("", aborted.err);
        assertTrue(aborted.out.contains("version: 0 producerId: 7 firstOffset: "), aborted.out);

        var snapshots = dump("--files", names(files(fixture, SegmentFiles.SNAPSHOT)));
        assertEquals("", snapshots.err);
        assertTrue(snapshots.out.contains("producerId: 7 producerEpoch: 1 coordinatorEpoch: 2"), snapshots.out);
        assertTrue(snapshots.out.contains("producerId: 8 producerEpoch: 0 coordinatorEpoch: -1"), snapshots.out);
    }

    /** Each file is compared with offset 0 by the tool: the begin of a later segment counts as a gap after -1. */
    private static String withoutGaps(String err) {
        return err.lines()
                .filter(l -> !l.startsWith("Non-consecutive offsets in") && !l.matches("  -1 is followed by \\d+"))
                .collect(Collectors.joining("\n"));
    }

    private static List<Path> files(LogFixture fixture, String suffix) throws Exception {
        var result = new ArrayList<Path>();
        var log = fixture.directory.resolve(LogFixture.ID.directoryName());
        for (var name : fixture.files()) {
            if (name.endsWith(suffix)) {
                result.add(log.resolve(name));
            }
        }
        assertTrue(!result.isEmpty(), "no " + suffix + " in " + fixture.files());
        return result;
    }

    private static String names(List<Path> files) {
        return files.stream().map(Path::toString).collect(Collectors.joining(","));
    }

    private static Output dump(String... args) throws Exception {
        var out = System.out;
        var err = System.err;
        var outBytes = new ByteArrayOutputStream();
        var errBytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        try {
            DumpLogSegments.main(args);
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        return new Output(outBytes.toString(StandardCharsets.UTF_8), errBytes.toString(StandardCharsets.UTF_8));
    }
}
