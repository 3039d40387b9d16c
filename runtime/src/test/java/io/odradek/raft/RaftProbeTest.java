package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The runs that made jgroups-raft 1.1.4 diverge or forget, as they go with our rules and our log. */
class RaftProbeTest {
    private ScriptedGroup group;

    @BeforeEach
    void start() throws Exception {
        JGroupsLog.install();
        group = new ScriptedGroup("A", "B", "C");
    }

    /** RaftProbe 1. */
    @Test
    void aBareCommitMessageDoesNotCommitAnEntryThatDiverges() {
        group.elect("C", "A", "B");
        group.propose("C", 1);
        group.lose();
        group.elect("A", "B");
        group.view("C");
        assertFalse(group.node("C").raft.isLeader(), "alone");
        group.propose("A", 2);
        group.deliver();
        assertEquals(List.of(1L, 1L, 0L), group.commands(), "A and B have committed, C has an entry of its own there");

        group.view("A", "B", "C");
        group.propose("A", 3);
        group.deliver(each -> !(each.multicast() && each.to().equals("C")));
        group.tick(1_000);
        group.deliver(each -> !(each.multicast() && each.to().equals("C")));
        group.deliver();
        group.tick(1_000);
        group.deliver();
        assertEquals(List.of(2L, 2L, 2L), group.commands()); // the invariants have seen to it that they are the same
    }

    /** RaftProbe 3: Raft §5.4.2, figure 8. */
    @Test
    void entriesOfEarlierTermsAreCommittedByAnEntryOfTheLeadersOwn() {
        group.elect("A", "B", "C");
        group.propose("A", 1);
        group.lose();
        group.view("A");
        group.electUnheard("C", "B");
        group.propose("C", 2);
        group.lose();
        group.view("C");

        group.electUnheard("A", "B");
        int steps = 0;
        while (group.deliverOne()) {
            if (group.node("B").raft.lastAppended() < group.node("A").raft.lastAppended()) {
                assertEquals(List.of(0L, 0L, 0L), group.commands(), "B has A's command, but not its no-op");
                steps++;
            }
        }
        assertTrue(steps > 2, steps + " steps");
        assertEquals(List.of(1L, 1L, 0L), group.commands(), "committed with A's no-op, which B has");

        group.view("A");
        group.view("C", "B");
        group.tick(0);
        group.deliver();
        group.tick(1_000);
        group.deliver();
        assertFalse(group.node("C").raft.isLeader(), "C lacks what is committed");
        assertTrue(group.node("B").raft.isLeader());
        assertEquals(List.of(1L, 1L, 1L), group.commands());
    }

    @Test
    void aLeaderWithLearnersOnlyStepsDown() throws Exception {
        group = new ScriptedGroup(3, "A", "B", "C", "D", "E");
        group.elect("A", "B", "D", "E");
        group.propose("A", 1);
        group.deliver();
        assertEquals(List.of(1L, 1L, 0L, 1L, 1L), group.commands(), "learners follow");
        group.view("A", "D", "E");
        assertFalse(group.node("A").raft.isLeader());
    }

    @Test
    void aFollowerExactlyAtTheSnapshotGetsWhatItLacks() {
        group.elect("A", "B", "C");
        group.propose("A", 1);
        group.deliver();
        group.view("C");
        group.view("A", "B");
        group.snapshot("A");
        group.propose("A", 2);
        group.deliver();
        group.view("A", "B", "C");
        group.deliver();
        group.tick(1_000);
        group.deliver();
        assertEquals(List.of(2L, 2L, 2L), group.commands());
    }

    @Test
    void aLateSnapshotIsIgnored() {
        group.elect("A", "B");
        group.propose("A", 1);
        group.deliver();
        group.snapshot("A");
        group.view("A", "B", "C");
        group.deliver(each -> !each.snapshot());
        var twice = group.waiting(ScriptedGroup.Letter::snapshot);
        assertEquals(1, twice.size(), "C needs the snapshot");
        group.deliver();
        group.propose("A", 2);
        group.deliver();
        assertEquals(List.of(2L, 2L, 2L), group.commands());
        group.deliverAgain(twice.get(0));
        assertEquals(List.of(2L, 2L, 2L), group.commands());
        group.propose("A", 3);
        group.deliver();
        assertEquals(List.of(3L, 3L, 3L), group.commands());
    }

    /** LogProbe 2. */
    @Test
    void aCrashBetweenSnapshotAndTruncationAppliesNothingTwice() throws Exception {
        group = new ScriptedGroup("A");
        group.elect("A");
        for (int i = 1; i <= 10; i++) {
            group.propose("A", i);
        }
        group.node("A").log.setSnapshot(ByteBuffer.wrap(new byte[100])); // and the power is gone
        group.restart("A");
        assertEquals(List.of(10L), group.commands());
        group.snapshot("A");
        group.restart("A");
        assertEquals(List.of(10L), group.commands());
    }

    /** LogProbe 3. */
    @Test
    void truncatingDoesNotTakeTheTermBack() {
        var log = LogRun.open(new ForgetfulStorage(1));
        append(log, 1, "a", "b");
        log.currentTerm(7);
        log.deleteAllEntriesStartingFrom(2);
        assertEquals(7, log.currentTerm());
    }

    /** LogProbe 4. */
    @Test
    void aFlippedByteIsRefused() {
        var storage = new ForgetfulStorage(1);
        append(LogRun.open(storage), 1, "abcdefgh");
        var files = storage.files();
        var segment = files.get(Journal.fileName(1));
        segment[new String(segment, StandardCharsets.ISO_8859_1).indexOf("abcdefgh") + 3] = 'X';
        assertThrows(RaftException.class, () -> LogRun.open(ForgetfulStorage.of(files)));
    }

    private static void append(RaftLog log, long term, String... commands) {
        var entries = new LogEntries();
        for (var each : commands) {
            entries.add(new LogEntry(term, each.getBytes(StandardCharsets.UTF_8)));
        }
        log.append(log.lastAppended() + 1, entries);
    }
}
