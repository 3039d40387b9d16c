package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionLogTest {
    @TempDir
    Path directory;

    private LogFixture fixture;
    private PartitionLog log;

    @BeforeEach
    void open() {
        fixture = new LogFixture(directory).open();
        log = fixture.log();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private AppendResult append(String... values) {
        return log.append(Batches.plain(fixture.time.milliseconds(), values), 0, AppendOrigin.CLIENT);
    }

    @Test
    void whatIsAppendedIsRead() {
        var first = append("a", "b");
        var second = append("c");
        assertEquals(0, first.baseOffset());
        assertEquals(1, first.lastOffset());
        assertEquals(2, second.baseOffset());
        assertEquals(3, log.logEndOffset());
        assertEquals(List.of("0:a", "1:b", "2:c"), LogFixture.read(log, 0));
        assertEquals(List.of("2:c"), LogFixture.read(log, 2));
    }

    @Test
    void aReadStopsBelowTheUpperBoundAtABatch() throws Exception {
        append("a", "b");
        append("c", "d");
        append("e");
        for (var upper : Map.of(0L, 0, 1L, 0, 2L, 2, 3L, 2, 4L, 4, 5L, 5).entrySet()) {
            try (var slice = log.read(0, 10_000, upper.getKey(), true)) {
                assertEquals(upper.getValue(), Batches.contents(slice.load()).size(), "below " + upper.getKey());
            }
        }
    }

    @Test
    void aReadReturnsWholeBatchesWithinTheWantedBytes() throws Exception {
        var size = append("a").sizeInBytes();
        append("b");
        append("c");
        for (int bytes = 0; bytes <= 4 * size; bytes++) {
            try (var some = log.read(0, bytes, Long.MAX_VALUE, false);
                    var one = log.read(0, bytes, Long.MAX_VALUE, true)) {
                assertEquals(Math.min(3, bytes / size) * size, some.sizeInBytes());
                assertEquals(Math.max(1, Math.min(3, bytes / size)) * size, one.sizeInBytes());
            }
        }
    }

    @Test
    void readsOutsideTheLogAreRefused() {
        append("a");
        assertTrue(log.read(1, 100, Long.MAX_VALUE, true).isEmpty());
        assertThrows(OffsetOutOfRangeException.class, () -> log.read(2, 100, Long.MAX_VALUE, true));
        assertThrows(OffsetOutOfRangeException.class, () -> log.read(-1, 100, Long.MAX_VALUE, true));
    }

    @Test
    void rollsBySizeAndByTime() {
        while (log.segments().size() < 3) {
            append("x".repeat(500));
        }
        assertTrue(log.segments().stream().allMatch(s -> s.sizeInBytes() <= 4000));
        var count = log.segments().size();
        append("before");
        fixture.time.advance(fixture.config.segmentMs() + 1);
        append("after");
        assertEquals(count + 1, log.segments().size());
    }

    @Test
    void rollsWhenAnOffsetIsTooFarFromTheBase() {
        append("a");
        var far = 3L * Integer.MAX_VALUE;
        log.appendAsFollower(Batches.replicated(far, 0, 1, "b"));
        assertEquals(2, log.segments().size());
        assertEquals(List.of("0:a", far + ":b"), LogFixture.read(log, 0));
        log.appendAsFollower(Batches.replicated(3 * far, 0, 1, "c"));
        fixture.reopen();
        log = fixture.log();
        assertEquals(List.of("0:a", far + ":b", 3 * far + ":c"), LogFixture.read(log, 0));
    }

    @Test
    void aFollowerTakesWholeBatchesOnlyAndOnlyInOrder() {
        var two = Batches.concat(Batches.replicated(5, 3, 1, "a"), Batches.replicated(6, 4, 1, "b", "c"));
        var torn = two.buffer().limit(two.sizeInBytes() - 1);
        var result = log.appendAsFollower(org.apache.kafka.common.record.internal.MemoryRecords.readableRecords(torn));
        assertEquals(5, result.lastOffset());
        assertEquals(6, log.logEndOffset());
        assertEquals(3, log.latestEpoch());
        assertThrows(OffsetOutOfRangeException.class, () -> log.appendAsFollower(Batches.replicated(5, 3, 1, "again")));
        var damaged = Batches.replicated(6, 3, 1, "damaged");
        damaged.buffer().put(damaged.sizeInBytes() - 2, (byte) 99);
        assertThrows(CorruptRecordException.class, () -> log.appendAsFollower(damaged));
        assertEquals(List.of("5:a"), LogFixture.read(log, 5));
    }

    @Test
    void truncatesAtABatch() {
        for (int i = 0; i < 60; i++) {
            append("x".repeat(200) + i);
        }
        var segments = log.segments().size();
        assertTrue(segments > 3);
        log.updateHighWatermark(60);
        log.truncateTo(25);
        assertEquals(25, log.logEndOffset());
        assertEquals(25, log.highWatermark());
        assertEquals(25, LogFixture.read(log, 0).size());
        append("new");
        assertEquals("25:new", LogFixture.read(log, 25).get(0));
        fixture.reopen();
        assertEquals(26, LogFixture.read(fixture.log(), 0).size());
    }

    @Test
    void startsAnewAtAnOffset() {
        append("a");
        append("b");
        log.truncateFullyAndStartAt(1);
        assertEquals(1, log.logStartOffset());
        assertEquals(1, log.logEndOffset());
        assertEquals(-1, log.latestEpoch());
        append("c");
        assertEquals(List.of("1:c"), LogFixture.read(log, 1));
        log.truncateFullyAndStartAt(1000);
        fixture.reopen();
        assertEquals(1000, fixture.log().logEndOffset());
        assertEquals(1000, fixture.log().logStartOffset());
    }

    @Test
    void deletesRecordsBelowTheHighWatermark() {
        for (int i = 0; i < 60; i++) {
            append("x".repeat(200));
        }
        log.updateHighWatermark(40);
        assertThrows(OffsetOutOfRangeException.class, () -> log.deleteRecordsBefore(41));
        log.deleteRecordsBefore(40);
        assertEquals(40, log.logStartOffset());
        assertTrue(log.segments().get(0).baseOffset() > 0);
        assertThrows(OffsetOutOfRangeException.class, () -> log.read(39, 100, 60, true));
        assertEquals(
                20,
                LogFixture.read(log, 40).stream()
                        .filter(r -> !r.startsWith("39:"))
                        .count());
        log.deleteRecordsBefore(30);
        assertEquals(40, log.logStartOffset());
        fixture.reopen();
        assertEquals(40, fixture.log().logStartOffset());
    }

    @Test
    void retentionMayEmptyTheLog() {
        for (int i = 0; i < 40; i++) {
            append("x".repeat(200));
        }
        var segments = log.segments().size();
        assertEquals(0, log.maintenance().deleteOldest(s -> true, "all, but nothing is replicated"));
        log.updateHighWatermark(40);
        assertEquals(segments, log.maintenance().deleteOldest(s -> true, "all"));
        assertEquals(40, log.logStartOffset());
        assertEquals(40, log.logEndOffset());
        append("y");
        assertEquals(List.of("40:y"), LogFixture.read(log, 40));
        fixture.reopen();
        assertEquals(List.of("40:y"), LogFixture.read(fixture.log(), 40));
    }

    @Test
    void aSliceOutlivesItsSegment() throws Exception {
        append("a");
        var slice = log.read(0, 1000, Long.MAX_VALUE, true);
        log.maintenance().segments().get(0).delete();
        assertEquals(List.of("0:a"), Batches.contents(slice.load()));
        slice.close();
        slice.close();
        log.truncateFullyAndStartAt(1);
    }

    @Test
    void aReaderOfAnEarlierStateBringsNoFileBack() throws Exception {
        append("a");
        log.roll();
        append("b");
        log.flush();
        var earlier = log.maintenance().segments().get(0);
        log.rest();
        log.rest();
        assertTrue(log.isDormant());
        log.updateHighWatermark(2);
        log.maintenance().deleteOldest(s -> s.baseOffset() == 0, "test");
        fixture.store.environment().files().closeIdle();
        fixture.store.environment().files().closeIdle();
        assertThrows(NoSuchFileException.class, () -> earlier.slice(0, 1));
        assertFalse(fixture.files().contains("00000000000000000000.log"));
    }

    @Test
    void findsOffsetsByTimestamp() {
        var start = fixture.time.milliseconds();
        var timestamps = new ArrayList<Long>();
        for (int i = 0; i < 100; i++) {
            // Not monotonic: a producer's clock may be.
            var timestamp = start + i * 10L - (i % 7) * 25L;
            log.append(Batches.plain(timestamp, "x".repeat(100), "y"), 0, AppendOrigin.CLIENT);
            timestamps.add(timestamp);
            timestamps.add(timestamp + 1);
        }
        for (long wanted = start - 200; wanted < start + 1010; wanted++) {
            Optional<Long> expected = Optional.empty();
            for (int offset = 0; offset < timestamps.size() && expected.isEmpty(); offset++) {
                if (timestamps.get(offset) >= wanted) {
                    expected = Optional.of((long) offset);
                }
            }
            assertEquals(expected, log.offsetForTimestamp(wanted).map(TimestampOffset::offset), "at " + wanted);
        }
        var max = timestamps.stream().max(Long::compare).orElseThrow();
        assertEquals(
                new TimestampOffset(max, timestamps.indexOf(max), 0),
                log.maxTimestampOffset().orElseThrow());
        fixture.reopen();
        log = fixture.log();
        assertEquals(max, log.maxTimestampOffset().orElseThrow().timestamp());
        log.truncateTo(100);
        var maxOfRest = timestamps.subList(0, 100).stream().max(Long::compare).orElseThrow();
        assertEquals(maxOfRest, log.maxTimestampOffset().orElseThrow().timestamp());
    }

    @Test
    void answersWhereAnEpochEnds() {
        log.assignEpochStart(1, 0);
        append("a");
        log.append(Batches.plain(1, "b", "c"), 3, AppendOrigin.CLIENT);
        log.append(Batches.plain(1, "d"), 5, AppendOrigin.CLIENT);
        assertEquals(new EpochEndOffset(1, 1), log.endOffsetForEpoch(1));
        assertEquals(new EpochEndOffset(1, 1), log.endOffsetForEpoch(2));
        assertEquals(new EpochEndOffset(3, 3), log.endOffsetForEpoch(4));
        assertEquals(new EpochEndOffset(5, 4), log.endOffsetForEpoch(5));
        assertEquals(EpochEndOffset.UNDEFINED, log.endOffsetForEpoch(6));
        assertEquals(3, log.epochForOffset(2));
        fixture.reopen();
        assertEquals(5, fixture.log().latestEpoch());
    }

    @Test
    void whatNobodyWroteToHasNoFilesAndLosesNothing(@TempDir Path copy) throws Exception {
        assertEquals(-1, log.latestEpoch());
        log.assignEpochStart(3, 0);
        log.assignEpochStart(5, 0);
        assertEquals(5, log.latestEpoch());
        assertEquals(new EpochEndOffset(5, 0), log.endOffsetForEpoch(5));
        assertEquals(EpochEndOffset.UNDEFINED, log.endOffsetForEpoch(6));
        assertEquals(0, log.lastStableOffset(0));
        assertEquals(0, log.maintenance().deleteOldest(s -> true, "test"));
        assertEquals(0, log.sizeInBytes());
        assertTrue(log.isDormant());
        assertEquals(List.of(PartitionMetadata.FILE_NAME), fixture.files());

        try (var killed = fixture.killed(copy).open()) {
            assertTrue(killed.log().isDormant());
            assertEquals(List.of(PartitionMetadata.FILE_NAME), killed.files());
            assertEquals(0, killed.log().logEndOffset());
        }
        log.append(Batches.plain(1, "a"), 5, AppendOrigin.CLIENT);
        assertEquals(new EpochEndOffset(5, 1), log.endOffsetForEpoch(5));
        fixture.reopen();
        assertEquals(List.of("0:a"), LogFixture.read(fixture.log(), 0));
        assertEquals(5, fixture.log().latestEpoch());
    }

    @Test
    void anEpochThatBeganBeforeTheFirstRecordIsKeptWithIt() {
        log.assignEpochStart(5, 0);
        log.offsetForTimestamp(0); // opens the files
        assertFalse(log.isDormant());
        assertEquals(5, log.latestEpoch());
        assertEquals(new EpochEndOffset(5, 0), log.endOffsetForEpoch(5));
        log.assignEpochStart(7, 0);
        assertEquals(7, log.latestEpoch());
    }

    @Test
    void aLogThatLostItsFirstRecordsIsNotBlank(@TempDir Path copy) throws Exception {
        append("a");
        append("b");
        log.updateHighWatermark(2);
        log.deleteRecordsBefore(2);
        log.flush();
        fixture.store.checkpoint();
        LogFixture.copyTree(directory, copy);
        try (var files = Files.list(copy.resolve(LogFixture.ID.directoryName()))) {
            for (var file : files.toList()) {
                if (!file.endsWith(PartitionMetadata.FILE_NAME)) {
                    Files.delete(file);
                }
            }
        }
        try (var damaged = new LogFixture(copy).open()) {
            assertEquals(2, damaged.log().logEndOffset());
            assertEquals(2, damaged.log().logStartOffset());
        }
    }

    @Test
    void anIdleLogLetsGoOfItsHeapAndComesBack() {
        append("a");
        log.flush();
        log.rest();
        assertFalse(log.isDormant(), "it was used since");
        log.rest();
        assertTrue(log.isDormant());
        assertEquals(1, log.logEndOffset());
        assertEquals(0, log.lastStableOffset(0));
        assertEquals(1, log.segments().size());
        assertTrue(log.sizeInBytes() > 0);
        assertTrue(log.isDormant(), "those questions need no file");
        assertEquals(List.of("0:a"), LogFixture.read(log, 0));
        append("b");
        assertEquals(List.of("0:a", "1:b"), LogFixture.read(log, 0));
    }

    @Test
    void neverHoldsMoreFilesOpenThanAllowed() {
        for (int i = 0; i < 200; i++) {
            append("x".repeat(300));
            LogFixture.read(log, Math.max(0, i - 100));
        }
        assertTrue(fixture.store.environment().files().openCount() <= fixture.maxOpenFiles);
    }
}
