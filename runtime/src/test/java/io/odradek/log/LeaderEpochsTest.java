package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaderEpochsTest {
    @TempDir
    Path directory;

    private static LeaderEpochs of(long... epochsAndStarts) {
        var result = new LeaderEpochs();
        for (int i = 0; i < epochsAndStarts.length; i += 2) {
            result.assign((int) epochsAndStarts[i], epochsAndStarts[i + 1]);
        }
        return result;
    }

    @Test
    void anEpochEndsWhereTheNextBegins() {
        var epochs = of(2, 10, 4, 20, 7, 30);
        assertEquals(new EpochEndOffset(2, 20), epochs.endOffsetFor(2, 99));
        assertEquals(new EpochEndOffset(2, 20), epochs.endOffsetFor(3, 99));
        assertEquals(new EpochEndOffset(4, 30), epochs.endOffsetFor(6, 99));
        assertEquals(new EpochEndOffset(7, 99), epochs.endOffsetFor(7, 99));
        assertEquals(EpochEndOffset.UNDEFINED, epochs.endOffsetFor(8, 99));
        assertEquals(new EpochEndOffset(1, 10), epochs.endOffsetFor(1, 99), "older than all: where the log begins");
        assertEquals(EpochEndOffset.UNDEFINED, epochs.endOffsetFor(-1, 99));
        assertEquals(EpochEndOffset.UNDEFINED, of().endOffsetFor(0, 99));
    }

    @Test
    void anEpochWithoutRecordsIsReplacedByTheNext() {
        var epochs = of(1, 0, 2, 10, 3, 10);
        assertEquals(new EpochEndOffset(1, 10), epochs.endOffsetFor(2, 99));
        assertEquals(3, epochs.epochFor(10));
    }

    @Test
    void contradictingEntriesAreDropped() {
        assertEquals("[1, 3][0, 5]", of(1, 0, 2, 10, 4, 20, 3, 5).toString());
        assertEquals("[1, 2][0, 10]", of(1, 0, 2, 10, 2, 15).toString());
        assertEquals("[1, 2][0, 8]", of(1, 0, 2, 10, 2, 8).toString());
    }

    @Test
    void theFileIsKafkas() throws Exception {
        var epochs = of(0, 0, 5, 12);
        epochs.save(directory);
        assertEquals(
                List.of("0", "2", "0 0", "5 12"), Files.readAllLines(directory.resolve("leader-epoch-checkpoint")));
        assertEquals(epochs.toString(), LeaderEpochs.read(directory).toString());
    }

    /** Against a sorted map of epochs to offsets. */
    @Test
    void behavesAsASortedMap() {
        for (int seed = 0; seed < 200; seed++) {
            var random = new Random(seed);
            var epochs = new LeaderEpochs();
            var model = new TreeMap<Integer, Long>();
            var end = 0L;
            for (int step = 0; step < 50; step++) {
                end += random.nextInt(10);
                switch (random.nextInt(5)) {
                    case 0 -> {
                        end = random.nextInt((int) end + 1);
                        var to = end;
                        epochs.truncateFromEnd(end);
                        model.values().removeIf(s -> s >= to);
                    }
                    case 1 -> {
                        long start = random.nextInt((int) end + 1);
                        epochs.truncateFromStart(start);
                        var floor = -1;
                        for (var entry : model.entrySet()) {
                            floor = entry.getValue() <= start ? entry.getKey() : floor;
                        }
                        if (floor >= 0) {
                            model.headMap(floor).clear();
                            model.put(floor, start);
                        }
                    }
                    default -> {
                        var epoch = random.nextInt(20);
                        var start = end;
                        epochs.assign(epoch, start);
                        var last = model.lastEntry();
                        if (last == null || last.getKey() != epoch || last.getValue() > start) {
                            model.entrySet().removeIf(e -> e.getKey() >= epoch || e.getValue() >= start);
                            model.put(epoch, start);
                        }
                    }
                }
                var keys = model.keySet().toString();
                assertEquals(keys + model.values(), epochs.toString(), "seed " + seed);
                assertEquals(model.isEmpty() ? -1 : model.lastKey(), epochs.latest());
            }
        }
    }
}
