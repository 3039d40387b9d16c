package io.odradek.checker;

import static io.odradek.checker.Anomaly.Kind.ABORTED_POSITION;
import static io.odradek.checker.Anomaly.Kind.ABORTED_READ;
import static io.odradek.checker.Anomaly.Kind.DUPLICATE;
import static io.odradek.checker.Anomaly.Kind.DUPLICATE_CONSUMPTION;
import static io.odradek.checker.Anomaly.Kind.EXTERNAL_NONMONOTONIC_POLL;
import static io.odradek.checker.Anomaly.Kind.EXTERNAL_NONMONOTONIC_SEND;
import static io.odradek.checker.Anomaly.Kind.EXTERNAL_POLL_SKIP;
import static io.odradek.checker.Anomaly.Kind.G0;
import static io.odradek.checker.Anomaly.Kind.G1C;
import static io.odradek.checker.Anomaly.Kind.HANGING_TRANSACTION;
import static io.odradek.checker.Anomaly.Kind.INCONSISTENT_OFFSETS;
import static io.odradek.checker.Anomaly.Kind.INTERNAL_NONMONOTONIC_POLL;
import static io.odradek.checker.Anomaly.Kind.INTERNAL_NONMONOTONIC_SEND;
import static io.odradek.checker.Anomaly.Kind.INTERNAL_POLL_SKIP;
import static io.odradek.checker.Anomaly.Kind.LOST_WRITE;
import static io.odradek.checker.Anomaly.Kind.PHANTOM;
import static io.odradek.checker.Anomaly.Kind.PHANTOM_POSITION;
import static io.odradek.checker.Anomaly.Kind.REALTIME_NONMONOTONIC_SEND;
import static io.odradek.checker.Anomaly.Kind.SKIPPED_CONSUMPTION;
import static io.odradek.checker.Anomaly.Kind.STALE_POSITION;
import static io.odradek.checker.Anomaly.Kind.TORN_TRANSACTION;
import static io.odradek.checker.Anomaly.Kind.UNCOMMITTED_READ;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.checker.Anomaly.Kind;
import java.util.EnumSet;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Each anomaly is planted and must be found, and nothing else with it; what is legal must pass. */
class TransactionCheckerTest {
    private static final TopicPartition P0 = new TopicPartition("t", 0);
    private static final TopicPartition P1 = new TopicPartition("t", 1);
    private static final String GROUP = "g";

    private final HistoryScript script = new HistoryScript();

    private void assertFinds(Kind... kinds) {
        var report = script.check();
        var expected = EnumSet.noneOf(Kind.class);
        expected.addAll(Set.of(kinds));
        var found = EnumSet.noneOf(Kind.class);
        found.addAll(report.byKind().keySet());
        assertEquals(expected, found, report::toString);
    }

    @Test
    void whatIsRightPasses() {
        script.process("w").begin().send(P0, 1, 0).send(P1, 2, 0).commit();
        script.process("v").begin().send(P0, 3, 2).abort();
        script.process("w").begin().send(P0, 4, 4).send(P0, 5, 5).commit();
        script.process("r").sought(P0, 0);
        script.process("r").read(P0, 0, 1, 4, 4, 5, 5);
        script.process("r").read(P1, 0, 2);
        script.end(P0, 7, 7).end(P1, 2, 2);
        assertFinds();
        assertEquals(4, script.check().statistics().readable());
    }

    @Test
    void anUnknownOutcomeMayBeEither() {
        script.process("w").begin().send(P0, 1, 0).send(P1, 2, 0).unknown();
        script.process("w").begin().send(P0, 3).send(P1, 4).unknown();
        script.process("r").sought(P0, 0);
        script.process("r").read(P0, 2, 3);
        script.process("r").read(P1, 2, 4);
        script.end(P0, 4, 4).end(P1, 4, 4);
        assertFinds();
    }

    @Test
    void lostWrite() {
        script.process("w").begin().send(P0, 1, 0).commit();
        script.process("w").begin().send(P0, 2, 2).commit();
        script.process("r").read(P0, 0, 1);
        script.end(P0, 4, 4);
        assertFinds(LOST_WRITE);
    }

    @Test
    void lostWriteThatReadersHavePassedIsKnownBeforeTheEnd() {
        script.process("w").begin().send(P0, 1, 0).commit();
        script.process("w").begin().send(P0, 2, 2).commit();
        script.process("w").begin().send(P0, 3, 4).commit();
        script.process("r").read(P0, 2, 2);
        assertFinds(LOST_WRITE);
    }

    @Test
    void tornTransaction() {
        script.process("w").begin().send(P0, 1).send(P1, 2).unknown();
        script.process("r").read(P0, 0, 1);
        script.end(P0, 2, 2).end(P1, 2, 2);
        assertFinds(TORN_TRANSACTION);
    }

    @Test
    void tornTransactionThatWasAcknowledged() {
        script.process("w").begin().send(P0, 1, 0).send(P1, 2, 0).commit();
        script.process("r").read(P0, 0, 1);
        script.end(P0, 2, 2).end(P1, 2, 2);
        assertFinds(TORN_TRANSACTION, LOST_WRITE);
    }

    @Test
    void tornBetweenOffsetsAndRecords() {
        script.process("f").begin().send(P0, 1, 0).send(P0, 2, 1).commit();
        script.process("m")
                .begin()
                .poll(P0, 0, 1, 1, 2)
                .send(P1, 3)
                .offsets(GROUP, P0, 2)
                .unknown();
        script.process("n").assigned(GROUP, P0, 2);
        script.end(P1, 2, 2);
        assertFinds(TORN_TRANSACTION);
    }

    @Test
    void duplicate() {
        script.process("w").begin().send(P0, 1, 0).commit();
        script.process("r").read(P0, 0, 1, 2, 1);
        assertFinds(DUPLICATE);
    }

    @Test
    void phantom() {
        script.process("r").read(P0, 0, 1);
        assertFinds(PHANTOM);
    }

    @Test
    void inconsistentOffsetsBetweenReaders() {
        script.process("w").begin().send(P0, 1).unknown();
        script.process("v").begin().send(P0, 2).unknown();
        script.process("r").read(P0, 0, 1);
        script.process("s").read(P0, 0, 2);
        assertFinds(INCONSISTENT_OFFSETS);
    }

    @Test
    void anotherOffsetThanTheOneAcknowledged() {
        script.process("w").begin().send(P0, 1, 0).commit();
        script.process("r").read(P0, 5, 1);
        assertFinds(DUPLICATE);
    }

    @Test
    void abortedRead() {
        script.process("w").begin().send(P0, 1, 0).abort();
        script.process("r").read(P0, 0, 1);
        assertFinds(ABORTED_READ);
    }

    @Test
    void readOfATransactionWhoseClientWasKilledBeforeItsCommit() {
        script.process("w").begin().send(P0, 1, 0);
        script.process("r").read(P0, 0, 1);
        assertFinds(ABORTED_READ);
    }

    @Test
    void aClientKilledInItsCommitMayHaveCommitted() {
        script.process("w").begin().send(P0, 1, 0).asked();
        script.process("r").read(P0, 0, 1);
        assertFinds();
    }

    @Test
    void readBeforeTheCommit() {
        script.process("w").begin().send(P0, 1, 0);
        script.process("r").read(P0, 0, 1);
        script.process("w").commit();
        assertFinds(UNCOMMITTED_READ);
    }

    @Test
    void readOfOnesOwnWrites() {
        script.process("w").begin().send(P0, 1, 0).poll(P0, 0, 1).commit();
        assertFinds(UNCOMMITTED_READ);
    }

    @Test
    void hangingTransaction() {
        script.process("w").begin().send(P0, 1, 0).abort();
        script.end(P0, 0, 1);
        assertFinds(HANGING_TRANSACTION);
    }

    @Test
    void internalNonmonotonicSend() {
        script.process("w")
                .begin()
                .send(P0, 1)
                .send(P0, 2)
                .acknowledged(P0, 1, 1)
                .acknowledged(P0, 2, 0)
                .commit();
        assertFinds(INTERNAL_NONMONOTONIC_SEND);
    }

    @Test
    void externalNonmonotonicSend() {
        script.process("w").begin().send(P0, 1).unknown();
        script.process("w").begin().send(P0, 2).unknown();
        script.process("r").read(P0, 0, 2, 2, 1);
        assertFinds(EXTERNAL_NONMONOTONIC_SEND);
    }

    @Test
    void aRecordBeforeOneThatWasAcknowledgedEarlier() {
        script.process("w").begin().send(P0, 1, 5).commit();
        script.process("v").begin().send(P0, 2, 3).commit();
        assertFinds(REALTIME_NONMONOTONIC_SEND);
    }

    @Test
    void internalPollSkip() {
        script.process("w").begin().send(P0, 1, 0).send(P0, 2, 1).send(P0, 3, 2).commit();
        script.process("s").read(P0, 0, 1, 1, 2, 2, 3);
        script.process("r").read(P0, 0, 1, 2, 3);
        assertFinds(INTERNAL_POLL_SKIP);
    }

    @Test
    void internalNonmonotonicPoll() {
        script.process("w").begin().send(P0, 1, 0).send(P0, 2, 1).commit();
        script.process("r").read(P0, 1, 2, 0, 1);
        assertFinds(INTERNAL_NONMONOTONIC_POLL);
    }

    @Test
    void externalPollSkip() {
        script.process("w").begin().send(P0, 1, 0).send(P0, 2, 1).send(P0, 3, 2).commit();
        script.process("s").read(P0, 0, 1, 1, 2, 2, 3);
        script.process("r").read(P0, 0, 1);
        script.process("r").read(P0, 2, 3);
        assertFinds(EXTERNAL_POLL_SKIP);
    }

    @Test
    void aSkipAfterAnAssignment() {
        script.process("w").begin().send(P0, 1, 0).send(P0, 2, 1).commit();
        script.process("s").read(P0, 0, 1);
        script.process("r").sought(P0, 0);
        script.process("r").read(P0, 1, 2);
        assertFinds(EXTERNAL_POLL_SKIP);
    }

    @Test
    void externalNonmonotonicPoll() {
        script.process("w").begin().send(P0, 1, 0).send(P0, 2, 1).commit();
        script.process("r").read(P0, 0, 1, 1, 2);
        script.process("r").read(P0, 1, 2);
        assertFinds(EXTERNAL_NONMONOTONIC_POLL);
    }

    @Test
    void whoIsAssignedAnewOrStartedAnewMayReadAgain() {
        script.process("w").begin().send(P0, 1, 0).send(P0, 2, 1).commit();
        script.process("r").read(P0, 0, 1, 1, 2);
        script.process("r").revoked(P0);
        script.process("r").read(P0, 0, 1, 1, 2);
        script.process("r").sought(P0, 1);
        script.process("r").read(P0, 1, 2);
        script.process("r").opened();
        script.process("r").read(P0, 0, 1, 1, 2);
        assertFinds();
    }

    @Test
    void writesInACircleAreCountedButLegal() {
        script.process("w").begin().send(P0, 1, 0);
        script.process("v").begin().send(P0, 2, 1).send(P1, 3, 0).commit();
        script.process("w").send(P1, 4, 1).commit();
        assertFinds(G0);
        assertTrue(script.check().forbidden().isEmpty());
    }

    @Test
    void transactionsThatSawEachOther() {
        script.process("w").begin().send(P0, 1, 0);
        script.process("v").begin().send(P1, 2, 0);
        script.process("w").asked();
        script.process("v").asked();
        script.process("w").poll(P1, 0, 2).ended(Event.Outcome.OK);
        script.process("v").poll(P0, 0, 1).ended(Event.Outcome.OK);
        assertFinds(G1C);
    }

    /** Three transactions: b saw a, c began after b was done, a saw c. */
    @Test
    void aTransactionThatSawWhatBeganAfterItsReaderWasDone() {
        script.process("a").begin().send(P0, 1, 0).asked();
        script.process("b").begin().poll(P0, 0, 1).commit();
        script.process("c").begin().send(P1, 2, 0).commit();
        script.process("a").poll(P1, 0, 2).ended(Event.Outcome.OK);
        assertFinds(G1C);
    }

    /** a's first transaction saw b, and b saw a's second; nobody knows when the first was done. */
    @Test
    void aTransactionThatSawWhatCameOfItsSuccessor() {
        script.process("b").begin().send(P1, 2, 0).asked();
        script.process("a").begin().send(P0, 1, 0).poll(P1, 0, 2).unknown();
        script.process("a").begin().send(P0, 3, 2).commit();
        script.process("b").poll(P0, 2, 3).ended(Event.Outcome.OK);
        script.process("r").read(P0, 0, 1, 2, 3);
        assertFinds(G1C);
    }

    private void feed(int records) {
        var feeder = script.process("f").begin();
        for (int i = 0; i < records; i++) {
            feeder.send(P0, 100 + i, i);
        }
        feeder.commit();
    }

    @Test
    void aGroupThatConsumesExactlyOncePasses() {
        feed(4);
        script.process("m").assigned(GROUP, P0, 0);
        script.process("m")
                .begin()
                .poll(P0, 0, 100, 1, 101)
                .send(P1, 1, 0)
                .offsets(GROUP, P0, 2)
                .commit();
        script.process("m")
                .begin()
                .poll(P0, 2, 102, 3, 103)
                .send(P1, 2, 2)
                .offsets(GROUP, P0, 4)
                .abort();
        script.process("n").assigned(GROUP, P0, 2);
        script.process("n")
                .begin()
                .poll(P0, 2, 102, 3, 103)
                .send(P1, 3, 4)
                .offsets(GROUP, P0, 4)
                .commit();
        script.process("m").assigned(GROUP, P0, 4);
        assertFinds();
    }

    @Test
    void stalePosition() {
        feed(2);
        script.process("m")
                .begin()
                .poll(P0, 0, 100, 1, 101)
                .offsets(GROUP, P0, 2)
                .commit();
        script.process("n").assigned(GROUP, P0, 0);
        assertFinds(STALE_POSITION);
    }

    @Test
    void aPositionThatGoesBackAfterItWasSeen() {
        feed(2);
        script.process("m")
                .begin()
                .poll(P0, 0, 100, 1, 101)
                .offsets(GROUP, P0, 2)
                .unknown();
        script.process("n").assigned(GROUP, P0, 2);
        script.process("o").assigned(GROUP, P0, 0);
        assertFinds(STALE_POSITION);
    }

    @Test
    void aCommitWhileThePositionIsAskedForMayBeMissed() {
        feed(2);
        var asked = script.now();
        script.process("m")
                .begin()
                .poll(P0, 0, 100, 1, 101)
                .offsets(GROUP, P0, 2)
                .commit();
        script.process("n").assigned(GROUP, asked, P0, 0);
        assertFinds();
    }

    /** Its records were read, so its offsets must be there too. */
    @Test
    void aPositionWithoutTheTransactionWhoseRecordsWereRead() {
        feed(2);
        script.process("m")
                .begin()
                .poll(P0, 0, 100, 1, 101)
                .send(P1, 1)
                .offsets(GROUP, P0, 2)
                .unknown();
        script.process("r").read(P1, 0, 1);
        script.process("n").assigned(GROUP, P0, 0);
        assertFinds(STALE_POSITION);
    }

    @Test
    void abortedPosition() {
        feed(2);
        script.process("m")
                .begin()
                .poll(P0, 0, 100, 1, 101)
                .offsets(GROUP, P0, 2)
                .abort();
        script.process("n").assigned(GROUP, P0, 2);
        assertFinds(ABORTED_POSITION);
    }

    @Test
    void aPositionThatIsNotCommittedYet() {
        feed(2);
        script.process("m").begin().poll(P0, 0, 100, 1, 101).offsets(GROUP, P0, 2);
        script.process("n").assigned(GROUP, P0, 2);
        script.process("m").commit();
        assertFinds(ABORTED_POSITION);
    }

    @Test
    void phantomPosition() {
        feed(2);
        script.process("n").assigned(GROUP, P0, 1);
        assertFinds(PHANTOM_POSITION);
    }

    @Test
    void duplicateConsumption() {
        feed(2);
        script.process("m")
                .begin()
                .poll(P0, 0, 100, 1, 101)
                .offsets(GROUP, P0, 2)
                .commit();
        script.process("n").begin().poll(P0, 1, 101).offsets(GROUP, P0, 2).commit();
        assertFinds(DUPLICATE_CONSUMPTION);
    }

    @Test
    void skippedConsumption() {
        feed(3);
        script.process("r").read(P0, 0, 100, 1, 101, 2, 102);
        script.process("m").begin().poll(P0, 0, 100).offsets(GROUP, P0, 1).commit();
        script.process("n").begin().poll(P0, 2, 102).offsets(GROUP, P0, 3).commit();
        assertFinds(SKIPPED_CONSUMPTION);
    }
}
