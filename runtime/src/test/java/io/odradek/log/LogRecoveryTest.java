package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a crash may leave behind, and what recovery makes of it. */
class LogRecoveryTest {
    private static final long RECENT = new FakeTime().milliseconds();

    @TempDir
    Path directory;

    private LogFixture fixture;
    /** The log's directory as it is when the process is killed. */
    private Path image;

    private final List<Long> baseOffsets = new ArrayList<>();

    @BeforeEach
    void open() {
        fixture = new LogFixture(directory.resolve("data")).open();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    /** A producer's batches of two records, one aborted transaction among them; about 14 to a segment. */
    private void write(int batches) {
        var log = fixture.log();
        for (int i = 0; i < batches; i++) {
            baseOffsets.add(log.logEndOffset());
            if (i == 3) {
                log.append(Batches.marker(2, 0, 5, false, RECENT), i / 10, AppendOrigin.COORDINATOR);
            } else if (i == 1) {
                log.append(Batches.transactional(2, 0, 0, RECENT, "txn"), 0, AppendOrigin.CLIENT);
            } else {
                log.append(
                        Batches.idempotent(1, 0, sequence(i), RECENT + i, "value-" + i, "x".repeat(150)),
                        i / 10,
                        AppendOrigin.CLIENT);
            }
        }
        image = directory.resolve("data").resolve(LogFixture.ID.directoryName());
    }

    private static int sequence(int batch) {
        return 2 * (batch - (batch > 3 ? 2 : batch > 1 ? 1 : 0));
    }

    private LogLoader loader(Path log, long recoveryPoint) {
        return new LogLoader(
                LogFixture.ID,
                log,
                new LogFiles(10, FileLayer.FILE_SYSTEM),
                fixture.config,
                () -> 86_400_000,
                0,
                recoveryPoint,
                RECENT);
    }

    private Path copy(String name) {
        var copy = directory.resolve("copies").resolve(name);
        try {
            Files.createDirectories(copy.getParent());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        LogFixture.copyTree(image, copy);
        return copy;
    }

    private Path lastLog(Path log) throws IOException {
        try (var paths = Files.list(log)) {
            return paths.filter(p -> p.toString().endsWith(".log"))
                    .max(Path::compareTo)
                    .orElseThrow();
        }
    }

    private static List<String> contents(LogState state, long from) throws IOException {
        var result = new ArrayList<String>();
        for (var segment : state.segments.all()) {
            var bytes = ByteBuffer.allocate(segment.size());
            segment.readAt(bytes, 0);
            result.addAll(Batches.contents(MemoryRecords.readableRecords(bytes.flip())));
        }
        return result.stream()
                .filter(r -> Long.parseLong(r.substring(0, r.indexOf(':'))) >= from)
                .toList();
    }

    private static void closeAll(LogState state) {
        state.segments.all().forEach(LogSegment::close);
    }

    /** Positions where the batches of a file begin, and its end. */
    private static List<Integer> boundaries(byte[] bytes) {
        var result = new ArrayList<Integer>();
        var b = ByteBuffer.wrap(bytes);
        for (int at = 0; at < bytes.length; at += (int) BatchHeader.sizeInBytes(b, at)) {
            result.add(at);
        }
        result.add(bytes.length);
        return result;
    }

    @Test
    void keepsEveryWholeBatchWhereverTheFileIsCut() throws Exception {
        write(40);
        var all = LogFixture.read(fixture.log(), 0);
        var whole = Files.readAllBytes(lastLog(image));
        var boundaries = boundaries(whole);
        var base =
                SegmentFiles.offsetOf(lastLog(image).getFileName().toString()).orElseThrow();
        var firstBatch = baseOffsets.indexOf(base);
        var copy = copy("cut");
        for (int cut = 0; cut <= whole.length; cut++) {
            Files.write(lastLog(copy), Arrays.copyOf(whole, cut));
            var loaded = loader(copy, 0).loadUnclean();
            var state = loaded.state();
            var good = 0;
            while (good + 1 < boundaries.size() && boundaries.get(good + 1) <= cut) {
                good++;
            }
            var end = firstBatch + good < baseOffsets.size()
                    ? baseOffsets.get(firstBatch + good)
                    : fixture.log().logEndOffset();
            assertEquals(end, state.end.offset(), "cut at " + cut);
            assertEquals(boundaries.get(good), (int) Files.size(lastLog(copy)));
            if (cut == boundaries.get(good)) {
                assertEquals(all.stream().filter(r -> offset(r) < end).toList(), contents(state, 0));
                assertEquals(sequence(firstBatch + good - 1) + 1, lastSequence(state));
                assertEquals(List.of(new AbortedTxn(2, 2, 5, 6)), new LogReader(state).abortedTransactions(0, 100));
                assertEquals((firstBatch + good - 1) / 10, state.epochs.latest());
            }
            assertTrue(
                    state.segments.last().indexesSane() || state.segments.last().size() == 0);
            closeAll(state);
        }
    }

    private static long offset(String record) {
        return Long.parseLong(record.substring(0, record.indexOf(':')));
    }

    private static int lastSequence(LogState state) {
        return state.producers.producers().stream()
                .filter(p -> p.producerId == 1)
                .findFirst()
                .orElseThrow()
                .lastSequence();
    }

    @Test
    void cutsAtTheDamagedBatchAndNotBefore() throws Exception {
        write(40);
        var whole = Files.readAllBytes(lastLog(image));
        var boundaries = boundaries(whole);
        var base =
                SegmentFiles.offsetOf(lastLog(image).getFileName().toString()).orElseThrow();
        var firstBatch = baseOffsets.indexOf(base);
        var random = new Random(42);
        var copy = copy("flip");
        for (int at = 0; at < whole.length; at++) {
            var damaged = whole.clone();
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(lastLog(copy), damaged);
            var state = loader(copy, base).loadUnclean().state();
            var batch = 0;
            while (boundaries.get(batch + 1) <= at) {
                batch++;
            }
            var inBatch = at - boundaries.get(batch);
            // Base offset and leader epoch are outside the checksum, so that brokers may assign them.
            var unprotected = inBatch < 8 || inBatch >= 12 && inBatch < 16;
            if (unprotected) {
                assertTrue(state.end.position() >= boundaries.get(batch), "byte " + at);
            } else {
                assertEquals(boundaries.get(batch), state.end.position(), "byte " + at);
                assertEquals(baseOffsets.get(firstBatch + batch), state.end.offset());
            }
            closeAll(state);
        }
    }

    @Test
    void dropsTheSegmentsBehindADamagedOne() throws Exception {
        write(60);
        var logs = fixture.files().stream().filter(f -> f.endsWith(".log")).toList();
        assertTrue(logs.size() >= 4);
        var copy = copy("middle");
        var second = copy.resolve(logs.get(1));
        var bytes = Files.readAllBytes(second);
        bytes[bytes.length / 2] ^= 1;
        Files.write(second, bytes);
        var state = loader(copy, 0).loadUnclean().state();
        assertEquals(2, state.segments.count());
        assertTrue(state.end.position() < bytes.length / 2 && state.end.position() > bytes.length / 4);
        assertFalse(Files.exists(copy.resolve(logs.get(2))));
        closeAll(state);
        // What is below the recovery point is trusted and not read.
        var trusted = copy("trusted");
        Files.write(trusted.resolve(logs.get(1)), bytes);
        var untouched = loader(trusted, SegmentFiles.offsetOf(logs.get(2)).orElseThrow())
                .loadUnclean()
                .state();
        assertEquals(logs.size(), untouched.segments.count());
        closeAll(untouched);
    }

    @Test
    void buildsMissingAndDamagedIndexesAnew() throws Exception {
        write(60);
        fixture.log().roll();
        fixture.log().flush();
        var names = fixture.files();
        for (var name : names) {
            if (!name.endsWith("index")) {
                continue;
            }
            var whole = Files.readAllBytes(image.resolve(name));
            if (whole.length == 0) {
                continue;
            }
            for (var damage : List.of("missing", "torn")) {
                if (damage.equals("missing") && name.endsWith(".txnindex")) {
                    // Its absence means that nothing was aborted.
                    continue;
                }
                var copy = copy(name + damage);
                if (damage.equals("missing")) {
                    Files.delete(copy.resolve(name));
                } else {
                    Files.write(copy.resolve(name), Arrays.copyOf(whole, whole.length - 1));
                }
                var loaded = loader(copy, fixture.log().logEndOffset()).loadClean();
                assertEquals(fixture.log().logEndOffset(), loaded.state().end.offset());
                closeAll(loaded.state());
                assertEquals(
                        ByteBuffer.wrap(whole),
                        ByteBuffer.wrap(Files.readAllBytes(copy.resolve(name))),
                        name + " " + damage);
            }
        }
    }

    @Test
    void aDamagedSnapshotIsReplacedByAnOlderOneAndTheLog() throws Exception {
        write(60);
        fixture.store.close();
        var snapshots =
                fixture.files().stream().filter(f -> f.endsWith(".snapshot")).toList();
        for (int damaged = 1; damaged <= snapshots.size(); damaged++) {
            var copy = copy("snapshot" + damaged);
            for (var name : snapshots.subList(snapshots.size() - damaged, snapshots.size())) {
                var bytes = Files.readAllBytes(copy.resolve(name));
                bytes[bytes.length - 1] ^= 1;
                Files.write(copy.resolve(name), bytes);
            }
            var state = loader(copy, 0).loadClean().state();
            assertEquals(sequence(59) + 1, lastSequence(state));
            closeAll(state);
        }
        fixture.open();
    }

    @Test
    void aDamagedEpochFileIsReadBackFromTheBatches() throws Exception {
        write(40);
        var copy = copy("epochs");
        var epochs = new String(Files.readAllBytes(copy.resolve(LeaderEpochs.FILE_NAME)));
        for (var broken : List.of("", "0\n", "0\n5\n1 0\n", "x", "0\n1\nnonsense\n")) {
            Files.writeString(copy.resolve(LeaderEpochs.FILE_NAME), broken);
            closeAll(loader(copy, 0).loadUnclean().state());
            assertEquals(epochs, Files.readString(copy.resolve(LeaderEpochs.FILE_NAME)), broken);
        }
    }

    @Test
    void aLogThatLostItsSegmentsStartsWhereItShould() throws Exception {
        write(10);
        var copy = copy("lost");
        try (var paths = Files.list(copy)) {
            for (var path : paths.toList()) {
                Files.delete(path);
            }
        }
        var loader = new LogLoader(
                LogFixture.ID, copy, new LogFiles(10, FileLayer.FILE_SYSTEM), fixture.config, () -> 1, 7, 9, RECENT);
        var loaded = loader.loadUnclean();
        assertEquals(7, loaded.logStartOffset());
        assertEquals(7, loaded.state().end.offset());
        closeAll(loaded.state());
    }

    /** Stops at the n-th change of a file, as a kill does. */
    private static final class Killed extends FaultyLayer {
        int left = Integer.MAX_VALUE;

        @Override
        void before(Operation operation, Path path) throws IOException {
            if (operation != Operation.OPEN && operation != Operation.FORCE && left-- <= 0) {
                throw new IOException("killed before " + operation + " of " + path.getFileName());
            }
        }
    }

    @Test
    void aKillAtAnyStepOfARollLosesNothing() throws Exception {
        for (int step = 0; ; step++) {
            var layer = new Killed();
            var killed = new LogFixture(directory.resolve("roll" + step), Map.of());
            killed.layer = layer;
            killed.open();
            try {
                var log = killed.log();
                for (int i = 0; i < 5; i++) {
                    log.append(Batches.idempotent(1, 0, i, RECENT, "x".repeat(100)), 0, AppendOrigin.CLIENT);
                }
                var before = LogFixture.read(log, 0);
                layer.left = step;
                var rolled = rollFails(log);
                var image = killed.killed(directory.resolve("rollcopy" + step)).open();
                assertEquals(before, LogFixture.read(image.log(), 0));
                assertTrue(image.log()
                        .append(Batches.idempotent(1, 0, 4, RECENT, "x".repeat(100)), 0, AppendOrigin.CLIENT)
                        .duplicate());
                image.close();
                if (!rolled) {
                    assertTrue(step >= 3, "a roll has steps");
                    return;
                }
            } finally {
                layer.left = Integer.MAX_VALUE;
                killed.close();
            }
        }
    }

    private static boolean rollFails(PartitionLog log) {
        try {
            log.roll();
            return false;
        } catch (KafkaStorageException e) {
            return true;
        }
    }

    @Test
    void aKillAtAnyStepOfASwapLeavesTheOldOrTheNewSegments() throws Exception {
        var outcomes = new TreeSet<String>();
        for (int step = 0; ; step++) {
            var layer = new Killed();
            var killed = new LogFixture(directory.resolve("swap" + step), Map.of());
            killed.layer = layer;
            killed.open();
            try {
                var log = killed.log();
                for (int i = 0; i < 100; i++) {
                    log.append(Batches.plain(RECENT + i, "value-" + i), 0, AppendOrigin.CLIENT);
                    if (i % 20 == 19) {
                        log.roll();
                    }
                }
                var before = LogFixture.read(log, 0);
                // Every third record of the first four segments stays, in two segments.
                var old = log.maintenance().segments().subList(0, 4);
                var cleaned = List.of(
                        log.maintenance().newCleaned(0), log.maintenance().newCleaned(40));
                for (int i = 0; i < 80; i += 3) {
                    cleaned.get(i / 40)
                            .append(
                                    Batches.replicated(i, 0, RECENT + i, "value-" + i)
                                            .buffer(),
                                    killed.config);
                }
                var after = new ArrayList<>(before);
                after.removeIf(r -> offset(r) < 80 && offset(r) % 3 != 0);
                layer.left = step;
                var done = false;
                try {
                    done = log.maintenance().replace(cleaned, old, log.truncations());
                } catch (KafkaStorageException e) {
                    assertTrue(e.getCause().getMessage().contains("killed"));
                }
                var image = killed.killed(directory.resolve("swapcopy" + step)).open();
                var left = LogFixture.read(image.log(), 0);
                assertTrue(left.equals(before) || left.equals(after), "step " + step + ": " + left);
                outcomes.add(left.equals(before) ? "old" : "new");
                for (var record : left) {
                    assertEquals(
                            record, LogFixture.read(image.log(), offset(record)).get(0), "step " + step);
                }
                for (var segment : image.log().maintenance().segments()) {
                    assertTrue(segment.indexesSane(), "step " + step + ": " + segment);
                }
                image.close();
                if (done) {
                    assertEquals(after, LogFixture.read(log, 0));
                    assertEquals(Set.of("old", "new"), outcomes);
                    assertTrue(step > 6, "a swap has steps");
                    return;
                }
            } finally {
                layer.left = Integer.MAX_VALUE;
                killed.close();
            }
        }
    }

    @Test
    void aSwapIsRefusedWhenTheOldSegmentsAreGone() {
        var log = fixture.log();
        for (int i = 0; i < 6; i++) {
            log.append(Batches.plain(RECENT, "value-" + i), 0, AppendOrigin.CLIENT);
            log.roll();
        }
        var old = log.maintenance().segments().subList(0, 2);
        var cleaned = log.maintenance().newCleaned(0);
        log.updateHighWatermark(6);
        log.maintenance().deleteOldest(s -> s.baseOffset() == 0, "retention was faster");
        assertFalse(log.maintenance().replace(List.of(cleaned), old, log.truncations()));
        assertEquals("1:value-1", LogFixture.read(log, 1).get(0));
    }
}
