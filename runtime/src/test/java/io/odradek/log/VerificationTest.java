package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the coordinator is asked before records open a transaction in a log (KIP-890). */
class VerificationTest {
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

    private long start(int epoch, int sequence) {
        return log.startVerification(PRODUCER, (short) epoch, sequence, true);
    }

    private boolean confirm(int epoch, long guard) {
        return log.confirmVerification(PRODUCER, (short) epoch, guard);
    }

    private void send(int epoch, int sequence) {
        log.append(
                Batches.transactional(PRODUCER, epoch, sequence, fixture.time.milliseconds(), "value"),
                0,
                AppendOrigin.CLIENT);
    }

    private void commit(int epoch) {
        log.append(
                Batches.marker(PRODUCER, epoch, 0, true, fixture.time.milliseconds()),
                0,
                AppendOrigin.COORDINATOR,
                (short) 2);
    }

    @Test
    void theFirstRecordsNeedAGuardAndLaterOnesDoNot() {
        var guard = start(0, 0);
        assertNotEquals(PartitionLog.NO_GUARD, guard);
        assertTrue(confirm(0, guard));
        send(0, 0);
        assertEquals(PartitionLog.NO_GUARD, start(0, 1));
    }

    @Test
    void requestsInFlightAtTheSameTimeAreAllConfirmed() {
        var first = start(0, 0);
        var second = start(0, 1);
        assertTrue(confirm(0, first));
        send(0, 0);
        assertTrue(confirm(0, second), "the first request has opened the transaction");
        send(0, 1);
        assertEquals(2, log.logEndOffset());
    }

    @Test
    void aTransactionThatEndedInTheMeantimeIsNotConfirmed() {
        var first = start(0, 0);
        var late = start(0, 1);
        assertTrue(confirm(0, first));
        send(0, 0);
        commit(1);
        assertFalse(confirm(0, late));
    }
}
