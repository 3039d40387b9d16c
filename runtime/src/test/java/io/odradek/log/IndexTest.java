package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.storage.internals.log.AbortedTxn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our indexes against sorted maps, and against Apache Kafka's reading of the same files. */
class IndexTest {
    private static final long BASE = 5_000_000_000L;

    @TempDir
    Path directory;

    private final LogFiles files = new LogFiles(4, FileLayer.FILE_SYSTEM);

    private Path path(String kind) {
        return SegmentFiles.path(directory, BASE, kind);
    }

    @Test
    void theOffsetIndexBehavesAsASortedMap() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            var file = files.file(directory.resolve("index" + seed));
            var index = new OffsetIndex(file, BASE, 0);
            var model = new TreeMap<Long, Integer>();
            var offset = BASE;
            var position = 0;
            for (int step = 0; step < 600; step++) {
                var what = random.nextInt(100);
                if (what < 90) {
                    index.append(offset, position);
                    model.put(offset, position);
                    offset += 1 + random.nextInt(10);
                    position += 1 + random.nextInt(10_000);
                } else if (what < 92 && !model.isEmpty()) {
                    var cut = BASE + random.nextInt((int) (offset - BASE) + 1);
                    index.truncateTo(cut);
                    model.tailMap(cut, true).clear();
                    offset = model.isEmpty() ? BASE : model.lastKey() + 1;
                    position = model.isEmpty() ? 0 : model.lastEntry().getValue() + 1;
                } else if (what < 95) {
                    index.file().finish();
                    index = new OffsetIndex(file, BASE, IndexFile.entriesIn(file, OffsetIndex.ENTRY_SIZE));
                } else {
                    files.closeIdle();
                }
                var wanted = BASE - 2 + random.nextInt((int) (offset - BASE) + 5);
                var floor = model.floorEntry(wanted);
                assertEquals(floor == null ? 0 : floor.getValue(), index.positionFor(wanted), "seed " + seed);
                var limit = random.nextInt(position + 2);
                var before = model.values().stream().filter(p -> p <= limit).max(Integer::compare);
                assertEquals(before.orElse(0), index.positionBefore(limit));
                assertEquals(model.isEmpty() ? BASE : model.lastKey(), index.lastOffset());
                assertEquals(model.size(), index.file().count());
            }
        }
    }

    @Test
    void theTimeIndexBehavesAsASortedMap() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            var file = files.file(directory.resolve("time" + seed));
            var index = new TimeIndex(file, BASE, 0);
            var model = new TreeMap<Long, Long>();
            var offset = BASE;
            var timestamp = 1000L;
            for (int step = 0; step < 400; step++) {
                var what = random.nextInt(100);
                if (what < 90) {
                    timestamp += random.nextInt(20) - 2;
                    index.maybeAppend(timestamp, offset);
                    if (model.isEmpty() || timestamp > model.lastKey()) {
                        model.put(timestamp, offset);
                    }
                    offset += 1 + random.nextInt(10);
                } else if (what < 92 && !model.isEmpty()) {
                    var cut = BASE + random.nextInt((int) (offset - BASE) + 1);
                    index.truncateTo(cut);
                    model.values().removeIf(o -> o >= cut);
                    offset = model.isEmpty() ? BASE : model.lastEntry().getValue() + 1;
                    timestamp = model.isEmpty() ? 1000 : model.lastKey() + 1;
                } else {
                    index.file().finish();
                    index = new TimeIndex(file, BASE, IndexFile.entriesIn(file, TimeIndex.ENTRY_SIZE));
                }
                var wanted = 990 + random.nextInt((int) (timestamp - 980));
                var lower = model.lowerEntry((long) wanted);
                assertEquals(lower == null ? BASE : lower.getValue(), index.offsetBefore(wanted), "seed " + seed);
                assertEquals(model.isEmpty() ? -1 : model.lastKey(), index.lastTimestamp());
            }
        }
    }

    @Test
    void kafkaReadsTheSameEntries() throws Exception {
        var offsets = new OffsetIndex(files.file(path(".index")), BASE, 0);
        var times = new TimeIndex(files.file(path(".timeindex")), BASE, 0);
        for (int i = 1; i <= 1000; i++) {
            offsets.append(BASE + i * 3L, i * 100);
            times.maybeAppend(10_000L + i, BASE + i * 3L);
        }
        offsets.file().finish();
        times.file().finish();
        assertEquals(8000, Files.size(path(".index")));
        assertEquals(12_000, Files.size(path(".timeindex")));
        var kafkas = new org.apache.kafka.storage.internals.log.OffsetIndex(
                path(".index").toFile(), BASE, -1, false);
        var kafkasTimes = new org.apache.kafka.storage.internals.log.TimeIndex(
                path(".timeindex").toFile(), BASE, -1, false);
        kafkas.sanityCheck();
        kafkasTimes.sanityCheck();
        assertEquals(1000, kafkas.entries());
        for (int i = 0; i < 3005; i++) {
            assertEquals(offsets.positionFor(BASE + i), kafkas.lookup(BASE + i).position());
        }
        for (int i = 0; i < 1000; i++) {
            assertEquals(10_001 + i, kafkasTimes.entry(i).timestamp());
        }
        kafkas.closeHandler();
        kafkasTimes.closeHandler();
    }

    @Test
    void kafkaReadsTheSameAbortedTransactions() throws Exception {
        var index = new TransactionIndex(files.file(path(".txnindex")));
        var ours = new ArrayList<io.odradek.log.AbortedTxn>();
        for (int i = 0; i < 10; i++) {
            var txn = new io.odradek.log.AbortedTxn(i, BASE + i, BASE + i + 10, BASE + i + 5);
            index.append(txn);
            ours.add(txn);
        }
        assertEquals(ours, index.all());
        assertTrue(TransactionIndex.isSane(index.file(), BASE));
        try (var kafkas = new org.apache.kafka.storage.internals.log.TransactionIndex(
                BASE, path(".txnindex").toFile())) {
            kafkas.sanityCheck();
            var expected = new ArrayList<AbortedTxn>();
            ours.forEach(t -> expected.add(
                    new AbortedTxn(t.producerId(), t.firstOffset(), t.lastOffset(), t.lastStableOffset())));
            assertEquals(expected, kafkas.allAbortedTxns());
        }
        index.truncateTo(BASE + 15);
        assertEquals(ours.subList(0, 5), index.all());
        assertEquals(List.of(), new TransactionIndex(files.file(directory.resolve("none"))).all());
    }
}
