package io.odradek.log;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.config.LogSettings.CleanerSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogCleanerTest {
    private static final CleanerSettings SETTINGS = new CleanerSettings(1, Double.MAX_VALUE, 1 << 20, 0.9, 1 << 16, 10);

    @TempDir
    Path directory;

    private LogFixture fixture;

    @AfterEach
    void close() {
        if (fixture != null) {
            fixture.close();
        }
    }

    private PartitionLog open(Path in, Map<String, String> settings) {
        var all = new HashMap<>(Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0"));
        all.putAll(settings);
        fixture = new LogFixture(in, all).open();
        return fixture.log();
    }

    private LogCleaner cleaner() {
        return new LogCleaner(
                SETTINGS, () -> List.of(fixture.log()), () -> fixture.store.onlineDirectories(), fixture.time);
    }

    private void append(PartitionLog log, String key, String value) {
        var record = new SimpleRecord(fixture.time.milliseconds(), key.getBytes(), value.getBytes());
        log.append(MemoryRecords.withRecords(Compression.NONE, record), 0, AppendOrigin.CLIENT);
        log.updateHighWatermark(log.logEndOffset());
    }

    /** Three full segments and an active one; ten keys. */
    private void fill(PartitionLog log) {
        for (int segment = 0; segment < 3; segment++) {
            for (int i = 0; i < 10; i++) {
                append(log, "k" + (i + segment) % 10, "v" + segment + "-" + i);
            }
            log.roll();
        }
        append(log, "last", "v");
    }

    @Test
    void mergesSegmentsAndRemembersWhatIsClean() throws IOException {
        var log = open(directory, Map.of());
        fill(log);
        var cleaner = cleaner();
        assertTrue(cleaner.cleanFilthiest());
        assertEquals(2, log.segments().size());
        assertEquals(30, cleaner.cleanedUpTo(log));
        assertEquals(11, CompactedLogModel.read(log, false).size());
        assertEquals(
                List.of("0", "1", "topic 0 30"), Files.readAllLines(directory.resolve(CleanerCheckpoints.FILE_NAME)));
        assertFalse(cleaner.cleanFilthiest(), "nothing new is dirty");
        assertFalse(cleaner().cleanFilthiest(), "another cleaner reads the checkpoint");
    }

    @Test
    void otherSettingsAreHeededAtOnce() throws Exception {
        var log = open(directory, Map.of());
        var restsForever = new CleanerSettings(1, Double.MAX_VALUE, 1 << 20, 0.9, 1 << 16, Long.MAX_VALUE);
        try (var cleaner = new LogCleaner(
                restsForever, () -> List.of(log), () -> fixture.store.onlineDirectories(), fixture.time)) {
            cleaner.start();
            cleaner.reconfigure(new CleanerSettings(3, Double.MAX_VALUE, 4 << 20, 0.9, 1 << 16, Long.MAX_VALUE));
            assertEquals(3, cleaner.threads());
            fill(log);
            cleaner.reconfigure(new CleanerSettings(2, Double.MAX_VALUE, 4 << 20, 0.9, 1 << 16, 1));
            await().until(() -> cleaner.cleanedUpTo(log) == 30 && cleaner.threads() == 2);
        }
    }

    @Test
    void aTopicMadeAnewIsDirty() throws IOException {
        var log = open(directory, Map.of());
        fill(log);
        var cleaner = cleaner();
        cleaner.cleanFilthiest();
        fixture.store.delete(LogFixture.ID);
        var successor = fixture.store.getOrCreate(new LogId("topic", 0, new Uuid(3, 4)), fixture.config);
        assertEquals(-1, cleaner.cleanedUpTo(successor));
    }

    @Test
    void waitsForEnoughDirt() {
        var log = open(directory, Map.of("min.cleanable.dirty.ratio", "0.6"));
        fill(log);
        var cleaner = cleaner();
        assertTrue(cleaner.cleanFilthiest());
        append(log, "k1", "again");
        log.roll();
        assertFalse(cleaner.cleanFilthiest(), "one record of eleven is too little");
    }

    @Test
    void doesNotWaitLongerThanTheMaximumLag() {
        var log = open(directory, Map.of("min.cleanable.dirty.ratio", "1", "max.compaction.lag.ms", "1000"));
        fill(log);
        var cleaner = cleaner();
        assertFalse(cleaner.cleanFilthiest());
        fixture.time.advance(1001);
        assertTrue(cleaner.cleanFilthiest());
    }

    @Test
    void leavesALogThatIsDamagedAndReportsIt() throws IOException {
        var log = open(directory, Map.of());
        fill(log);
        var first = log.path().resolve("00000000000000000000.log");
        try (var channel = FileChannel.open(first, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {42}), 100);
        }
        var cleaner = cleaner();
        assertTrue(cleaner.cleanFilthiest());
        assertTrue(cleaner.uncleanable().get(LogFixture.ID).contains("checksum"), cleaner.uncleanable()::toString);
        assertFalse(cleaner.cleanFilthiest(), "it is not tried again");
        assertEquals(4, log.segments().size());
        assertFalse(fixture.files().stream().anyMatch(f -> f.contains(SegmentFiles.CLEANED)), "nothing is left behind");
    }

    @Test
    void givesUpWhenTheLogIsTruncatedMeanwhile() throws IOException {
        var log = open(directory, Map.of());
        fill(log);
        var dirty = DirtyLog.of(log.segments(), log.config(), -1, 0, log.highWatermark(), fixture.time.milliseconds());
        var cleaning = new LogCleaning(log, dirty, 1 << 16, unthrottled(), () -> false, fixture.time.milliseconds());
        log.truncateTo(15);
        for (int i = 0; i < 20; i++) {
            append(log, "k" + i % 10, "new" + i);
        }
        log.roll();
        append(log, "last", "v");
        var before = CompactedLogModel.read(log, false);
        assertThrows(SegmentCleaner.AbandonedException.class, () -> cleaning.run(1 << 20, 0.9));
        assertEquals(before, CompactedLogModel.read(log, false));
    }

    @Test
    void stopsWhenAsked() throws IOException {
        var log = open(directory, Map.of());
        fill(log);
        var dirty = DirtyLog.of(log.segments(), log.config(), -1, 0, log.highWatermark(), fixture.time.milliseconds());
        var asked = new int[1];
        var cleaning =
                new LogCleaning(log, dirty, 1 << 16, unthrottled(), () -> ++asked[0] > 5, fixture.time.milliseconds());
        assertThrows(SegmentCleaner.AbandonedException.class, () -> cleaning.run(1 << 20, 0.9));
        assertEquals(4, log.segments().size());
        assertFalse(fixture.files().stream().anyMatch(f -> f.contains(SegmentFiles.CLEANED)));
    }

    @Test
    void aBatchLargerThanTheBufferIsCleanedToo() throws IOException {
        var log = open(directory, Map.of("internal.segment.bytes", "100000"));
        var value = new byte[20_000];
        new Random(1).nextBytes(value);
        for (int i = 0; i < 3; i++) {
            log.append(
                    MemoryRecords.withRecords(
                            Compression.NONE, new SimpleRecord(fixture.time.milliseconds(), "k".getBytes(), value)),
                    0,
                    AppendOrigin.CLIENT);
        }
        log.roll();
        append(log, "last", "v");
        var settings = new CleanerSettings(1, Double.MAX_VALUE, 1 << 20, 0.9, 0, 10);
        var cleaner =
                new LogCleaner(settings, () -> List.of(log), () -> fixture.store.onlineDirectories(), fixture.time);
        assertTrue(cleaner.cleanFilthiest());
        assertEquals(Map.of(), cleaner.uncleanable());
        assertEquals(2, CompactedLogModel.read(log, false).size());
    }

    @Test
    void keepsBelowItsRate() {
        var time = new FakeTime();
        var throttle = new IoThrottle(1000, time);
        var start = time.milliseconds();
        for (int i = 0; i < 11; i++) {
            throttle.acquire(500);
        }
        assertEquals(5000, time.milliseconds() - start, 10);
        throttle.rate(10_000);
        for (int i = 0; i < 11; i++) {
            throttle.acquire(500);
        }
        assertEquals(5500, time.milliseconds() - start, 10);
    }

    @Test
    void itsThreadsCleanByThemselvesAndEnd() {
        var log = open(directory, Map.of());
        fill(log);
        try (var cleaner = cleaner()) {
            cleaner.start();
            Awaitility.await().until(() -> log.segments().size() == 2);
            assertTrue(threadNames().contains("log-cleaner-0"));
        }
        assertFalse(threadNames().contains("log-cleaner-0"));
    }

    private static Set<String> threadNames() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).collect(Collectors.toSet());
    }

    private IoThrottle unthrottled() {
        return new IoThrottle(Double.MAX_VALUE, fixture.time);
    }

    /** Something is in the way of one rename after the other: what is there then is what a crash leaves behind. */
    @Test
    void aCrashWithinTheSwapLeavesTheOldOrTheNew() throws IOException {
        var original = directory.resolve("original");
        fill(open(original, Map.of()));
        var old = CompactedLogModel.read(fixture.log(), false);
        fixture.close();
        var cleaned = List.<CompactedLogModel.Found>of();

        var names = new ArrayList<String>();
        for (var kind : List.of(".log", ".index", ".timeindex")) {
            names.add("00000000000000000000" + kind + ".swap");
            for (var base : List.of("00", "10", "20")) {
                names.add("000000000000000000" + base + kind + ".deleted");
            }
        }
        names.add("nothing is in the way");
        var outcomes = new ArrayList<String>();
        for (var name : names) {
            var copy = directory.resolve("crash " + name);
            LogFixture.copyTree(original, copy);
            var log = open(copy, Map.of());
            var obstacle = Files.createDirectories(log.path().resolve(name));
            Files.createFile(obstacle.resolve("not empty"));
            cleaner().cleanFilthiest();
            var failed = fixture.store.list().isEmpty();
            assertEquals(name.startsWith("0"), failed, name);
            crash(log.path(), obstacle);
            var after = open(copy, Map.of());
            var found = CompactedLogModel.read(after, false);
            if (!failed) {
                cleaned = found;
            }
            outcomes.add(name + ": " + found);
            KafkaDump.check(after.path(), true);
            fixture.close();
        }
        assertEquals(11, cleaned.size());
        for (var outcome : outcomes) {
            assertTrue(outcome.endsWith(old.toString()) || outcome.endsWith(cleaned.toString()), outcome);
        }
    }

    /** The last renames, in the order in which they happen. */
    @Test
    void aCrashAfterTheOldSegmentsAreGoneLeavesTheNew() throws IOException {
        var original = directory.resolve("original");
        fill(open(original, Map.of()));
        cleaner().cleanFilthiest();
        var cleaned = CompactedLogModel.read(fixture.log(), false);
        var name = fixture.log().path().getFileName();
        fixture.close();
        var kinds = List.of(".log", ".index", ".timeindex");
        for (int renamed = 0; renamed <= kinds.size(); renamed++) {
            var copy = directory.resolve("crash " + renamed);
            LogFixture.copyTree(original, copy);
            for (var kind : kinds.subList(renamed, kinds.size())) {
                var file = copy.resolve(name).resolve("00000000000000000000" + kind);
                Files.move(file, file.resolveSibling(file.getFileName() + ".swap"), StandardCopyOption.ATOMIC_MOVE);
            }
            Files.deleteIfExists(copy.resolve(".kafka_cleanshutdown"));
            var after = open(copy, Map.of());
            assertEquals(cleaned, CompactedLogModel.read(after, false), "after " + renamed + " renames");
            KafkaDump.check(after.path(), true);
            fixture.close();
        }
    }

    private void crash(Path logDirectory, Path obstacle) throws IOException {
        try {
            fixture.close();
        } catch (KafkaStorageException e) {
            // Its only directory is offline.
        }
        Files.deleteIfExists(directory.resolve(".kafka_cleanshutdown"));
        if (Files.isDirectory(obstacle)) {
            Files.delete(obstacle.resolve("not empty"));
            Files.delete(obstacle);
        }
        assertTrue(Files.isDirectory(logDirectory));
    }
}
