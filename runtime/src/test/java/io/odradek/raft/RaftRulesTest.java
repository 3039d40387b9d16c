package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jgroups.Address;
import org.jgroups.protocols.raft.InternalCommand;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.util.UUID;
import org.junit.jupiter.api.Test;

/** Raft's rules as functions. */
class RaftRulesTest {
    /** The entries' terms, from index 1. */
    private record Terms(long commitIndex, long... terms) implements LogTerms {
        @Override
        public long lastIndex() {
            return terms.length;
        }

        @Override
        public long termAt(long index) {
            return index == 0 ? 0 : terms[(int) index - 1];
        }
    }

    private static AppendPlan plan(LogTerms log, long previousIndex, long previousTerm, long... terms) {
        return AppendPlan.of(log, previousIndex, previousTerm, terms);
    }

    @Test
    void onlyWhatAMessageShowsIsVerified() {
        var log = new Terms(1, 1, 1, 1, 1);
        assertEquals(new AppendPlan.Accept(0, 0, 2), plan(log, 2, 1), "entries 3 and 4 were not compared");
        assertEquals(new AppendPlan.Accept(0, 1, 3), plan(log, 2, 1, 1));
        assertEquals(
                new AppendPlan.Accept(0, 0, 1), plan(log, 0, 0), "a bare message from the beginning shows nothing");
    }

    @Test
    void newEntriesAreAppendedAndConflictsTruncated() {
        var log = new Terms(1, 1, 1, 1);
        assertEquals(new AppendPlan.Accept(0, 0, 5), plan(log, 3, 1, 2, 2));
        assertEquals(new AppendPlan.Accept(0, 1, 4), plan(log, 2, 1, 1, 2));
        assertEquals(new AppendPlan.Accept(3, 1, 4), plan(log, 1, 1, 1, 2, 2));
    }

    @Test
    void anOldMessageTruncatesNothing() {
        var log = new Terms(1, 1, 2, 2, 2);
        assertEquals(new AppendPlan.Accept(0, 1, 2), plan(log, 1, 1, 2));
    }

    @Test
    void whatIsCommittedIsNotComparedAgain() {
        var log = new Terms(3, 1, 1, 2, 2);
        assertEquals(new AppendPlan.Accept(0, 2, 3), plan(log, 0, 0, 1, 1));
        assertEquals(new AppendPlan.Accept(4, 2, 5), plan(log, 1, 1, 1, 2, 3, 3));
    }

    @Test
    void aGapOrAnotherTermIsRefusedWithAHint() {
        var log = new Terms(1, 1, 2, 2, 2);
        assertEquals(new AppendPlan.Refuse(4), plan(log, 7, 3, 3));
        assertEquals(new AppendPlan.Refuse(1), plan(log, 4, 3, 3), "none of term 2 can match");
    }

    @Test
    void aSnapshotTakesNothingBack() {
        var log = new Terms(2, 1, 1, 2, 2);
        assertEquals(SnapshotPlan.IGNORE, SnapshotPlan.of(log, 2, 1));
        assertEquals(SnapshotPlan.COMMIT, SnapshotPlan.of(log, 3, 2), "entry 4 may be acknowledged");
        assertEquals(SnapshotPlan.INSTALL, SnapshotPlan.of(log, 3, 3));
        assertEquals(SnapshotPlan.INSTALL, SnapshotPlan.of(log, 9, 2));
    }

    @Test
    void votesGoToWhoHasAsMuch() {
        var own = new LogPosition(2, 5);
        assertTrue(VoteRule.grants(3, true, own, 3, new LogPosition(2, 5)));
        assertTrue(VoteRule.grants(3, true, own, 3, new LogPosition(3, 1)));
        assertFalse(VoteRule.grants(3, true, own, 3, new LogPosition(2, 4)));
        assertFalse(VoteRule.grants(3, true, own, 3, new LogPosition(1, 9)));
        assertFalse(VoteRule.grants(3, false, own, 3, own), "it has voted, or knows who leads");
        assertFalse(VoteRule.grants(4, true, own, 3, own), "an old term");
    }

    @Test
    void learnersDoNotCount() {
        var voters = new VoterSet(Set.of("1", "2", "3"));
        assertEquals(2, voters.majority());
        assertFalse(voters.hasMajority(Set.of("1", "7", "8", "9")));
        assertTrue(voters.hasMajority(Set.of("1", "3")));
        assertEquals(5, voters.replicatedUpTo(Map.of("1", 9L, "2", 5L, "7", 9L, "8", 9L)));
        assertEquals(0, voters.replicatedUpTo(Map.of("1", 9L, "7", 9L)));
        assertEquals(3, voters.with("4").replicatedUpTo(Map.of("1", 9L, "2", 5L, "3", 3L)));
    }

    @Test
    void votersChangeWithTheLogAndBack() {
        var three = new VoterSet(Set.of("1", "2", "3"));
        var history = new VoterHistory(three);
        history.changed(5, three.with("4"));
        history.changed(9, three);
        assertEquals(three, history.at(4));
        assertEquals(three.with("4"), history.at(8));
        assertFalse(history.settledAt(8));
        history.truncateFrom(9);
        assertEquals(three.with("4"), history.current());
        assertTrue(history.settledAt(8));
        history.forgetBefore(7);
        history.truncateFrom(8);
        assertEquals(three.with("4"), history.current());
    }

    private static Campaign.Answer answer(boolean yes, LogPosition position) {
        return new Campaign.Answer(UUID.randomUUID(), yes, false, position);
    }

    private static Campaign.Answer blank(Address from) {
        return new Campaign.Answer(from, true, true, new LogPosition(0, 0));
    }

    @Test
    void blankVotersCountOnlyWhereAllAgree() {
        var voters = new VoterSet(Set.of("1", "2", "3"));
        var second = UUID.randomUUID();
        var third = UUID.randomUUID();
        var canvass = Campaign.canvass(1);
        canvass.answer("1", answer(true, new LogPosition(0, 0)));
        canvass.answer("2", blank(second));
        assertInstanceOf(Campaign.Undecided.class, canvass.outcome(voters, "1", true));
        canvass.answer("3", blank(third));
        assertInstanceOf(Campaign.Won.class, canvass.outcome(voters, "1", true));
        assertInstanceOf(Campaign.Undecided.class, canvass.outcome(voters, "1", false), "something is committed");

        var vote = canvass.toVote(1);
        vote.answer("1", answer(true, new LogPosition(0, 0)));
        vote.answer("2", blank(second));
        assertInstanceOf(Campaign.Undecided.class, vote.outcome(voters, "1", true));
        vote.answer("3", blank(third));
        assertEquals(new Campaign.Won(Set.of(second, third)), vote.outcome(voters, "1", true));

        var anotherLife = canvass.toVote(1);
        anotherLife.answer("1", answer(true, new LogPosition(0, 0)));
        anotherLife.answer("2", blank(second));
        anotherLife.answer("3", blank(UUID.randomUUID()));
        assertInstanceOf(Campaign.Undecided.class, anotherLife.outcome(voters, "1", true));
    }

    @Test
    void aBlankCandidateNeedsAll() {
        var voters = new VoterSet(Set.of("1", "2", "3"));
        var canvass = Campaign.canvass(1);
        canvass.answer("1", blank(UUID.randomUUID()));
        canvass.answer("2", answer(true, new LogPosition(0, 0)));
        canvass.answer("3", answer(false, new LogPosition(0, 0)));
        assertInstanceOf(Campaign.Undecided.class, canvass.outcome(voters, "1", true));
    }

    @Test
    void votersAreAddedWhenTheyCountAndRemovedWhileTheOthersDo() {
        var three = new VoterSet(Set.of("1", "2", "3"));
        var view = Set.of("1", "2", "4");
        var add = new InternalEntry(InternalCommand.Type.addServer, "4");
        var remove = new InternalEntry(InternalCommand.Type.removeServer, "3");
        assertEquals(Optional.empty(), VoterChangeRule.refusal(add, three, true, true, view, view));
        assertTrue(VoterChangeRule.refusal(add, three, true, true, view, Set.of("1", "2"))
                .orElseThrow()
                .contains("caught up"));
        assertTrue(VoterChangeRule.refusal(add, three, true, true, Set.of("1", "2"), view)
                .orElseThrow()
                .contains("not connected"));
        assertEquals(Optional.empty(), VoterChangeRule.refusal(remove, three, true, true, view, Set.of("1", "2")));
        assertTrue(VoterChangeRule.refusal(remove, three, true, true, view, Set.of("1", "4"))
                .orElseThrow()
                .contains("no majority"));
        assertTrue(
                VoterChangeRule.refusal(remove, three, false, true, view, view).isPresent());
        assertTrue(
                VoterChangeRule.refusal(remove, three, true, false, view, view).isPresent());
    }

    @Test
    void aCanvassFindsWhoShouldStand() {
        var voters = new VoterSet(Set.of("1", "2", "3"));
        var canvass = Campaign.canvass(1);
        canvass.answer("1", answer(true, new LogPosition(1, 5)));
        assertInstanceOf(Campaign.Undecided.class, canvass.outcome(voters, "1", false));
        canvass.answer("7", answer(true, new LogPosition(9, 9)));
        canvass.answer("3", answer(false, new LogPosition(1, 5)));
        assertInstanceOf(Campaign.Undecided.class, canvass.outcome(voters, "1", false), "a learner, and a refusal");
        canvass.answer("2", answer(true, new LogPosition(1, 6)));
        assertEquals(new Campaign.Better("2"), canvass.outcome(voters, "1", false));
    }

    @Test
    void whoDeclinedACanvassMayComeRound() {
        var voters = new VoterSet(Set.of("1", "2", "3"));
        var canvass = Campaign.canvass(1);
        canvass.answer("1", answer(true, new LogPosition(1, 5)));
        canvass.answer("2", answer(false, new LogPosition(1, 5)));
        assertInstanceOf(Campaign.Undecided.class, canvass.outcome(voters, "1", false));
        canvass.answer("2", answer(true, new LogPosition(1, 5)));
        canvass.answer("2", answer(false, new LogPosition(1, 5)));
        assertInstanceOf(Campaign.Won.class, canvass.outcome(voters, "1", false), "what it declined first came last");
    }

    @Test
    void aVoterCountsOnce() {
        var voters = new VoterSet(Set.of("1", "2", "3"));
        var vote = Campaign.vote(4);
        vote.answer("1", answer(true, new LogPosition(1, 5)));
        vote.answer("1", answer(true, new LogPosition(1, 5)));
        assertInstanceOf(Campaign.Undecided.class, vote.outcome(voters, "1", false));
        vote.answer("2", answer(true, new LogPosition(1, 1)));
        assertInstanceOf(Campaign.Won.class, vote.outcome(voters, "1", false));
        assertTrue(vote.isVote(4));
        assertFalse(vote.isVote(5));
        assertFalse(vote.isCanvass(4));
    }

    @Test
    void internalEntriesAreRead() {
        var add = new InternalEntry(InternalCommand.Type.addServer, "4");
        var bytes = add.encode();
        assertEquals(add, InternalEntry.decode(new LogEntry(1, bytes, 0, bytes.length, true)));
        var noOp = InternalEntry.NO_OP.encode();
        assertEquals(InternalEntry.NO_OP, InternalEntry.decode(new LogEntry(1, noOp, 0, noOp.length, true)));
        assertThrows(
                IllegalStateException.class, () -> InternalEntry.decode(new LogEntry(1, new byte[] {77}, 0, 1, true)));
    }

    @Test
    void progressIsNotTakenBackByLateAnswers() {
        var progress = new FollowerProgress("2", 11, 0);
        assertTrue(progress.refused(4));
        assertEquals(5, progress.nextIndex());
        assertFalse(progress.refused(4), "it was answered already");
        progress.sent(10, 0);
        progress.accepted(10);
        assertEquals(10, progress.matchIndex());
        progress.refused(4);
        assertEquals(11, progress.nextIndex());
        assertEquals(10, progress.matchIndex());
    }
}
