package io.odradek.log;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.config.QuotaSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.LogDirNotFoundException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs on their way between log directories. */
class LogMoveTest {
    private static final LogId ID = LogFixture.ID;

    @TempDir
    Path root;

    private LogFixture fixture;
    private ByteQuota quota;
    private LogStore store;

    @BeforeEach
    void prepare() {
        fixture = new LogFixture(root.resolve("unused"), Map.of("file.delete.delay.ms", "0"));
        quota = new ByteQuota(new QuotaSettings.Window(1, 1), fixture.time);
        store = open(root);
    }

    @AfterEach
    void close() {
        store.close();
        fixture.close();
    }

    private static Path directory(Path root, String name) {
        return root.resolve(name).toAbsolutePath().normalize();
    }

    private Path directory(String name) {
        return directory(root, name);
    }

    private LogStore open(Path where) {
        var opened = LogStore.lock(
                fixture.storeConfig(List.of(directory(where, "a"), directory(where, "b"), directory(where, "c"))),
                fixture.time,
                fixture.background);
        opened.moveWith(2, quota);
        opened.load();
        return opened;
    }

    /** Nothing is copied until {@link #release}. */
    private void hold() {
        quota.limit(1);
        quota.record(1 << 20);
    }

    private void release() {
        quota.limit(Long.MAX_VALUE);
    }

    private PartitionLog log() {
        return store.getOrCreate(ID, fixture.config);
    }

    private static void append(PartitionLog log, int epoch, String value) {
        log.append(Batches.plain(log.logEndOffset() * 10, value), epoch, AppendOrigin.CLIENT);
    }

    private PartitionLog filled(int records) {
        store.prefer(ID.topic(), ID.partition(), directory("a"));
        var log = log();
        for (int i = 0; i < records; i++) {
            append(log, 1, "value-" + i);
        }
        log.updateHighWatermark(records);
        return log;
    }

    private static void awaitMoved(PartitionLog log, Path target) {
        await("it has moved")
                .atMost(Duration.ofSeconds(60))
                .until(() -> log.directory().path().equals(target) && !log.isMoving());
    }

    /** Offsets and values. */
    private static List<String> content(PartitionLog log) {
        var content = new ArrayList<String>();
        for (long offset = log.logStartOffset(); offset < log.logEndOffset(); ) {
            try (var slice = log.read(offset, 1 << 20, Long.MAX_VALUE, true)) {
                for (var batch : slice.load().batches()) {
                    for (var record : batch) {
                        if (record.offset() >= offset) {
                            var bytes = new byte[record.valueSize()];
                            record.value().get(bytes);
                            content.add(record.offset() + "@" + batch.partitionLeaderEpoch() + "=" + new String(bytes));
                        }
                    }
                    offset = batch.nextOffset();
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return content;
    }

    private List<String> files(Path where, String name) {
        try (var paths = Files.list(directory(where, name))) {
            return paths.filter(Files::isDirectory)
                    .map(p -> p.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theLogIsInTheOtherDirectoryAndGoesOn() {
        var log = filled(500);
        log.assignEpochStart(3, 500);
        var before = content(log);

        assertTrue(store.move(ID, directory("b")));
        awaitMoved(log, directory("b"));

        assertEquals(before, content(log));
        append(log, 3, "later");
        assertEquals(501, log.logEndOffset());
        assertEquals(3, log.latestEpoch());
        await("the old files are gone").until(() -> files(root, "a").isEmpty());
        assertEquals(List.of("topic-0"), files(root, "b"));
        var after = content(log);
        store.close();
        store = open(root);
        assertEquals(after, content(log()));
        assertEquals(new EpochEndOffset(1, 500), log().endOffsetForEpoch(1));
        assertEquals(500, log().highWatermark());
    }

    @Test
    void whatHappensMeanwhileHappensToTheCopyToo() {
        var log = filled(300);
        hold();
        store.move(ID, directory("b"));
        await().until(() -> !store.describe().get(1).coming().isEmpty());
        assertEquals(300, store.describe().get(1).coming().get(ID).offsetLag());

        log.deleteRecordsBefore(120);
        log.truncateTo(290);
        append(log, 2, "other branch");
        var before = content(log);
        release();
        awaitMoved(log, directory("b"));

        assertEquals(before, content(log));
        assertEquals(120, log.logStartOffset());
        assertEquals(new EpochEndOffset(1, 290), log.endOffsetForEpoch(1));
    }

    @Test
    void whatIsCutOffAfterItWasCopiedIsCutOffThereToo() {
        var log = filled(300);
        var move = move(log, "b");
        assertEquals(FutureLog.Progress.CAUGHT_UP, move.step());
        assertEquals(300, move.copy().logEndOffset());

        log.truncateTo(290);
        for (int i = 0; i < 20; i++) {
            append(log, 2, "other branch");
        }
        assertEquals(FutureLog.Progress.CAUGHT_UP, move.step());
        assertEquals(content(log), content(move.copy()));
        log.truncateFullyAndStartAt(1_000);
        append(log, 3, "anew");
        assertEquals(FutureLog.Progress.CAUGHT_UP, move.step());
        assertEquals(content(log), content(move.copy()));
        append(log, 3, "last");
        var before = content(log);
        assertTrue(move.takeOver("gone-delete"));
        assertEquals(before, content(log));
        assertEquals(directory("b"), log.directory().path());
        assertFalse(move.cancel());
    }

    /** One that nobody drives but the test. */
    private FutureLog move(PartitionLog log, String target) {
        var directory = new LogDirectory(directory(target));
        var core = new LogCore(
                ID, "topic-0.1f-future", directory, store.environment(), fixture.config, LogCheckpoint.ZERO);
        try {
            Files.createDirectory(core.path());
            PartitionMetadata.write(core.path(), ID.topicId());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return new FutureLog(log, new PartitionLog(core, 0), quota);
    }

    @Test
    void aLogThatBeginsInTheMiddleOfABatchIsCopied() {
        var log = filled(3);
        log.append(Batches.plain(50, "x", "y", "z"), 1, AppendOrigin.CLIENT);
        log.updateHighWatermark(6);
        log.deleteRecordsBefore(4);

        store.move(ID, directory("b"));
        awaitMoved(log, directory("b"));

        assertEquals(4, log.logStartOffset());
        assertEquals(List.of("4@1=y", "5@1=z"), content(log));
    }

    @Test
    void afterAKillTheCopyGoesOn() {
        var log = filled(300);
        var move = move(log, "b");
        move.step();
        append(log, 1, "not copied");
        var killed = root.resolve("killed");
        for (var name : List.of("a", "b", "c")) {
            LogFixture.copyTree(directory(name), directory(killed, name));
        }

        try (var after = open(killed)) {
            var again = after.getOrCreate(ID, fixture.config);
            awaitMoved(again, directory(killed, "b"));
            assertEquals(content(log), content(again));
        }
    }

    @Test
    void afterAKillWhatTheLogHasLostIsCutOffTheCopy() {
        var log = filled(300);
        var move = move(log, "b");
        move.step();
        log.configure(LogFixture.config(Map.of())); // else files go away while they are copied below
        log.truncateTo(200);
        append(log, 2, "other branch");
        var killed = root.resolve("killed");
        for (var name : List.of("a", "b", "c")) {
            LogFixture.copyTree(directory(name), directory(killed, name));
        }

        try (var after = open(killed)) {
            var again = after.getOrCreate(ID, fixture.config);
            awaitMoved(again, directory(killed, "b"));
            assertEquals(content(log), content(again));
        }
    }

    /** The log has made room and the copy is not in its place yet: it must be, or everything is lost. */
    @Test
    void afterAKillBetweenTheRenamesTheCopyIsTheLog() throws IOException {
        var log = filled(300);
        var move = move(log, "b");
        move.step();
        assertTrue(move.takeOver(MovedLogs.deletedName(move.copy().path())));
        var killed = root.resolve("killed");
        for (var name : List.of("a", "b", "c")) {
            LogFixture.copyTree(directory(name), directory(killed, name));
        }
        assertEquals(List.of("topic-0.1f-delete"), files(killed, "a"));
        Files.move(
                directory(killed, "b").resolve("topic-0"),
                directory(killed, "b").resolve("topic-0.1f-future"));

        try (var after = open(killed)) {
            var again = after.getOrCreate(ID, fixture.config);
            assertEquals(content(log), content(again));
            assertEquals(directory(killed, "b"), again.directory().path());
            await().until(() -> files(killed, "a").isEmpty());
        }
    }

    @Test
    void aCopyOfALogThatIsGoneIsRemoved() throws IOException {
        store.close();
        Files.createDirectory(directory("b").resolve("topic-0.1f-future"));
        store = open(root);

        await().until(() -> files(root, "b").isEmpty());
        assertEquals(List.of(), List.copyOf(store.list()));
    }

    @Test
    void itIsCalledOffByMovingBackAndGoesElsewhereInstead() {
        var log = filled(100);
        hold();
        store.move(ID, directory("b"));
        assertTrue(log.isMoving());
        store.move(ID, directory("a"));
        assertFalse(log.isMoving());
        await().until(() -> files(root, "b").isEmpty());

        store.move(ID, directory("b"));
        store.move(ID, directory("c"));
        release();
        awaitMoved(log, directory("c"));
        await().until(() -> files(root, "b").isEmpty() && files(root, "a").isEmpty());
    }

    @Test
    void aLogThatIsDeletedTakesItsCopyWithIt() {
        filled(100);
        hold();
        store.move(ID, directory("b"));

        store.delete(ID);

        await().until(() -> files(root, "a").isEmpty() && files(root, "b").isEmpty());
    }

    @Test
    void closingAndOpeningGoesOn() {
        var log = filled(300);
        hold();
        store.move(ID, directory("b"));
        var before = content(log);
        store.close();
        release();
        store = open(root);

        var again = log();
        awaitMoved(again, directory("b"));
        assertEquals(before, content(again));
    }

    @Test
    void whatIsNotThereYetIsMadeWhereItIsWanted() {
        assertFalse(store.move(ID, directory("c")));

        assertEquals(directory("c"), log().directory().path());
        assertThrows(LogDirNotFoundException.class, () -> store.move(ID, root.resolve("elsewhere")));
        assertThrows(LogDirNotFoundException.class, () -> store.move(ID, Path.of("c")));
        var longName = new LogId("t".repeat(240), 0, Uuid.ONE_UUID);
        assertThrows(InvalidTopicException.class, () -> store.move(longName, directory("c")));
    }

    /** With an fsync for each append, so that the flush threads of both directories take part. */
    @ParameterizedTest
    @ValueSource(strings = {"page-cache", "fsync"})
    void manyMovesUnderLoadLoseNothing(String durability) throws Exception {
        var random = new Random(durability.hashCode());
        store.prefer(ID.topic(), ID.partition(), directory("a"));
        var log = store.getOrCreate(
                ID, LogFixture.config(Map.of("file.delete.delay.ms", "0", "odradek.durability", durability)));
        var expected = new ArrayList<String>();
        int epoch = 1;
        var failure = new AtomicReference<Throwable>();
        var stop = new AtomicBoolean();
        var reader = new Thread(() -> {
            while (!stop.get() && failure.get() == null) {
                try (var slice = log.read(0, 1 << 20, log.logEndOffset(), true)) {
                    assertTrue(slice.sizeInBytes() >= 0);
                    log.segments();
                    log.offsetForTimestamp(1);
                } catch (OffsetOutOfRangeException e) {
                    Thread.onSpinWait(); // cut off meanwhile
                } catch (RuntimeException e) {
                    failure.set(e);
                }
            }
        });
        reader.start();
        for (int round = 0; round < 12; round++) {
            var target = directory(List.of("a", "b", "c").get(random.nextInt(3)));
            store.move(ID, target);
            for (int i = 0; i < 100; i++) {
                if (random.nextInt(30) == 0) {
                    int keep = expected.size() - random.nextInt(Math.min(20, expected.size() + 1));
                    log.truncateTo(keep);
                    expected.subList(keep, expected.size()).clear();
                    epoch++;
                }
                var value = round + "/" + i;
                long offset = expected.size();
                append(log, epoch, value);
                expected.add(offset + "@" + epoch + "=" + value);
            }
            long end = expected.size();
            await("all is durable").until(() -> log.durableEndOffset() >= end);
            awaitMoved(log, target);
            assertEquals(expected, content(log));
        }
        stop.set(true);
        reader.join();
        assertNull(failure.get());
        store.close();
        store = open(root);
        assertEquals(expected, content(log()));
    }
}
