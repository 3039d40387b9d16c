package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.TransactionCoordinatorFencedException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.storage.internals.log.ProducerStateManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Idempotent producers and transactions as the log sees them, case by case as in Apache Kafka. */
class ProducerStateTest {
    private static final long PRODUCER = 7;

    @TempDir
    Path directory;

    private LogFixture fixture;
    private PartitionLog log;

    @BeforeEach
    void open() {
        fixture = new LogFixture(directory).open();
        log = fixture.log();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private AppendResult send(int epoch, int sequence, String... values) {
        return log.append(
                Batches.idempotent(PRODUCER, epoch, sequence, fixture.time.milliseconds(), values),
                0,
                AppendOrigin.CLIENT);
    }

    private AppendResult sendTxn(long producer, int epoch, int sequence, String... values) {
        return log.append(
                Batches.transactional(producer, epoch, sequence, fixture.time.milliseconds(), values),
                0,
                AppendOrigin.CLIENT);
    }

    private AppendResult end(long producer, int epoch, int coordinatorEpoch, boolean commit, int version) {
        return log.append(
                Batches.marker(producer, epoch, coordinatorEpoch, commit, fixture.time.milliseconds()),
                0,
                AppendOrigin.COORDINATOR,
                (short) version);
    }

    private void reload(String how) {
        switch (how) {
            case "restart" -> {
                fixture.reopen();
                log = fixture.log();
            }
            case "rest" -> {
                log.flush();
                log.rest();
                log.rest();
            }
            default -> throw new IllegalArgumentException(how);
        }
    }

    @Test
    void theLastFiveBatchesAreRecognised() {
        for (int i = 0; i < 7; i++) {
            assertEquals(2L * i, send(0, 2 * i, "a", "b").baseOffset());
        }
        for (int i = 2; i < 7; i++) {
            var again = send(0, 2 * i, "a", "b");
            assertTrue(again.duplicate());
            assertEquals(2L * i, again.baseOffset());
            assertEquals(2L * i + 1, again.lastOffset());
        }
        assertThrows(OutOfOrderSequenceException.class, () -> send(0, 2, "a", "b"));
        assertEquals(14, log.logEndOffset());
    }

    @Test
    void aBatchThatOnlyOverlapsIsNoDuplicate() {
        send(0, 0, "a", "b");
        assertThrows(OutOfOrderSequenceException.class, () -> send(0, 0, "a"));
        assertThrows(OutOfOrderSequenceException.class, () -> send(0, 1, "b"));
        assertThrows(OutOfOrderSequenceException.class, () -> send(0, 0, "a", "b", "c"));
    }

    @Test
    void aGapIsRefused() {
        send(0, 0, "a");
        assertThrows(OutOfOrderSequenceException.class, () -> send(0, 2, "c"));
        assertEquals(1, send(0, 1, "b").baseOffset());
    }

    @Test
    void anUnknownProducerMayBeginAnywhere() {
        assertFalse(send(3, 1000, "a").duplicate());
        assertFalse(send(3, 1001, "b").duplicate());
    }

    @Test
    void anOlderEpochIsFenced() {
        send(1, 0, "a");
        assertThrows(InvalidProducerEpochException.class, () -> send(0, 1, "b"));
    }

    @Test
    void aNewEpochBeginsAtZero() {
        send(0, 0, "a");
        assertThrows(OutOfOrderSequenceException.class, () -> send(1, 1, "b"));
        assertFalse(send(1, 0, "a").duplicate());
        assertTrue(send(1, 0, "a").duplicate());
        assertEquals((short) 1, log.activeProducers().get(0).producerEpoch());
    }

    @Test
    void sequencesWrapAround() {
        send(0, Integer.MAX_VALUE - 1, "a");
        var across = send(0, Integer.MAX_VALUE, "b", "c");
        assertEquals(1, log.activeProducers().get(0).lastSequence() + 1);
        assertEquals(across.baseOffset(), send(0, Integer.MAX_VALUE, "b", "c").baseOffset());
        assertEquals(3, send(0, 1, "d").baseOffset());
    }

    @Test
    void afterTheLargestSequenceComesZero() {
        send(0, Integer.MAX_VALUE, "a");
        assertEquals(1, send(0, 0, "b").baseOffset());
    }

    @Test
    void theLastBatchIsRecognisedAfterARestart() {
        for (var how : List.of("rest", "restart")) {
            var end = log.logEndOffset();
            send(0, (int) end, "a");
            send(0, (int) end + 1, "b");
            reload(how);
            assertEquals(end + 1, send(0, (int) end + 1, "b").baseOffset());
            assertThrows(OutOfOrderSequenceException.class, () -> send(0, (int) end + 5, "c"));
        }
    }

    @Test
    void aTruncatedBatchIsForgotten() {
        for (int i = 0; i < 50; i++) {
            send(0, i, "x".repeat(200));
        }
        log.truncateTo(20);
        assertEquals(19, log.activeProducers().get(0).lastSequence());
        assertFalse(send(0, 20, "again").duplicate());
        log.truncateFullyAndStartAt(0);
        assertTrue(log.activeProducers().isEmpty());
    }

    @Test
    void aProducerExpires() {
        send(0, 0, "a");
        sendTxn(8, 0, 0, "open");
        fixture.time.advance(86_400_000 - 1);
        log.rest();
        assertEquals(2, log.activeProducers().size());
        fixture.time.advance(1);
        log.rest();
        assertEquals(
                List.of(8L),
                log.activeProducers().stream().map(ActiveProducer::producerId).toList());
    }

    @Test
    void theLastStableOffsetWaitsForTransactionsAndTheirReplication() {
        send(0, 0, "plain");
        sendTxn(8, 0, 0, "first");
        sendTxn(9, 0, 0, "second");
        assertEquals(1, log.lastStableOffset(3));
        assertEquals(0, log.lastStableOffset(0));
        var marker = end(8, 0, 1, true, 0);
        assertEquals(3, marker.baseOffset());
        log.updateHighWatermark(3);
        assertEquals(1, log.lastStableOffset(3), "the marker is not replicated");
        log.updateHighWatermark(4);
        assertEquals(2, log.lastStableOffset(4));
        end(9, 0, 1, false, 0);
        log.updateHighWatermark(5);
        assertEquals(5, log.lastStableOffset(5));
    }

    @Test
    void aLogWithAnOpenTransactionKeepsItsLastStableOffset() {
        sendTxn(8, 0, 0, "open");
        send(0, 0, "plain");
        for (var how : List.of("rest", "restart")) {
            reload(how);
            assertEquals(0, log.lastStableOffset(2), how);
        }
        assertFalse(log.isDormant());
    }

    @Test
    void abortedTransactionsAreFoundByTheOffsetsTheyOverlap() {
        sendTxn(8, 0, 0, "a");
        sendTxn(9, 0, 0, "b");
        end(8, 0, 1, false, 0);
        sendTxn(8, 0, 1, "c");
        end(9, 0, 1, false, 0);
        end(8, 0, 1, true, 0);
        var first = new AbortedTxn(8, 0, 2, 1);
        var second = new AbortedTxn(9, 1, 4, 3);
        for (var how : List.of("restart", "rest", "restart")) {
            assertEquals(List.of(first, second), log.abortedTransactions(0, 6));
            assertEquals(List.of(second), log.abortedTransactions(3, 6));
            assertEquals(List.of(), log.abortedTransactions(5, 6));
            assertEquals(List.of(first), log.abortedTransactions(0, 1));
            log.updateHighWatermark(6);
            reload(how);
        }
        log.truncateTo(4);
        assertEquals(List.of(first), log.abortedTransactions(0, 4));
    }

    @Test
    void whileATransactionIsOpenOnlyTransactionalRecordsAreTaken() {
        sendTxn(PRODUCER, 0, 0, "a");
        assertThrows(InvalidTxnStateException.class, () -> send(0, 1, "b"));
        end(PRODUCER, 0, 1, true, 0);
        assertFalse(send(0, 1, "b").duplicate());
    }

    @Test
    void aMarkerOfAnOldCoordinatorIsRefused() {
        sendTxn(PRODUCER, 0, 0, "a");
        end(PRODUCER, 0, 5, true, 0);
        sendTxn(PRODUCER, 0, 1, "b");
        assertThrows(TransactionCoordinatorFencedException.class, () -> end(PRODUCER, 0, 4, true, 0));
    }

    @Test
    void aMarkerFencesEarlierEpochs() {
        sendTxn(PRODUCER, 0, 0, "a");
        end(PRODUCER, 1, 1, false, 0);
        assertThrows(InvalidProducerEpochException.class, () -> sendTxn(PRODUCER, 0, 1, "zombie"));
        assertEquals(-1, log.activeProducers().get(0).currentTxnStartOffset());
    }

    @Test
    void fromVersionTwoOnAMarkerNeedsANewEpochUnlessItIsARetry() {
        sendTxn(PRODUCER, 0, 0, "a");
        assertThrows(InvalidProducerEpochException.class, () -> end(PRODUCER, 0, 1, true, 2));
        end(PRODUCER, 1, 1, true, 2);
        var retry = end(PRODUCER, 1, 1, true, 2);
        assertFalse(retry.duplicate());
        assertThrows(InvalidProducerEpochException.class, () -> end(PRODUCER, 0, 1, true, 2));
    }

    @Test
    void aRefusedBatchChangesNothing() {
        send(0, 0, "a");
        var before = log.activeProducers();
        assertThrows(OutOfOrderSequenceException.class, () -> sendTxn(PRODUCER, 0, 5, "gap"));
        assertEquals(before, log.activeProducers());
        assertEquals(1, log.logEndOffset());
        assertEquals(1, log.lastStableOffset(1));
    }

    @Test
    void aFollowerTakesWhatTheLeaderTook() {
        log.appendAsFollower(Batches.concat(
                withEpoch(Batches.idempotent(PRODUCER, 0, 0, 1, "a"), 0),
                withEpoch(Batches.idempotent(PRODUCER, 0, 5, 1, "after a gap that cleaning left"), 1),
                withEpoch(Batches.transactional(8, 0, 0, 1, "txn"), 2),
                withEpoch(Batches.marker(8, 0, 1, false, 1), 3),
                withEpoch(Batches.transactional(8, 0, 1, 1, "next"), 4)));
        assertEquals(List.of(new AbortedTxn(8, 2, 3, 4)), log.abortedTransactions(0, 5));
        assertEquals(2, log.lastStableOffset(5));
        log.updateHighWatermark(5);
        assertEquals(4, log.lastStableOffset(5));
    }

    private static MemoryRecords withEpoch(MemoryRecords records, long baseOffset) {
        records.buffer().putLong(0, baseOffset).putInt(12, 3);
        return records;
    }

    @Test
    void kafkaReadsOurSnapshotsAndWeReadKafkas() throws Exception {
        send(3, 10, "a", "b");
        sendTxn(8, 1, 0, "open");
        log.roll();
        var ours = ProducerSnapshots.path(log.path(), 3);
        var read = ProducerStateManager.readSnapshot(ours.toFile());
        assertEquals(2, read.size());
        for (var entry : read) {
            if (entry.producerId() == PRODUCER) {
                assertEquals(3, entry.producerEpoch());
                assertEquals(1, entry.lastDataOffset());
                assertEquals(11, entry.batchMetadata().iterator().next().lastSeq());
                assertEquals(0, entry.firstDataOffset());
            } else {
                assertEquals(2, entry.currentTxnFirstOffset().getAsLong());
            }
        }
        var kafkas = directory.resolve("kafka.snapshot");
        ProducerStateManager.writeSnapshot(
                kafkas.toFile(),
                Map.of(read.get(0).producerId(), read.get(0), read.get(1).producerId(), read.get(1)),
                true);
        assertEquals(2, ProducerSnapshot.read(kafkas).orElseThrow().size());
        assertEquals(Files.size(ours), Files.size(kafkas));
    }

    @Test
    void ofTwoBatchesUnderWayTheSecondMayFollowOnceTheFirstIsThere() {
        var epoch = (short) 0;
        var first = log.startVerification(PRODUCER, epoch, 0, true);
        var second = log.startVerification(PRODUCER, epoch, 1, true);
        assertTrue(log.confirmVerification(PRODUCER, epoch, first));
        sendTxn(PRODUCER, epoch, 0, "a");
        assertTrue(log.confirmVerification(PRODUCER, epoch, second));
        sendTxn(PRODUCER, epoch, 1, "b");
        end(PRODUCER, 1, 0, true, 2);
        assertFalse(log.confirmVerification(PRODUCER, epoch, second), "the transaction has ended");
    }
}
