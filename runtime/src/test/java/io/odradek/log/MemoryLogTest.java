package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.odradek.ManualClock;
import io.odradek.config.LogConfig;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log of the simulations and the one on files give the same answers: what holds over one holds over the other. */
class MemoryLogTest {
    private static final LogId ID = new LogId("t", 0, new Uuid(1, 1));
    private static final LogConfig CONFIG = LogConfig.of(Map.of("internal.segment.bytes", "400"));

    @TempDir
    Path directory;

    @Test
    void answersAsTheLogOnFilesDoes() {
        var clock = new ManualClock(1_700_000_000_000L);
        var background = Executors.newScheduledThreadPool(1);
        try (var store = LogStore.open(
                LogStoreConfig.of(List.of(directory), "test", 1, LogConfig.defaults()), clock, background)) {
            for (int seed = 0; seed < 20; seed++) {
                var id = new LogId("t", seed, new Uuid(1, 1));
                compare(store.getOrCreate(id, CONFIG), new MemoryLog(id, CONFIG), new Random(seed), "seed " + seed);
            }
        } finally {
            background.shutdownNow();
        }
    }

    private static void compare(PartitionLog files, MemoryLog memory, Random random, String which) {
        // Another log plays the leader from whom records come.
        int epoch = 0;
        long record = 0;
        for (int step = 0; step < 120; step++) {
            switch (random.nextInt(8)) {
                case 0 -> {
                    epoch += 1 + random.nextInt(2);
                    files.assignEpochStart(epoch, files.logEndOffset());
                    memory.assignEpochStart(epoch, memory.logEndOffset());
                }
                case 1 -> {
                    long offset = memory.logStartOffset()
                            + random.nextInt((int) (memory.logEndOffset() - memory.logStartOffset()) + 3);
                    files.truncateTo(offset);
                    memory.truncateTo(offset);
                }
                case 2 -> {
                    long offset = Math.max(
                            memory.logStartOffset(),
                            Math.min(memory.logEndOffset(), memory.highWatermark() + random.nextInt(4)));
                    if (offset > memory.highWatermark()) {
                        files.updateHighWatermark(offset);
                        memory.updateHighWatermark(offset);
                    }
                }
                case 3 -> {
                    long offset = Math.min(memory.highWatermark(), memory.logStartOffset() + random.nextInt(3));
                    files.deleteRecordsBefore(offset);
                    memory.deleteRecordsBefore(offset);
                }
                case 4 -> {
                    if (random.nextInt(10) == 0) {
                        long offset = memory.logEndOffset() + random.nextInt(10);
                        files.truncateFullyAndStartAt(offset);
                        memory.truncateFullyAndStartAt(offset);
                    }
                }
                default -> {
                    epoch = Math.max(epoch, memory.latestEpoch()) + (random.nextInt(4) == 0 ? 1 : 0);
                    var leader = new MemoryLog(ID, CONFIG);
                    leader.truncateFullyAndStartAt(memory.logEndOffset());
                    int count = 1 + random.nextInt(3);
                    for (int i = 0; i < count; i++) {
                        leader.append(record++, epoch);
                    }
                    var records = leader.read(leader.logStartOffset(), count);
                    files.appendAsFollower(copy(records));
                    memory.appendAsFollower(records);
                }
            }
            assertEquals(state(memory, epoch), state(files, epoch), which + ", step " + step);
        }
    }

    private static MemoryRecords copy(MemoryRecords records) {
        var bytes = new byte[records.sizeInBytes()];
        records.buffer().duplicate().get(bytes);
        return MemoryRecords.readableRecords(ByteBuffer.wrap(bytes));
    }

    private static List<Object> state(ReplicaLog log, int epoch) {
        var state = new ArrayList<>();
        state.add(log.logStartOffset());
        state.add(log.logEndOffset());
        state.add(log.durableEndOffset());
        state.add(log.highWatermark());
        state.add(log.latestEpoch());
        for (int e = -1; e <= epoch + 1; e++) {
            state.add(log.endOffsetForEpoch(e));
        }
        return state;
    }
}
