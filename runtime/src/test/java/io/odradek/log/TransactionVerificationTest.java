package io.odradek.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** KIP-890: a batch of a transaction that its coordinator does not know of does not get into the log. */
class TransactionVerificationTest {
    private static final long PRODUCER = 7;

    @TempDir
    Path directory;

    private LogFixture fixture;
    private PartitionLog log;
    private boolean required = true;

    @BeforeEach
    void open() {
        fixture = new LogFixture(directory).open();
        fixture.store.requireVerification(() -> required);
        log = fixture.log();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void send(int epoch, int sequence, String... values) {
        log.append(
                Batches.transactional(PRODUCER, epoch, sequence, fixture.time.milliseconds(), values),
                0,
                AppendOrigin.CLIENT);
    }

    private void end(int epoch, int version) {
        log.append(
                Batches.marker(PRODUCER, epoch, 0, false, fixture.time.milliseconds()),
                0,
                AppendOrigin.COORDINATOR,
                (short) version);
    }

    private long start(int epoch, int sequence, boolean addsPartitions) {
        return log.startVerification(PRODUCER, (short) epoch, sequence, addsPartitions);
    }

    private boolean confirm(int epoch, long guard) {
        return log.confirmVerification(PRODUCER, (short) epoch, guard);
    }

    @Test
    void whatWasVerifiedIsAppendedAndNothingElse() {
        assertThrows(InvalidTxnStateException.class, () -> send(0, 0, "a"));
        long guard = start(0, 0, false);
        assertThrows(InvalidTxnStateException.class, () -> send(0, 0, "a"));
        assertTrue(confirm(0, guard));
        send(0, 0, "a");
        assertEquals(PartitionLog.NO_GUARD, start(0, 1, false), "the transaction is open");
        send(0, 1, "b");
        assertEquals(List.of("0:a", "1:b"), LogFixture.read(log, 0));
    }

    @Test
    void whatWasVerifiedBeforeAMarkerIsNotTrueAfterIt() {
        long guard = start(0, 0, false);
        end(0, 0);
        assertFalse(confirm(0, guard));
        assertThrows(InvalidTxnStateException.class, () -> send(0, 0, "a"));

        long next = start(0, 0, false);
        assertNotEquals(guard, next);
        assertTrue(confirm(0, next));
        end(0, 0);
        assertThrows(InvalidTxnStateException.class, () -> send(0, 0, "a"));
    }

    /** In transaction version 2 the marker has the epoch of the next transaction, which may be quicker than the marker. */
    @Test
    void aMarkerWithTheEpochOfTheNextTransactionLeavesItsVerification() {
        confirm(0, start(0, 0, true));
        send(0, 0, "a");
        long guard = start(1, 0, true);
        end(1, 2);
        assertTrue(confirm(1, guard));
        send(1, 0, "b");
    }

    @Test
    void eachTransactionIsVerifiedAnew() {
        confirm(0, start(0, 0, false));
        send(0, 0, "a");
        end(0, 0);
        assertThrows(InvalidTxnStateException.class, () -> send(0, 1, "b"));
        confirm(0, start(0, 1, false));
        send(0, 1, "b");
    }

    @Test
    void anotherEpochIsAnotherTransaction() {
        confirm(0, start(0, 0, false));
        assertThrows(InvalidTxnStateException.class, () -> send(1, 0, "a"));
        long newer = start(1, 0, false);
        assertThrows(InvalidTxnStateException.class, () -> send(1, 0, "a"));
        assertFalse(confirm(0, newer));
        assertTrue(confirm(1, newer));
        send(1, 0, "a");
        assertThrows(InvalidProducerEpochException.class, () -> start(0, 0, false));
        assertThrows(InvalidProducerEpochException.class, () -> send(0, 1, "b"));
    }

    @Test
    void aLaterBatchDoesNotGetInBeforeTheFirst() {
        start(0, 0, false);
        long guard = start(0, 5, false);
        assertTrue(confirm(0, guard));
        assertThrows(OutOfOrderSequenceException.class, () -> send(0, 5, "f"));
        send(0, 0, "a", "b", "c", "d", "e");
        send(0, 5, "f");
    }

    /** A client sends the next batch before it has the answer to the first. */
    @Test
    void aBatchThatWasAskedForWithTheFirstFollowsIt() {
        long first = start(0, 0, true);
        long second = start(0, 1, true);
        assertTrue(confirm(0, first));
        send(0, 0, "a");
        assertTrue(confirm(0, second));
        send(0, 1, "b");
        end(1, 2);
        assertFalse(confirm(0, second));
    }

    @Test
    void inVersion2AnUnknownProducerBeginsWithItsFirstSequence() {
        confirm(0, start(0, 3, true));
        assertThrows(OutOfOrderSequenceException.class, () -> send(0, 3, "d"));
    }

    @Test
    void whatTheCoordinatorRefusedIsForgotten() {
        long guard = start(0, 0, false);
        log.dropVerification(PRODUCER, guard);
        assertFalse(confirm(0, guard));
        assertNotEquals(guard, start(0, 0, false));
    }

    @Test
    void itMayBeSwitchedOff() {
        required = false;
        send(0, 0, "a");
        required = true;
        send(0, 1, "b");
    }

    @Test
    void verificationsAreBounded() {
        long first = start(0, 0, false);
        for (long other = 100; other < 10_200; other++) {
            log.startVerification(other, (short) 0, 0, false);
        }
        assertFalse(confirm(0, first));
    }
}
