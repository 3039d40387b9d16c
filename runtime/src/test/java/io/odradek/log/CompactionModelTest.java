package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.config.LogSettings.CleanerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random histories of a compacted log against a model. A failing seed replays. */
class CompactionModelTest {
    private static final int STEPS = 200;
    private static final int KEYS = 25;
    private static final long DELETE_RETENTION_MS = 10_000;

    @TempDir
    Path directory;

    private final CompactedLogModel model = new CompactedLogModel();
    private final Map<Long, List<CompactedLogModel.Written>> open = new TreeMap<>();
    private final Map<Long, Integer> sequences = new HashMap<>();
    private LogFixture fixture;
    private LogCleaner cleaner;
    private Random random;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void keepsWhatItMust(long seed) throws IOException {
        random = new Random(seed);
        fixture = new LogFixture(
                        directory,
                        Map.of(
                                "cleanup.policy", "compact",
                                "internal.segment.bytes", "3000",
                                "min.cleanable.dirty.ratio", "0",
                                "delete.retention.ms", Long.toString(DELETE_RETENTION_MS)))
                .open();
        cleaner = newCleaner();
        try {
            for (int step = 0; step < STEPS; step++) {
                step();
                if (step % 10 == 0) {
                    check("seed " + seed + " step " + step);
                }
            }
            finish("seed " + seed);
        } finally {
            fixture.close();
        }
    }

    private LogCleaner newCleaner() {
        // Room for few keys, so that a map that is full before the dirty section ends is met too.
        var settings = new CleanerSettings(1, Double.MAX_VALUE, 20 * KeyOffsets.ENTRY_BYTES, 0.9, 512, 15_000);
        return new LogCleaner(
                settings, () -> List.of(fixture.log()), () -> fixture.store.onlineDirectories(), fixture.time);
    }

    private void step() throws IOException {
        switch (random.nextInt(14)) {
            case 0, 1, 2, 3 -> append(-1);
            case 4, 5 -> append(100 + random.nextInt(2));
            case 6, 7, 8 -> transactional(200 + random.nextInt(3));
            case 9 -> endTransaction();
            case 10 -> fixture.log().roll();
            case 11 -> fixture.time.advance(random.nextInt(4000));
            case 12 -> clean();
            default -> {
                if (random.nextInt(5) == 0) {
                    fixture.reopen();
                    cleaner = newCleaner();
                }
            }
        }
    }

    private void append(long producerId) {
        var records = records(1 + random.nextInt(5));
        var compression =
                Compression.of(CompressionType.values()[random.nextInt(5)]).build();
        var batch = producerId < 0
                ? MemoryRecords.withRecords(compression, records)
                : MemoryRecords.withIdempotentRecords(
                        compression, producerId, (short) 0, nextSequence(producerId, records.length), records);
        append(batch, records, CompactedLogModel.Fate.COMMITTED);
    }

    private void transactional(long producerId) {
        var records = records(1 + random.nextInt(4));
        var batch = MemoryRecords.withTransactionalRecords(
                Compression.NONE, producerId, (short) 0, nextSequence(producerId, records.length), records);
        var written = append(batch, records, CompactedLogModel.Fate.OPEN);
        open.computeIfAbsent(producerId, id -> new ArrayList<>()).addAll(written);
    }

    private void endTransaction() {
        if (open.isEmpty()) {
            return;
        }
        var producerId = new ArrayList<>(open.keySet()).get(random.nextInt(open.size()));
        var commit = random.nextBoolean();
        fixture.log()
                .append(
                        Batches.marker(producerId, 0, 0, commit, fixture.time.milliseconds()),
                        0,
                        AppendOrigin.COORDINATOR);
        open.remove(producerId)
                .forEach(w -> w.fate = commit ? CompactedLogModel.Fate.COMMITTED : CompactedLogModel.Fate.ABORTED);
    }

    private int nextSequence(long producerId, int count) {
        var sequence = sequences.getOrDefault(producerId, 0);
        sequences.put(producerId, sequence + count);
        return sequence;
    }

    private List<CompactedLogModel.Written> append(
            MemoryRecords batch, SimpleRecord[] records, CompactedLogModel.Fate fate) {
        var base = fixture.log().append(batch, 0, AppendOrigin.CLIENT).baseOffset();
        var written = new ArrayList<CompactedLogModel.Written>();
        for (int i = 0; i < records.length; i++) {
            var record = new CompactedLogModel.Written(
                    base + i,
                    new String(records[i].key().array()),
                    records[i].value() == null
                            ? null
                            : new String(records[i].value().array()),
                    fixture.time.milliseconds(),
                    fate);
            model.add(record);
            written.add(record);
        }
        return written;
    }

    private SimpleRecord[] records(int count) {
        var records = new SimpleRecord[count];
        for (int i = 0; i < count; i++) {
            var value = random.nextInt(4) == 0
                    ? null
                    : ("v" + random.nextInt() + "x".repeat(random.nextInt(100))).getBytes();
            records[i] = new SimpleRecord(
                    fixture.time.milliseconds() - random.nextInt(100), ("k" + random.nextInt(KEYS)).getBytes(), value);
        }
        return records;
    }

    private void clean() {
        var log = fixture.log();
        // Followers lag: what is not replicated must not be touched.
        log.updateHighWatermark(
                random.nextInt(3) == 0
                        ? log.highWatermark() + (log.logEndOffset() - log.highWatermark()) / 2
                        : log.logEndOffset());
        for (int i = 0; i < 4 && cleaner.cleanFilthiest(); i++) {}
    }

    private void check(String context) throws IOException {
        assertEquals(Map.of(), cleaner.uncleanable(), context);
        var log = fixture.log();
        assertTrue(cleaner.cleanedUpTo(log) <= log.lastStableOffset(log.highWatermark()), context);
        model.check(log, cleaner.cleanedUpTo(log), fixture.time.milliseconds(), DELETE_RETENTION_MS, context);
    }

    private void finish(String context) throws IOException {
        while (!open.isEmpty()) {
            endTransaction();
        }
        // Twice: the first cleaning after them gives tombstones and markers their horizon.
        for (int i = 0; i < 3; i++) {
            fixture.time.advance(DELETE_RETENTION_MS + 1);
            var filler = new SimpleRecord[] {
                new SimpleRecord(fixture.time.milliseconds(), "filler".getBytes(), new byte[] {'f'})
            };
            append(MemoryRecords.withRecords(Compression.NONE, filler), filler, CompactedLogModel.Fate.COMMITTED);
            fixture.log().roll();
            fixture.log().updateHighWatermark(fixture.log().logEndOffset());
            while (cleaner.cleanFilthiest()) {}
            check(context + " at the end");
        }
        var log = fixture.log();
        assertEquals(log.logEndOffset(), cleaner.cleanedUpTo(log), context);
        assertEquals(0, model.tombstonesBelow(log, log.logEndOffset()), context);
        // A marker stays while the transaction's last batch does, as an empty one that remembers its producer's
        // sequence.
        var aborted = log.abortedTransactions(0, log.logEndOffset());
        assertEquals(
                aborted.size(),
                aborted.stream().map(AbortedTxn::producerId).distinct().count(),
                context + aborted);

        KafkaDump.check(directory.resolve(LogFixture.ID.directoryName()), true);
        checkProducersSurvive(context);
    }

    /** Their state must come out of what compaction left of their batches. */
    private void checkProducersSurvive(String context) throws IOException {
        var before = producers(fixture.log());
        fixture.store.close();
        var logDirectory = directory.resolve(LogFixture.ID.directoryName());
        try (var paths = Files.list(logDirectory)) {
            for (var path :
                    paths.filter(p -> p.toString().endsWith(".snapshot")).toList()) {
                Files.delete(path);
            }
        }
        Files.delete(directory.resolve(".kafka_cleanshutdown"));
        Files.delete(directory.resolve("recovery-point-offset-checkpoint"));
        fixture.open();
        assertEquals(before, producers(fixture.log()), context);
        check(context + " recovered");
    }

    private static Map<Long, String> producers(PartitionLog log) {
        var result = new TreeMap<Long, String>();
        for (var producer : log.activeProducers()) {
            result.put(producer.producerId(), producer.producerEpoch() + ":" + producer.lastSequence());
        }
        return result;
    }
}
