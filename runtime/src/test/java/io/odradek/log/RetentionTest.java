package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetentionTest {
    private static final long NOW_MS = 1_000_000;

    @TempDir
    Path directory;

    /** Four segments of 10 offsets and 100 bytes, aged 400, 300, 200 and (active) 100 ms. */
    private static List<SegmentSummary> segments() {
        var result = new ArrayList<SegmentSummary>();
        for (int i = 0; i < 4; i++) {
            result.add(new SegmentSummary(i * 10L, (i + 1) * 10L, 100, NOW_MS - (4 - i) * 100L, 0, i == 3));
        }
        return result;
    }

    @ParameterizedTest(name = "{0}, {1} ms, {2} bytes, start {3}: up to {4}")
    @CsvSource({
        // policy, retention.ms, retention.bytes, log start offset, segments that end at or before it may go
        "delete, -1, -1, 0, -1",
        "delete, 400, -1, 0, -1",
        "delete, 399, -1, 0, 10",
        "delete, 250, -1, 0, 20",
        "delete, 100, -1, 0, 30",
        "delete, 99, -1, 0, 40",
        "delete, 0, -1, 0, 40",
        "delete, -1, 401, 0, -1",
        "delete, -1, 400, 0, -1",
        "delete, -1, 301, 0, -1",
        "delete, -1, 300, 0, 10",
        "delete, -1, 150, 0, 20",
        "delete, -1, 1, 0, 30",
        "delete, -1, 0, 0, 40",
        "delete, 250, 300, 0, 20",
        "delete, 350, 100, 0, 30",
        "delete, -1, -1, 9, -1",
        "delete, -1, -1, 10, 10",
        "delete, -1, -1, 29, 20",
        "delete, -1, -1, 40, 30",
        "compact, 0, 0, 0, -1",
        "compact, 0, 0, 25, 20",
        "'compact,delete', 250, -1, 0, 20"
    })
    void takesTheOldest(String policy, String retentionMs, String retentionBytes, long logStartOffset, long expected) {
        var config = LogFixture.config(
                Map.of("cleanup.policy", policy, "retention.ms", retentionMs, "retention.bytes", retentionBytes));
        assertEquals(
                expected,
                Retention.expired(segments(), config, logStartOffset, NOW_MS).endOffset());
    }

    @Test
    void goesByTheNewestRecordAndStopsAtTheHighWatermark() {
        try (var fixture = new LogFixture(directory, Map.of("retention.ms", "1000")).open()) {
            var log = fixture.log();
            for (int i = 0; i < 5; i++) {
                log.append(Batches.plain(fixture.time.milliseconds(), "v" + i), 0, AppendOrigin.CLIENT);
                log.roll();
                fixture.time.advance(400);
            }
            log.updateHighWatermark(1);
            var retention = new Retention(() -> List.of(log), fixture.time);
            var told = new ArrayList<Long>();
            log.onRetention(() -> told.add(log.logStartOffset()));
            retention.run();
            assertEquals(1, log.logStartOffset(), "not replicated, not deleted");
            retention.run();
            assertEquals(List.of(1L), told, "who waits for the partition hears of it, once");
            log.updateHighWatermark(5);
            retention.run();
            assertEquals(List.of("3:v3", "4:v4"), LogFixture.read(log, log.logStartOffset()));
            fixture.time.advance(10_000);
            retention.run();
            assertEquals(5, log.logStartOffset());
            assertEquals(5, log.logEndOffset());
        }
    }

    @Test
    void alsoTheActiveSegmentGrowsOld() {
        try (var fixture = new LogFixture(directory, Map.of("retention.ms", "1000")).open()) {
            var log = fixture.log();
            log.append(Batches.plain(fixture.time.milliseconds(), "v"), 0, AppendOrigin.CLIENT);
            log.updateHighWatermark(1);
            fixture.time.advance(1001);
            new Retention(() -> List.of(log), fixture.time).run();
            assertEquals(1, log.logStartOffset());
            assertEquals(1, log.segments().size());
        }
    }
}
