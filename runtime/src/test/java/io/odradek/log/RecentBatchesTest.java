package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.storage.internals.log.LogFileUtils;
import org.apache.kafka.storage.internals.log.ProducerStateManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A producer sends again what was in flight when the broker stopped: all five batches are recognised. */
class RecentBatchesTest {
    private static final long PRODUCER = 7;

    @TempDir
    Path directory;

    private LogFixture fixture;
    private LogFixture image;
    private PartitionLog log;

    @BeforeEach
    void open() {
        fixture = new LogFixture(directory.resolve("data")).open();
        log = fixture.log();
    }

    @AfterEach
    void close() {
        fixture.close();
        if (image != null) {
            image.close();
        }
    }

    /** Batch {@code number} of two records; each has a timestamp of its own. */
    private AppendResult send(int number) {
        return send(PRODUCER, 0, number);
    }

    private AppendResult send(long producer, int epoch, int number) {
        return log.append(
                Batches.idempotent(producer, epoch, 2 * number, fixture.time.milliseconds() + 10 * number, "a", "b"),
                0,
                AppendOrigin.CLIENT);
    }

    private void sendAll(int from, int to) {
        for (int i = from; i < to; i++) {
            assertFalse(send(i).duplicate());
        }
    }

    private void assertDuplicates(int from, int to) {
        var end = log.logEndOffset();
        for (int i = from; i < to; i++) {
            var again = send(i);
            assertTrue(again.duplicate(), "batch " + i);
            assertEquals(2L * i, again.baseOffset());
            assertEquals(2L * i + 1, again.lastOffset());
            assertEquals(fixture.time.milliseconds() + 10 * i + 1, again.logAppendTimeMs());
        }
        assertEquals(end, log.logEndOffset());
    }

    private void stop(String how) {
        switch (how) {
            case "kill" -> killed();
            case "kill after a flush" -> {
                // The recovery point is the end of the log: its last segment is all that is read.
                log.flush();
                fixture.store.checkpoint();
                killed();
            }
            case "close" -> {
                fixture.reopen();
                log = fixture.log();
            }
            case "rest" -> {
                log.flush();
                log.rest();
                log.rest();
                assertTrue(log.isDormant());
            }
            default -> throw new IllegalArgumentException(how);
        }
    }

    private void killed() {
        image = fixture.killed(directory.resolve("image")).open();
        log = image.log();
    }

    private List<String> files() throws IOException {
        try (var paths = Files.list(log.path())) {
            return paths.map(p -> p.getFileName().toString())
                    .filter(n -> n.contains(SegmentFiles.RECENT_BATCHES))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"kill", "kill after a flush", "close", "rest"})
    void fiveBatchesAcrossARollAreRecognised(String how) {
        sendAll(0, 5);
        log.roll();
        sendAll(5, 7);
        stop(how);
        assertDuplicates(2, 7);
        assertThrows(OutOfOrderSequenceException.class, () -> send(1));
        assertFalse(send(7).duplicate());
        assertDuplicates(3, 8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kill", "kill after a flush", "close", "rest"})
    void fiveBatchesBeforeARollAreRecognised(String how) {
        sendAll(0, 5);
        log.roll();
        stop(how);
        assertDuplicates(0, 5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kill", "kill after a flush", "close", "rest"})
    void fiveBatchesOfOneSegmentAreRecognised(String how) {
        sendAll(0, 5);
        stop(how);
        assertDuplicates(0, 5);
    }

    @Test
    void recoveryFromTheSecondSegmentOnKnowsTheFirst() throws Exception {
        sendAll(0, 4);
        log.roll();
        sendAll(4, 5);
        var copy = directory.resolve("copy");
        LogFixture.copyTree(log.path(), copy);
        var loaded = new LogLoader(
                        LogFixture.ID,
                        copy,
                        new LogFiles(10, FileLayer.FILE_SYSTEM),
                        fixture.config,
                        () -> 86_400_000,
                        0,
                        8,
                        fixture.time.milliseconds())
                .loadUnclean();
        for (int i = 0; i < 5; i++) {
            var again = Batches.idempotent(PRODUCER, 0, 2 * i, 1, "a", "b").buffer();
            assertEquals(2L * i, loaded.state().producers.duplicateOf(again, 0).baseOffset());
        }
        loaded.state().segments.all().forEach(LogSegment::close);
    }

    @Test
    void aTruncationToARollKnowsTheBatchesBefore() {
        sendAll(0, 5);
        log.roll();
        sendAll(5, 7);
        log.truncateTo(12);
        assertDuplicates(1, 6);
        log.truncateTo(10);
        assertDuplicates(0, 5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"flipped bit", "cut", "empty", "other version", "missing"})
    void withADamagedFileTheLastBatchIsStillKnown(String damage) throws Exception {
        sendAll(0, 5);
        log.roll();
        sendAll(5, 6);
        fixture.store.close();
        var file = ProducerSnapshots.recentPath(log.path(), 12);
        var bytes = Files.readAllBytes(file);
        switch (damage) {
            case "flipped bit" -> bytes[bytes.length / 2] ^= 4;
            case "cut" -> bytes = Arrays.copyOf(bytes, bytes.length - 24);
            case "empty" -> bytes = new byte[0];
            case "other version" -> bytes[1]++;
            default -> Files.delete(file);
        }
        if (!damage.equals("missing")) {
            Files.write(file, bytes);
        }
        fixture.open();
        log = fixture.log();
        assertThrows(OutOfOrderSequenceException.class, () -> send(4));
        assertFalse(Files.exists(file), "reported once");
        assertEquals(10, send(5).baseOffset());
        assertFalse(send(6).duplicate());
        assertDuplicates(5, 7);
    }

    @Test
    void everyBitCounts() throws Exception {
        sendAll(0, 2);
        log.roll();
        var file = ProducerSnapshots.recentPath(log.path(), 4);
        var whole = Files.readAllBytes(file);
        assertEquals(10 + 12 + 2 * 24, whole.length);
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            var bytes = whole.clone();
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, bytes);
            assertFalse(RecentBatches.addTo(snapshot(4), file), "bit " + bit);
        }
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertFalse(RecentBatches.addTo(snapshot(4), file), "cut to " + length);
        }
        Files.write(file, whole);
        var read = snapshot(4);
        assertTrue(RecentBatches.addTo(read, file));
        assertEquals(2, read.get(0).batchCount());
    }

    private List<ProducerEntry> snapshot(long offset) throws IOException {
        return ProducerSnapshot.read(ProducerSnapshots.path(log.path(), offset)).orElseThrow();
    }

    @Test
    void whatDoesNotBelongToTheSnapshotIsNotUsed() throws Exception {
        sendAll(0, 3);
        send(8, 1, 0);
        send(8, 1, 1);
        log.roll();
        var file = ProducerSnapshots.recentPath(log.path(), 10);
        var entries = snapshot(10);
        entries.sort((a, b) -> Long.compare(a.producerId, b.producerId));
        // Another last batch, another epoch.
        entries.get(0).addBatch(new ProducerBatch(7, 11, 1, 5));
        entries.get(1).moveTo((short) 2);
        entries.get(1).addBatch(new ProducerBatch(3, 9, 1, 5));
        assertTrue(RecentBatches.addTo(entries, file));
        assertEquals(2, entries.get(0).batchCount());
        assertEquals(1, entries.get(1).batchCount());
        var same = snapshot(10);
        assertTrue(RecentBatches.addTo(same, file));
        assertEquals(5, same.get(0).batchCount() + same.get(1).batchCount());
    }

    @Test
    void sequencesWrapAround() {
        log.append(
                Batches.idempotent(PRODUCER, 0, Integer.MAX_VALUE - 1, fixture.time.milliseconds(), "a", "b", "c"),
                0,
                AppendOrigin.CLIENT);
        log.append(Batches.idempotent(PRODUCER, 0, 1, fixture.time.milliseconds(), "d"), 0, AppendOrigin.CLIENT);
        stop("close");
        var again = log.append(
                Batches.idempotent(PRODUCER, 0, Integer.MAX_VALUE - 1, fixture.time.milliseconds(), "a", "b", "c"),
                0,
                AppendOrigin.CLIENT);
        assertTrue(again.duplicate());
        assertEquals(0, again.baseOffset());
    }

    @Test
    void noFileWithoutNeed() throws Exception {
        log.append(Batches.plain(1, "a"), 0, AppendOrigin.CLIENT);
        log.roll();
        send(PRODUCER, 0, 0);
        send(8, 0, 0);
        log.roll();
        assertEquals(List.of(), files());
        stop("rest");
        log.logStartOffset();
        assertFalse(send(8, 0, 1).duplicate());
        log.roll();
        assertEquals(List.of(name(7)), files());
        log.truncateTo(5);
        assertEquals(List.of(), files());
    }

    @Test
    void aFileOfMoreBatchesThanThereAreIsReplaced() throws Exception {
        send(PRODUCER, 0, 0);
        send(PRODUCER, 0, 1);
        log.roll();
        assertEquals(List.of(name(4)), files());
        var state = new ProducerState(LogFixture.ID, () -> 1000);
        state.advanceTo(4);
        ProducerSnapshots.take(log.path(), state);
        assertEquals(List.of(), files());
    }

    @Test
    void theFilesGoWithTheirSnapshots() throws Exception {
        for (int i = 0; i < 4; i++) {
            sendAll(2 * i, 2 * i + 2);
            log.roll();
        }
        assertEquals(List.of(name(4), name(8), name(12), name(16)), files());
        log.truncateTo(13);
        assertEquals(List.of(name(4), name(8), name(12)), files());
        log.updateHighWatermark(13);
        log.deleteRecordsBefore(9);
        assertEquals(List.of(name(8), name(12)), files());
        log.truncateFullyAndStartAt(20);
        assertEquals(List.of(), files());
        send(PRODUCER, 0, 0);
        send(PRODUCER, 0, 1);
        log.roll();
        assertEquals(List.of(name(24)), files());
        fixture.store.delete(LogFixture.ID);
        assertFalse(Files.exists(log.path()));
    }

    @Test
    void aSnapshotIsNeverWithoutItsFile() throws Exception {
        sendAll(0, 2);
        log.roll();
        var snapshot = ProducerSnapshots.path(log.path(), 4);
        var file = ProducerSnapshots.recentPath(log.path(), 4);
        var state = new ProducerState(LogFixture.ID, () -> 86_400_000);
        ProducerSnapshots.restore(log.path(), state, List.of(), 0, 4, fixture.time.milliseconds());
        ProducerSnapshots.remove(log.path(), 4);
        // A directory in the place of one of the two: where a kill would come between them.
        Files.createDirectories(snapshot.resolve("in the way"));
        assertThrows(IOException.class, () -> ProducerSnapshots.take(log.path(), state));
        assertTrue(Files.exists(file));
        LogDirectoryLoader.removeTree(snapshot);
        ProducerSnapshots.take(log.path(), state);
        Files.delete(file);
        Files.createDirectories(file.resolve("in the way"));
        assertThrows(IOException.class, () -> ProducerSnapshots.remove(log.path(), 4));
        assertFalse(Files.exists(snapshot));
        LogDirectoryLoader.removeTree(file);
    }

    @Test
    void whatAKillLeftIsRemoved() throws Exception {
        sendAll(0, 2);
        log.roll();
        sendAll(2, 3);
        fixture.store.close();
        var content = Files.readAllBytes(ProducerSnapshots.recentPath(log.path(), 4));
        Files.write(ProducerSnapshots.recentPath(log.path(), 3), content);
        Files.write(ProducerSnapshots.recentPath(log.path(), 99), content);
        Files.write(log.path().resolve(name(6) + SegmentFiles.TEMPORARY), new byte[3]);
        fixture.open();
        log = fixture.log();
        assertDuplicates(0, 3);
        assertEquals(List.of(name(4), name(6)), files());
    }

    @Test
    void apacheKafkaSeesOnlyTheSnapshot() throws Exception {
        sendAll(0, 3);
        log.roll();
        assertEquals(List.of(name(6)), files());
        var snapshots = ProducerStateManager.listSnapshotFiles(log.path().toFile());
        assertEquals(1, snapshots.size());
        assertEquals(6, snapshots.get(0).offset);
        var entry = ProducerStateManager.readSnapshot(snapshots.get(0).file()).get(0);
        assertEquals(5, entry.lastDataOffset());
        var file = ProducerSnapshots.recentPath(log.path(), 6).toFile();
        assertFalse(LogFileUtils.isLogFile(file) || LogFileUtils.isIndexFile(file));
    }

    @Test
    void cleanedSegmentsTakingTheirPlaceLeaveTheFileBeside() throws Exception {
        sendAll(0, 4);
        log.roll();
        sendAll(4, 5);
        fixture.store.close();
        // Killed after the segment was renamed to .swap, before it took the place of the old one.
        Files.copy(
                SegmentFiles.path(log.path(), 8, SegmentFiles.LOG),
                log.path().resolve("00000000000000000008.log.swap"));
        fixture.open();
        log = fixture.log();
        assertDuplicates(0, 5);
        assertEquals(List.of(name(8), name(10)), files());
    }

    private static String name(long offset) {
        return String.format("%020d.recent", offset);
    }
}
