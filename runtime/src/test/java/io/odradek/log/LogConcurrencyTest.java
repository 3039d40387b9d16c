package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LogConcurrencyTest {
    @TempDir
    Path directory;

    /** Writers, readers, retention, dormancy and too few files at the same time. */
    @Test
    void readersSeeEveryRecordInOrderWhileAllElseGoesOn() throws Exception {
        try (var fixture = new LogFixture(directory, Map.of("file.delete.delay.ms", "0"))) {
            fixture.maxOpenFiles = 2;
            fixture.open();
            var log = fixture.log();
            var writing = new AtomicBoolean(true);
            var threads = Executors.newCachedThreadPool();
            try {
                var writers = new ArrayList<Callable<Long>>();
                for (int w = 0; w < 2; w++) {
                    writers.add(() -> {
                        for (int i = 0; i < 1500; i++) {
                            var result = log.append(Batches.plain(1, "x".repeat(50), "y"), 0, AppendOrigin.CLIENT);
                            // What a reader gets is checked against the offset it was given.
                            assertEquals(result.baseOffset() + 1, result.lastOffset());
                        }
                        return 0L;
                    });
                }
                var others = new ArrayList<Callable<Long>>();
                for (int r = 0; r < 2; r++) {
                    var random = new Random(r);
                    others.add(() -> {
                        var next = 0L;
                        while (writing.get() || next < log.logEndOffset()) {
                            try (var slice = log.read(next, 1 + random.nextInt(3000), log.logEndOffset(), true)) {
                                for (var batch : slice.load().batches()) {
                                    batch.ensureValid();
                                    assertEquals(next, batch.baseOffset());
                                    next = batch.nextOffset();
                                }
                            } catch (OffsetOutOfRangeException e) {
                                assertTrue(next < log.logStartOffset(), e.getMessage());
                                next = log.logStartOffset();
                            }
                        }
                        return next;
                    });
                }
                others.add(() -> {
                    while (writing.get()) {
                        log.updateHighWatermark(log.logEndOffset());
                        log.maintenance().deleteOldest(s -> s.endOffset() < log.logEndOffset() - 500, "test");
                        log.rest();
                        fixture.store.environment().files().closeIdle();
                        log.offsetForTimestamp(1);
                    }
                    return log.logEndOffset();
                });
                var running = others.stream().map(threads::submit).toList();
                for (var writer : threads.invokeAll(writers)) {
                    writer.get();
                }
                writing.set(false);
                for (var other : running) {
                    assertEquals(6000, other.get());
                }
            } finally {
                writing.set(false);
                threads.shutdownNow();
            }
            fixture.reopen();
            assertEquals(6000, fixture.log().logEndOffset());
        }
    }

    /** An interrupt closes the file that its thread is using; that is not the disk's fault. */
    @Test
    void anInterruptedThreadTakesNothingOffline() {
        try (var fixture = new LogFixture(directory).open()) {
            var log = fixture.log();
            log.append(Batches.plain(1, "a"), 0, AppendOrigin.CLIENT);
            Thread.currentThread().interrupt();
            assertThrows(KafkaStorageException.class, () -> log.append(Batches.plain(1, "b"), 0, AppendOrigin.CLIENT));
            assertTrue(Thread.interrupted());
            assertEquals(
                    1, log.append(Batches.plain(1, "c"), 0, AppendOrigin.CLIENT).baseOffset());
            assertEquals(List.of("0:a", "1:c"), LogFixture.read(log, 0));
        }
    }
}
