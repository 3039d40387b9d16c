package io.odradek.log;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.config.LogSettings.CleanerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A compacted log that moves to another directory is not cleaned from its beginning again. */
class CleanerCheckpointsTest {
    private static final CleanerSettings SETTINGS = new CleanerSettings(1, Double.MAX_VALUE, 1 << 20, 0.9, 1 << 16, 10);
    private static final LogId NEIGHBOUR = new LogId("neighbour", 0, new Uuid(5, 6));

    @TempDir
    Path root;

    private LogFixture fixture;
    private LogStore store;

    @BeforeEach
    void open() {
        fixture = new LogFixture(
                root.resolve("unused"),
                Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0", "file.delete.delay.ms", "0"));
        store = opened();
    }

    @AfterEach
    void close() {
        store.close();
        fixture.close();
    }

    private LogStore opened() {
        return LogStore.open(
                fixture.storeConfig(List.of(directory("a"), directory("b"))), fixture.time, fixture.background);
    }

    private Path directory(String name) {
        return root.resolve(name).toAbsolutePath().normalize();
    }

    private LogCleaner cleaner() {
        return new LogCleaner(SETTINGS, () -> store.logs(), () -> store.onlineDirectories(), fixture.time);
    }

    private List<String> entries(String directory) throws IOException {
        return CheckpointFile.read(directory(directory).resolve(CleanerCheckpoints.FILE_NAME));
    }

    private PartitionLog filled(LogId id) {
        store.prefer(id.topic(), id.partition(), directory("a"));
        var log = store.getOrCreate(id, fixture.config);
        for (int i = 0; i < 30; i++) {
            var record = new SimpleRecord(fixture.time.milliseconds(), ("k" + i % 10).getBytes(), ("v" + i).getBytes());
            log.append(MemoryRecords.withRecords(Compression.NONE, record), 0, AppendOrigin.CLIENT);
        }
        log.updateHighWatermark(30);
        log.roll();
        return log;
    }

    private void move(PartitionLog log, String target) {
        assertTrue(store.move(log.id(), directory(target)));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> log.directory().path().equals(directory(target)) && !log.isMoving());
    }

    private static void cleanAll(LogCleaner cleaner) {
        while (cleaner.cleanFilthiest()) {
            assertEquals(Map.of(), cleaner.uncleanable());
        }
    }

    @Test
    void theEntryOfALogThatMovesGoesIntoTheFileOfItsNewDirectory() throws IOException {
        var log = filled(LogFixture.ID);
        filled(NEIGHBOUR);
        var cleaner = cleaner();
        cleanAll(cleaner);
        assertEquals(2, entries("a").size());

        move(log, "b");
        assertFalse(cleaner.cleanFilthiest(), "it is clean there, too");
        assertEquals(List.of("topic 0 30"), entries("b"));
        assertEquals(List.of("neighbour 0 30"), entries("a"));

        store.close();
        Files.delete(directory("a").resolve(CleanerCheckpoints.FILE_NAME)); // it may be gone with its disk
        store = opened();
        var next = cleaner();
        assertEquals(30, next.cleanedUpTo(store.get(LogFixture.ID).orElseThrow()));
    }

    @Test
    void theProcessEndsAfterTheMoveBeforeTheCleanerHasSeenIt() throws IOException {
        var log = filled(LogFixture.ID);
        cleanAll(cleaner());
        move(log, "b");
        assertEquals(List.of(), entries("b"));

        store.close();
        store = opened();
        var cleaner = cleaner();
        assertFalse(cleaner.cleanFilthiest(), "what the file of the former directory says is still true");
        assertFalse(cleaner.cleanFilthiest());
        assertEquals(List.of("topic 0 30"), entries("b"));
        assertEquals(List.of(), entries("a"));
    }

    @Test
    void anEntryIsNotInheritedByAnotherTopicOfThatName() throws IOException {
        var log = filled(LogFixture.ID);
        var cleaner = cleaner();
        cleanAll(cleaner);
        move(log, "b");
        cleaner.cleanFilthiest();
        store.delete(LogFixture.ID);
        var successor = filled(new LogId(LogFixture.ID.topic(), LogFixture.ID.partition(), new Uuid(8, 9)));
        assertEquals(-1, cleaner.cleanedUpTo(successor));
    }
}
