package io.odradek.log;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When an append counts as durable, and what one fsync is shared by. */
class GroupCommitTest {
    private static final String OK = "ok";
    private static final String FAIL = "fail";

    @TempDir
    Path directory;

    /** Each fsync of a log file waits for the test's word. */
    private static final class SlowDisk extends FaultyLayer {
        final BlockingQueue<Path> started = new LinkedBlockingQueue<>();
        final BlockingQueue<String> word = new LinkedBlockingQueue<>();
        volatile boolean slow = true;

        @Override
        void before(Operation operation, Path path) throws IOException {
            if (!slow || operation != Operation.FORCE || !path.toString().endsWith(SegmentFiles.LOG)) {
                return;
            }
            started.add(path);
            try {
                if (word.take().equals(FAIL)) {
                    throw new IOException("Input/output error");
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        void awaitStart() throws InterruptedException {
            assertTrue(started.poll(10, TimeUnit.SECONDS) != null, "no fsync began");
        }
    }

    private final SlowDisk disk = new SlowDisk();
    private final List<Long> told = new CopyOnWriteArrayList<>();
    private LogFixture fixture;
    private PartitionLog log;

    private void open(Map<String, String> settings) {
        fixture = new LogFixture(directory, settings);
        fixture.layer = disk;
        fixture.open();
        log = fixture.log();
        log.onDurable(told::add);
    }

    @AfterEach
    void close() {
        disk.slow = false;
        for (int i = 0; i < 10; i++) {
            disk.word.add(OK);
        }
        fixture.close();
    }

    private void append() {
        log.append(Batches.plain(1, "x"), 0, AppendOrigin.CLIENT);
    }

    @Test
    void inThePageCacheAnAppendCountsAtOnce() {
        open(Map.of());
        append();
        append();
        assertEquals(2, log.durableEndOffset());
        assertEquals(List.of(1L, 2L), told);
        assertTrue(disk.started.isEmpty());
    }

    @Test
    void appendsThatComeDuringAnFsyncShareTheNext() throws Exception {
        open(Map.of("odradek.durability", "fsync"));
        append();
        disk.awaitStart();
        for (int i = 0; i < 20; i++) {
            append();
        }
        assertEquals(0, log.durableEndOffset());
        assertEquals(21, log.logEndOffset());
        disk.word.add(OK);
        disk.awaitStart();
        assertEquals(1, log.durableEndOffset(), "only what was written before the fsync began");
        disk.word.add(OK);
        await().until(() -> log.durableEndOffset() == 21);
        assertEquals(List.of(1L, 21L), told);
        assertEquals(21, log.checkpoint().recoveryPoint());
        assertTrue(disk.started.isEmpty(), "two fsyncs were enough");
    }

    @Test
    void whileOneLogWaitsReadersAndWritersDoNot() throws Exception {
        open(Map.of("odradek.durability", "fsync"));
        append();
        disk.awaitStart();
        append();
        assertEquals(List.of("0:x", "1:x"), LogFixture.read(log, 0));
        log.updateHighWatermark(1);
        log.deleteRecordsBefore(1);
        disk.word.add(OK);
        disk.word.add(OK);
        await().until(() -> log.durableEndOffset() == 2);
    }

    @Test
    void aFailedFsyncIsNeverTakenForDone() throws Exception {
        open(Map.of("odradek.durability", "fsync"));
        append();
        disk.awaitStart();
        append();
        disk.word.add(FAIL);
        await().until(() -> !fixture.store.describe().get(0).online());
        assertEquals(0, log.durableEndOffset());
        assertEquals(List.of(), told);
        assertThrows(KafkaStorageException.class, this::append);
        assertTrue(disk.started.isEmpty(), "it is not tried again");
    }

    @Test
    void flushMessagesHoldsTheAppendThatReachesIt() throws Exception {
        open(Map.of("flush.messages", "3"));
        append();
        append();
        assertEquals(2, log.durableEndOffset());
        append();
        disk.awaitStart();
        assertEquals(2, log.durableEndOffset());
        disk.word.add(OK);
        await().until(() -> log.durableEndOffset() == 3);
        append();
        assertEquals(4, log.durableEndOffset());
        assertTrue(disk.started.isEmpty());
    }

    @Test
    void flushMsForcesInTheBackground() throws Exception {
        open(Map.of("flush.ms", "1"));
        append();
        assertEquals(1, log.durableEndOffset());
        disk.awaitStart();
        disk.word.add(OK);
        await().until(() -> log.checkpoint().recoveryPoint() == 1);
    }

    @Test
    void aRolledSegmentIsForcedButNotTheNewOne() throws Exception {
        open(Map.of());
        append();
        log.roll();
        append();
        disk.awaitStart();
        disk.word.add(OK);
        await().until(() -> log.checkpoint().recoveryPoint() == 1);
        assertTrue(disk.started.isEmpty());
    }

    @Test
    void aTruncationDuringAnFsyncIsNotForgotten() throws Exception {
        open(Map.of("odradek.durability", "fsync"));
        append();
        append();
        disk.awaitStart();
        log.truncateTo(0);
        append();
        disk.word.add(OK);
        disk.awaitStart();
        assertEquals(0, log.checkpoint().recoveryPoint(), "what was forced was cut off");
        assertEquals(0, log.durableEndOffset());
        disk.word.add(OK);
        await().until(() -> log.durableEndOffset() == 1);
    }

    @Test
    void aRestingLogIsForcedFirst() throws Exception {
        open(Map.of());
        append();
        log.rest();
        disk.word.add(OK);
        log.rest();
        assertTrue(log.isDormant());
        assertEquals(1, log.checkpoint().recoveryPoint());
        disk.awaitStart();
    }
}
