package io.odradek.log;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InconsistentTopicIdException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogStoreTest {
    @TempDir
    Path root;

    private LogFixture fixture;
    private Path first;
    private Path second;

    @BeforeEach
    void prepare() {
        first = root.resolve("first");
        second = root.resolve("second");
        fixture = new LogFixture(first, Map.of("file.delete.delay.ms", "0"));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private LogStore open(Path... directories) {
        return open(FileLayer.FILE_SYSTEM, directories);
    }

    private LogStore open(FileLayer layer, Path... directories) {
        return LogStore.open(fixture.storeConfig(List.of(directories)), fixture.time, fixture.background, layer);
    }

    private static LogId id(String topic, int partition) {
        return new LogId(topic, partition, new Uuid(topic.hashCode(), 1));
    }

    private static void append(PartitionLog log, String value) {
        log.append(Batches.plain(1, value), 0, AppendOrigin.CLIENT);
    }

    private String refusal(Path... directories) {
        return assertThrows(IllegalStateException.class, () -> open(directories))
                .getMessage();
    }

    @Test
    void aNewDirectoryIsClaimedAsKafkaDoes() throws Exception {
        assertEquals(Optional.empty(), LogStore.clusterIdOf(List.of(first)));
        open(first).close();
        var properties = Files.readAllLines(first.resolve("meta.properties"));
        assertTrue(properties.containsAll(List.of("cluster.id=cluster", "node.id=1", "version=1")), properties + "");
        assertEquals(Optional.of("cluster"), LogStore.clusterIdOf(List.of(first)));
        try (var store = open(first)) {
            var described = store.describe().get(0);
            assertTrue(properties.contains("directory.id=" + described.directoryId()));
            assertTrue(described.online() && described.usableBytes() > 0);
        }
    }

    @Test
    void aForeignOrNewerOrBrokenDirectoryIsRefusedWithOneLine() throws Exception {
        open(first).close();
        var meta = first.resolve("meta.properties");
        var good = Files.readString(meta);
        Files.writeString(meta, good.replace("node.id=1", "node.id=2"));
        assertEquals("Log directory " + first + " belongs to node 2, this broker is node 1", refusal(first));
        Files.writeString(meta, good.replace("cluster.id=cluster", "cluster.id=other"));
        assertEquals(
                "Log directory " + first + " belongs to cluster other, this broker is of cluster cluster",
                refusal(first));
        Files.writeString(meta, good.replace("version=1", "version=2"));
        assertTrue(refusal(first).contains("format version 2"));
        Files.writeString(meta, "version=1\nnode.id=1\n");
        assertTrue(refusal(first).contains("cluster.id is missing"));
        Files.writeString(meta, good);
        open(first).close();
    }

    /** KIP-966: which life of the broker it was that lost nothing. */
    @Test
    void theBrokerEpochOfACleanShutdownIsKnownAfterwards() throws Exception {
        try (var store = open(first, second)) {
            assertEquals(-1, store.previousBrokerEpoch());
            store.registered(7);
        }
        try (var store = open(first, second)) {
            assertEquals(7, store.previousBrokerEpoch());
            store.registered(8);
        }
        Files.delete(second.resolve(".kafka_cleanshutdown"));
        try (var store = open(first, second)) {
            assertEquals(-1, store.previousBrokerEpoch(), "one of them was not closed properly");
        }
    }

    @Test
    void aDirectoryIsLockedWhileInUse() {
        try (var store = open(first)) {
            assertTrue(refusal(first).contains("is in use"));
            assertEquals(1, store.describe().size());
        }
        open(first).close();
    }

    @Test
    void aNewLogGoesToTheDirectoryWithTheFewest() {
        try (var store = open(first, second)) {
            for (int i = 0; i < 4; i++) {
                store.createNew(id("a", i), fixture.config);
            }
            store.delete(id("a", 0));
            store.delete(id("a", 2));
            for (int i = 4; i < 8; i++) {
                store.createNew(id("a", i), fixture.config);
            }
            for (var directory : store.describe()) {
                assertEquals(3, directory.sizes().size());
            }
        }
    }

    @Test
    void aCleanRestartReadsNothingAndKnowsEverything() throws Exception {
        try (var store = open(first)) {
            for (int i = 0; i < 20; i++) {
                append(store.createNew(id("a", i), fixture.config), "x");
            }
        }
        assertTrue(Files.exists(first.resolve(".kafka_cleanshutdown")));
        try (var store = open(first)) {
            assertFalse(Files.exists(first.resolve(".kafka_cleanshutdown")), "from now on it is not clean");
            assertEquals(20, store.list().size());
            for (int i = 0; i < 20; i++) {
                var log = store.get(id("a", i)).orElseThrow();
                assertEquals(1, log.logEndOffset());
                assertEquals(1, log.durableEndOffset());
                assertTrue(log.isDormant());
            }
        }
    }

    @Test
    void aKillLosesNothingThatWasWritten() {
        try (var store = open(first)) {
            for (int i = 0; i < 20; i++) {
                append(store.createNew(id("a", i), fixture.config), "x" + i);
            }
            LogFixture.copyTree(first, second);
            try (var copy = open(second)) {
                for (int i = 0; i < 20; i++) {
                    var log = copy.get(id("a", i)).orElseThrow();
                    assertTrue(log.isDormant(), "recovery leaves nothing in the heap");
                    assertEquals(1, log.logEndOffset());
                    assertEquals(List.of("0:x" + i), LogFixture.read(log, 0));
                }
            }
        }
    }

    @Test
    void checkpointsAreKafkasFiles() throws Exception {
        try (var store = open(first)) {
            var log = store.createNew(id("a", 3), fixture.config);
            append(log, "x");
            append(log, "y");
            append(log, "z");
            log.updateHighWatermark(2);
            log.deleteRecordsBefore(1);
            store.checkpoint();
            assertEquals(
                    List.of("0", "1", "a 3 2"), Files.readAllLines(first.resolve("replication-offset-checkpoint")));
            assertEquals(List.of("0", "1", "a 3 1"), Files.readAllLines(first.resolve("log-start-offset-checkpoint")));
            assertEquals(
                    List.of("0", "1", "a 3 0"), Files.readAllLines(first.resolve("recovery-point-offset-checkpoint")));
            log.flush();
            store.checkpoint();
            assertEquals(
                    List.of("0", "1", "a 3 3"), Files.readAllLines(first.resolve("recovery-point-offset-checkpoint")));
        }
        try (var store = open(first)) {
            var log = store.get(id("a", 3)).orElseThrow();
            assertEquals(2, log.highWatermark());
            assertEquals(1, log.logStartOffset());
        }
    }

    @Test
    void damagedCheckpointsOnlyMeanMoreWork() throws Exception {
        try (var store = open(first)) {
            append(store.createNew(id("a", 0), fixture.config), "x");
        }
        for (var name : List.of(
                "recovery-point-offset-checkpoint", "log-start-offset-checkpoint", "replication-offset-checkpoint")) {
            Files.writeString(first.resolve(name), "0\n7\nnonsense");
        }
        try (var store = open(first)) {
            assertEquals(List.of("0:x"), LogFixture.read(store.get(id("a", 0)).orElseThrow(), 0));
        }
    }

    @Test
    void aDeletedLogIsGoneAtOnceAndItsFilesLater() throws Exception {
        try (var store = open(first)) {
            var id = id("long".repeat(60), 0);
            var log = store.createNew(id, fixture.config);
            append(log, "x");
            store.delete(id);
            store.delete(id);
            assertEquals(Optional.empty(), store.get(id));
            assertThrows(KafkaStorageException.class, () -> append(log, "y"));
            assertThrows(KafkaStorageException.class, () -> log.read(0, 100, 1, true));
            append(store.createNew(id, fixture.config), "successor");
            await().until(() -> names(first).stream().noneMatch(n -> n.endsWith("-delete")));
        }
        Files.createDirectory(first.resolve("left-0.abc-delete"));
        try (var store = open(first)) {
            assertEquals(1, store.list().size());
            await().until(() -> names(first).stream().noneMatch(n -> n.endsWith("-delete")));
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (var paths = Files.list(directory)) {
            return paths.map(p -> p.getFileName().toString()).toList();
        }
    }

    @Test
    void aLogIsNeverTakenForThatOfAnotherTopicId() {
        var old = new LogId("a", 0, new Uuid(1, 1));
        var successor = new LogId("a", 0, new Uuid(1, 2));
        try (var store = open(first)) {
            append(store.createNew(old, fixture.config), "old");
        }
        try (var store = open(first)) {
            assertEquals(Set.of(old), Set.copyOf(store.list()));
            assertEquals(Optional.empty(), store.get(successor));
            assertThrows(InconsistentTopicIdException.class, () -> store.getOrCreate(successor, fixture.config));
            store.delete(old);
            assertEquals(0, store.getOrCreate(successor, fixture.config).logEndOffset());
        }
    }

    @Test
    void aLogWithoutTopicIdTakesThatOfItsTopic() throws Exception {
        try (var store = open(first)) {
            append(store.createNew(id("a", 0), fixture.config), "x");
        }
        Files.delete(first.resolve("a-0").resolve(PartitionMetadata.FILE_NAME));
        try (var store = open(first)) {
            assertEquals(List.of(new LogId("a", 0, Uuid.ZERO_UUID)), List.copyOf(store.list()));
            assertEquals(List.of("0:x"), LogFixture.read(store.getOrCreate(id("a", 0), fixture.config), 0));
        }
        try (var store = open(first)) {
            assertTrue(store.get(id("a", 0)).isPresent());
        }
    }

    @Test
    void foreignDirectoriesAreLeftAlone() throws Exception {
        Files.createDirectories(first.resolve("lost+found"));
        Files.createDirectories(first.resolve("__cluster_metadata-0"));
        try (var store = open(first)) {
            assertTrue(store.list().isEmpty());
        }
        assertTrue(Files.exists(first.resolve("__cluster_metadata-0")));
    }

    @Test
    void twoLogsOfOnePartitionAreRefused() {
        try (var store = open(first)) {
            store.createNew(id("a", 0), fixture.config);
        }
        try (var store = open(second)) {
            store.createNew(id("a", 0), fixture.config);
        }
        assertTrue(refusal(first, second).startsWith("There are two logs of a-0"));
    }

    /** Fails every write below a directory. */
    private static final class FullDisk extends FaultyLayer {
        private final Path directory;
        volatile Operation broken = Operation.WRITE;
        volatile boolean full;

        FullDisk(Path directory) {
            this.directory = directory;
        }

        @Override
        void before(Operation operation, Path path) throws IOException {
            if (full && operation == broken && path.startsWith(directory)) {
                throw new IOException("No space left on device");
            }
        }
    }

    @Test
    void aDirectoryThatFailsGoesOfflineAlone() {
        var disk = new FullDisk(first);
        var offline = new ConcurrentHashMap<Path, Set<LogId>>();
        try (var store = open(disk, first, second)) {
            store.onOffline(offline::put);
            var logs = IntStream.range(0, 4)
                    .mapToObj(i -> store.createNew(id("a", i), fixture.config))
                    .toList();
            logs.forEach(l -> append(l, "x"));
            disk.full = true;
            var doomed = logs.stream().filter(l -> l.path().startsWith(first)).toList();
            var healthy = logs.stream().filter(l -> l.path().startsWith(second)).toList();
            assertThrows(KafkaStorageException.class, () -> append(doomed.get(0), "y"));
            await().until(() -> offline.containsKey(first));
            assertEquals(Set.of(doomed.get(0).id(), doomed.get(1).id()), offline.get(first));
            disk.full = false;
            assertThrows(KafkaStorageException.class, () -> append(doomed.get(0), "never retried"));
            assertThrows(KafkaStorageException.class, () -> append(doomed.get(1), "same directory"));
            healthy.forEach(l -> append(l, "y"));
            assertEquals(2, store.list().size());
            assertFalse(store.describe().get(0).online());
            assertTrue(store.describe().get(1).online());
            assertThrows(
                    KafkaStorageException.class,
                    () -> store.getOrCreate(doomed.get(0).id(), fixture.config));
            assertTrue(store.createNew(id("b", 0), fixture.config).path().startsWith(second));
        }
        assertFalse(Files.exists(first.resolve(".kafka_cleanshutdown")));
        assertTrue(Files.exists(second.resolve(".kafka_cleanshutdown")));
        try (var store = open(first, second)) {
            for (int i = 0; i < 4; i++) {
                assertEquals(
                        "0:x",
                        LogFixture.read(store.get(id("a", i)).orElseThrow(), 0).get(0));
            }
        }
    }

    @Test
    void aDirectoryThatCannotBeOpenedHidesItsLogs() throws Exception {
        try (var store = open(first, second)) {
            store.createNew(id("a", 0), fixture.config);
            store.createNew(id("a", 1), fixture.config);
        }
        var moved = root.resolve("moved");
        Files.move(first, moved);
        Files.createFile(first);
        try (var store = open(first, second)) {
            assertEquals(1, store.list().size());
            assertThrows(KafkaStorageException.class, () -> store.getOrCreate(id("b", 0), fixture.config));
            assertEquals(0, store.createNew(id("b", 0), fixture.config).logEndOffset());
        }
        assertTrue(refusal(first).startsWith("No log directory is usable"));
    }

    @Test
    void directoriesHaveIdsOfTheirOwn() {
        try (var store = open(first, second)) {
            var ids = store.describe().stream()
                    .map(LogDirectoryDescription::directoryId)
                    .toList();
            assertNotEquals(ids.get(0), ids.get(1));
        }
    }
}
