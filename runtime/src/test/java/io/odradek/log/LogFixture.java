package io.odradek.log;

import io.odradek.config.LogConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.common.Uuid;

/** A store in a temporary directory, with small segments and a clock that stands still. */
final class LogFixture implements AutoCloseable {
    static final LogId ID = new LogId("topic", 0, new Uuid(1, 2));

    final FakeTime time = new FakeTime();
    final ScheduledExecutorService background = Executors.newSingleThreadScheduledExecutor();
    final Path directory;
    final LogConfig config;
    FileLayer layer = FileLayer.FILE_SYSTEM;
    int maxOpenFiles = 8;
    LogStore store;

    LogFixture(Path directory, Map<String, String> settings) {
        this.directory = directory;
        this.config = config(settings);
    }

    LogFixture(Path directory) {
        this(directory, Map.of());
    }

    /** Small segments and dense indexes, unless the test says otherwise. */
    static LogConfig config(Map<String, String> settings) {
        var all = new HashMap<>(Map.of("internal.segment.bytes", "4000", "index.interval.bytes", "150"));
        all.putAll(settings);
        return LogConfig.of(all);
    }

    LogStoreConfig storeConfig(List<Path> directories) {
        return new LogStoreConfig(
                directories, "cluster", 1, config, 2, maxOpenFiles, 3_600_000, 86_400_000, 3_600_000, 1 << 27);
    }

    LogFixture open() {
        store = LogStore.open(storeConfig(List.of(directory)), time, background, layer);
        return this;
    }

    PartitionLog log() {
        return store.getOrCreate(ID, config);
    }

    void reopen() {
        store.close();
        open();
    }

    /** What is on the disk if this process is killed now, opened from a copy. */
    LogFixture killed(Path copy) {
        copyTree(directory, copy);
        var result = new LogFixture(copy, Map.of());
        result.time.advance(time.milliseconds() - result.time.milliseconds());
        return result;
    }

    static void copyTree(Path from, Path to) {
        try (var paths = Files.walk(from)) {
            for (var path : paths.toList()) {
                var target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target);
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static List<String> read(PartitionLog log, long from) {
        var result = new java.util.ArrayList<String>();
        var offset = from;
        while (true) {
            try (var slice = log.read(offset, 1 << 20, Long.MAX_VALUE, true)) {
                if (slice.isEmpty()) {
                    return result;
                }
                var records = slice.load();
                for (var batch : records.batches()) {
                    offset = batch.nextOffset();
                }
                result.addAll(Batches.contents(records));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    List<String> files() throws IOException {
        try (var paths = Files.list(directory.resolve(ID.directoryName()))) {
            return paths.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }

    @Override
    public void close() {
        if (store != null) {
            store.close();
        }
        background.shutdownNow();
    }
}
