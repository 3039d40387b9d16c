package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.metadata.Command;
import io.odradek.metadata.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class ProposalsTest {
    private static final long TIMEOUT = TimeUnit.SECONDS.toNanos(30);
    private static final UUID SELF = new UUID(0, 1);

    private long now = 1_000;
    private final List<NodeMessage.Propose> sent = new ArrayList<>();
    private final List<Boolean> leads = new ArrayList<>();
    private int wakes;
    private final Proposals proposals = new Proposals(SELF, TIMEOUT, () -> now, new Proposals.Surroundings() {
        @Override
        public void submit(NodeMessage.Propose entry) {
            sent.add(entry);
        }

        @Override
        public void leads(boolean leading) {
            leads.add(leading);
        }

        @Override
        public void wake() {
            wakes++;
        }
    });

    private CompletableFuture<?> propose(String topic) {
        return proposals.propose(TestCommands.createTopic(topic)).toCompletableFuture();
    }

    private static List<String> topics(NodeMessage.Propose message) {
        return Entry.decode(message.entry(), 0, message.entry().length).commands().stream()
                .map(each -> ((Command.CreateTopic) each).name())
                .toList();
    }

    private NodeMessage.Propose last() {
        return sent.get(sent.size() - 1);
    }

    /** As if it had got into the log in that term. */
    private void apply(NodeMessage.Propose message, long term) {
        var entry = Entry.decode(message.entry(), 0, message.entry().length);
        List<Result<?>> results = entry.term() == term
                ? entry.commands().stream()
                        .<Result<?>>map(each -> new Result.Ok<>("done"))
                        .toList()
                : List.of();
        proposals.applied(entry, term, results);
    }

    private void applyOfAnother(long term) {
        proposals.applied(new Entry(new UUID(9, 9), 1, term, List.of()), term, List.of());
    }

    @Test
    void whatWaitsGoesToTheLeaderOnceThereIsOne() {
        var first = propose("a");
        propose("b");
        assertEquals(List.of(), sent);
        proposals.leader(3, false);
        assertEquals(List.of("a", "b"), topics(last()));
        assertEquals(3, last().term());
        apply(last(), 3);
        assertTrue(first.isDone());
        assertEquals(0, proposals.size());
        assertEquals(List.of(), leads, "another does");
    }

    @Test
    void largeCommandsShareFewerEntriesInTheirOrder() {
        var names = IntStream.range(0, 200).mapToObj(i -> "t" + i).toList();
        for (var name : names) {
            proposals.propose(new Command.CreateTopic(
                    Uuid.randomUuid(), name, 1, (short) 1, Map.of(), Map.of("config", "x".repeat(30_000))));
        }
        proposals.leader(3, false);
        var got = new ArrayList<String>();
        for (int i = 0; i < sent.size(); i++) {
            assertTrue(sent.get(i).entry().length <= Proposals.MAX_BYTES_PER_ENTRY);
            got.addAll(topics(sent.get(i)));
            apply(sent.get(i), 3);
        }
        assertEquals(names, got);
        assertEquals(0, proposals.size());
        proposals.propose(new Command.CreateTopic(
                Uuid.randomUuid(), "t", 1, (short) 1, Map.of(), Map.of("config", "x".repeat(2_000_000))));
        assertEquals(List.of("t"), topics(last()), "alone, whatever its size");
    }

    @Test
    void leadsOnceItsBarrierIsApplied() {
        proposals.leader(2, true);
        propose("a");
        assertEquals(List.of(), leads);
        assertEquals(List.of(), topics(sent.get(0)));
        apply(sent.get(0), 2);
        assertEquals(List.of(true), leads);
        proposals.noLeader();
        assertEquals(List.of(true, false), leads);
    }

    @Test
    void aBarrierOfAnEarlierElectionIsNone() {
        proposals.leader(2, true);
        proposals.leader(3, true);
        apply(sent.get(0), 2);
        assertEquals(List.of(), leads);
        apply(sent.get(1), 3);
        assertEquals(List.of(true), leads);
    }

    /** Which of them the lost leader committed is known once an entry of the next term is applied. */
    @Test
    void whatALostLeaderDidNotCommitIsProposedAgainInOrder() throws Exception {
        proposals.leader(1, false);
        var committed = propose("a");
        var lost = propose("b");
        var alsoLost = propose("c");
        assertEquals(3, sent.size());
        proposals.noLeader();
        proposals.leader(2, false);
        propose("d");
        assertEquals(3, sent.size(), "nothing may overtake");
        apply(sent.get(0), 1);
        assertTrue(committed.isDone());
        assertEquals(3, sent.size());
        applyOfAnother(2);
        assertEquals(List.of("b", "c", "d"), topics(last()));
        assertEquals(4, sent.size());
        apply(last(), 2);
        assertEquals("done", lost.get());
        assertEquals("done", alsoLost.get());
    }

    @Test
    void anEntryInTheWrongTermIsVoidAndProposedAgain() {
        proposals.leader(5, false);
        var future = propose("a");
        apply(last(), 4);
        assertFalse(future.isDone());
        assertEquals(2, sent.size());
        assertEquals(List.of("a"), topics(last()));
        apply(last(), 5);
        assertTrue(future.isDone());
    }

    @Test
    void aLeaderOfATermThatIsOverGetsNothing() {
        applyOfAnother(7);
        proposals.leader(6, false);
        propose("a");
        assertEquals(List.of(), sent);
        proposals.leader(7, false);
        assertEquals(1, sent.size());
    }

    @Test
    void whatTheLeaderDoesNotTakeIsGivenAgain() {
        proposals.leader(1, false);
        propose("a");
        propose("b");
        proposals.taken(1, sent.get(0).sequence() + 1);
        now += Proposals.RESEND_NANOS;
        proposals.tick();
        assertEquals(3, sent.size());
        assertEquals(sent.get(1).sequence(), last().sequence());
        proposals.taken(1, sent.get(1).sequence() + 1);
        now += Proposals.RESEND_NANOS;
        proposals.tick();
        assertEquals(3, sent.size());
    }

    @Test
    void fewEntriesAreInFlightAndTheRestShareTheNext() {
        proposals.leader(1, false);
        IntStream.range(0, 100).forEach(i -> propose("t" + i));
        assertEquals(Proposals.MAX_ENTRIES_IN_FLIGHT, sent.size());
        apply(sent.get(0), 1);
        assertEquals(100 - Proposals.MAX_ENTRIES_IN_FLIGHT, topics(last()).size());
    }

    @Test
    void withoutALeaderAProposalFailsInTime() {
        var future = propose("a");
        now += TIMEOUT - 1;
        proposals.tick();
        assertFalse(future.isDone());
        now++;
        proposals.tick();
        var failed = assertThrows(ExecutionException.class, future::get);
        assertInstanceOf(TimeoutException.class, failed.getCause());
        proposals.leader(1, false);
        assertEquals(List.of(), sent);
    }

    @Test
    void aProposalThatFailedInFlightIsNotProposedAgain() {
        proposals.leader(1, false);
        var future = propose("a");
        now += TIMEOUT;
        proposals.tick();
        assertTrue(future.isCompletedExceptionally());
        proposals.leader(2, false);
        applyOfAnother(2);
        assertEquals(0, sent.stream().filter(each -> each.term() == 2).count());
    }

    @Test
    void aSnapshotLeavesTheOutcomeOpen() {
        proposals.leader(1, false);
        var future = propose("a");
        proposals.restored();
        var failed = assertThrows(ExecutionException.class, future::get);
        assertInstanceOf(TimeoutException.class, failed.getCause());
    }

    /** One that is in the snapshot will not be seen; it must not hold up others for ever. */
    @Test
    void aSnapshotTakesNoPlaceAndABarrierIsSentAgain() {
        proposals.leader(1, false);
        var barrier = proposals.barrier().toCompletableFuture();
        for (int i = 1; i < Proposals.MAX_ENTRIES_IN_FLIGHT; i++) {
            propose("t" + i);
        }
        proposals.restored();
        assertFalse(barrier.isDone());
        assertEquals(List.of(), topics(last()));
        assertEquals(Proposals.MAX_ENTRIES_IN_FLIGHT + 1, sent.size());
        apply(sent.get(0), 1);
        assertFalse(barrier.isDone(), "an old one");
        apply(last(), 1);
        assertTrue(barrier.isDone());
    }

    @Test
    void tooManyAreRefused() {
        for (int i = 0; i < Proposals.MAX_WAITING; i++) {
            assertFalse(propose("t").isDone());
        }
        assertTrue(propose("t").isCompletedExceptionally());
        assertEquals(Proposals.MAX_WAITING, proposals.size());
    }

    @Test
    void ticksAreAskedForOnlyWhileSomethingWaits() {
        proposals.leader(1, false);
        propose("a");
        propose("b");
        assertEquals(1, wakes);
        proposals.tick();
        assertEquals(2, wakes);
        sent.forEach(each -> apply(each, 1));
        proposals.tick();
        assertEquals(2, wakes);
    }

    @Test
    void closedRefusesAndFailsWhatIsLeft() {
        proposals.leader(1, true);
        apply(sent.get(0), 1);
        var future = propose("a");
        proposals.close("over", 1);
        assertInstanceOf(
                NotControllerException.class,
                assertThrows(ExecutionException.class, future::get).getCause());
        assertTrue(propose("b").isCompletedExceptionally());
        assertEquals(List.of(true, false), leads);
    }

    @Test
    void theIntakeTakesEachOnceAndInOrder() {
        var intake = new Intake();
        assertEquals(6, intake.offer(SELF, 2, 5, 5, () -> true));
        assertEquals(6, intake.offer(SELF, 2, 5, 5, () -> {
            throw new AssertionError("twice");
        }));
        assertEquals(6, intake.offer(SELF, 2, 5, 7, () -> {
            throw new AssertionError("before 6");
        }));
        assertEquals(6, intake.offer(SELF, 2, 5, 6, () -> false));
        assertEquals(7, intake.offer(SELF, 2, 5, 6, () -> true));
        assertEquals(-1, intake.offer(SELF, 1, 1, 1, () -> true));
        assertEquals(9, intake.offer(SELF, 3, 8, 8, () -> true));
    }

    @Test
    void messagesAreReadAsTheyWereWritten() {
        var propose = new NodeMessage.Propose(SELF, 2, 3, 4, new byte[] {1, 2, 3});
        var bytes = propose.encode();
        var read =
                (NodeMessage.Propose) NodeMessage.decode(bytes, 0, bytes.length).orElseThrow();
        assertEquals(List.of(SELF, 2L, 3L, 4L), List.of(read.proposer(), read.term(), read.first(), read.sequence()));
        assertEquals(3, read.entry().length);
        var taken = new NodeMessage.Taken(7, 8);
        assertEquals(taken, NodeMessage.decode(taken.encode(), 0, 17).orElseThrow());
        assertTrue(NodeMessage.decode(new byte[] {99, 1}, 0, 2).isEmpty());
        assertTrue(NodeMessage.decode(bytes, 0, 20).isEmpty());
        assertTrue(NodeMessage.decode(bytes, 0, 0).isEmpty());
    }
}
