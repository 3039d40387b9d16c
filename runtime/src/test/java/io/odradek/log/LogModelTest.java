package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log against a list in memory: random appends, reads, truncations, deletions, restarts and kills. */
class LogModelTest {
    @TempDir
    Path directory;

    private record Batch(
            long baseOffset, long lastOffset, List<String> contents, int size, long timestamp, int epoch) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void behavesAsAList(long seed) throws Exception {
        var random = new Random(seed);
        var batches = new ArrayList<Batch>();
        var next = 0L;
        var start = 0L;
        var epoch = 0;
        var fixture = new LogFixture(
                directory.resolve("0"),
                Map.of("index.interval.bytes", List.of("0", "100", "1000").get(random.nextInt(3))));
        fixture.open();
        try {
            var log = fixture.log();
            for (int step = 0; step < 250; step++) {
                switch (random.nextInt(20)) {
                    case 0 -> {
                        fixture.reopen();
                        log = fixture.log();
                    }
                    case 1 -> {
                        log.flush();
                        log.rest();
                        log.rest();
                    }
                    case 2 -> {
                        fixture.store.checkpoint();
                        var killed = fixture.killed(directory.resolve(String.valueOf(step + 1)));
                        fixture.close();
                        fixture = killed.open();
                        log = fixture.log();
                        if (log.logStartOffset() != start) {
                            // The kill came between a deletion and its checkpoint: whole segments may be back.
                            assertTrue(log.logStartOffset() < start);
                            start = log.logStartOffset();
                        }
                    }
                    case 3 -> log.roll();
                    case 4 -> {
                        if (random.nextInt(4) == 0 && !batches.isEmpty()) {
                            var at = batches.get(random.nextInt(batches.size())).baseOffset;
                            if (at >= start) {
                                log.truncateTo(at);
                                batches.removeIf(b -> b.baseOffset >= at);
                                next = at;
                                epoch++;
                            }
                        }
                    }
                    case 5 -> {
                        if (random.nextInt(4) == 0) {
                            start = start + random.nextInt((int) (next - start) / 2 + 1);
                            log.updateHighWatermark(next);
                            log.deleteRecordsBefore(start);
                            fixture.store.checkpoint();
                        }
                    }
                    case 6, 7, 8, 9 -> checkRead(log, random, batches, start, next);
                    case 10 -> checkTimestamp(log, random, batches, start);
                    default -> {
                        var values = new String[1 + random.nextInt(4)];
                        for (int i = 0; i < values.length; i++) {
                            values[i] = "v" + step + "x".repeat(random.nextInt(300));
                        }
                        var timestamp = 1000L + step * 10 - random.nextInt(100);
                        var records = random.nextBoolean()
                                ? Batches.plain(timestamp, values)
                                : Batches.compressed(Compression.gzip().build(), timestamp, values);
                        var result = log.append(records, epoch, AppendOrigin.CLIENT);
                        assertEquals(next, result.baseOffset());
                        var contents = new ArrayList<String>();
                        for (int i = 0; i < values.length; i++) {
                            contents.add((next + i) + ":" + values[i]);
                        }
                        batches.add(
                                new Batch(next, result.lastOffset(), contents, result.sizeInBytes(), timestamp, epoch));
                        next = result.lastOffset() + 1;
                    }
                }
                assertEquals(next, log.logEndOffset());
                assertEquals(start, log.logStartOffset());
            }
            checkAll(log, batches, start);
        } finally {
            fixture.close();
        }
    }

    private static void checkRead(PartitionLog log, Random random, List<Batch> batches, long start, long next)
            throws Exception {
        var from = start + random.nextInt((int) (next - start) + 1);
        var maxBytes = random.nextInt(5000);
        var upper = from + random.nextInt((int) (next - from) + 1);
        var minOne = random.nextBoolean();
        var expected = new ArrayList<String>();
        var bytes = 0;
        for (var batch : batches) {
            if (batch.lastOffset < from || batch.lastOffset >= upper) {
                continue;
            }
            if (bytes + batch.size > maxBytes && !(minOne && expected.isEmpty())) {
                break;
            }
            bytes += batch.size;
            expected.addAll(batch.contents);
            if (bytes > maxBytes) {
                break;
            }
        }
        try (var slice = log.read(from, maxBytes, upper, minOne)) {
            var actual = Batches.contents(slice.load());
            // A read ends with its segment: what there is must be a beginning of what could be.
            assertEquals(expected.subList(0, Math.min(actual.size(), expected.size())), actual);
            assertEquals(expected.isEmpty(), actual.isEmpty());
        }
    }

    private static void checkTimestamp(PartitionLog log, Random random, List<Batch> batches, long start) {
        var wanted = 900L + random.nextInt(4500);
        Optional<TimestampOffset> expected = Optional.empty();
        for (var batch : batches) {
            for (int i = 0; i < batch.contents.size() && expected.isEmpty(); i++) {
                if (batch.timestamp + i >= wanted && batch.baseOffset + i >= start) {
                    expected = Optional.of(new TimestampOffset(batch.timestamp + i, batch.baseOffset + i, batch.epoch));
                }
            }
        }
        assertEquals(expected, log.offsetForTimestamp(wanted));
    }

    private static void checkAll(PartitionLog log, List<Batch> batches, long start) {
        var expected = new ArrayList<String>();
        for (var batch : batches) {
            if (batch.lastOffset >= start) {
                expected.addAll(batch.contents);
            }
        }
        assertEquals(expected, LogFixture.read(log, start));
        for (var batch : batches) {
            if (batch.baseOffset >= start) {
                assertEquals(batch.epoch, log.epochForOffset(batch.baseOffset));
            }
        }
    }
}
