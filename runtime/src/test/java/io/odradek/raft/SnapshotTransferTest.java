package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of three nodes, A leads and has a snapshot in place of its log, and C has nothing. */
class SnapshotTransferTest {
    private static final Predicate<ScriptedGroup.Letter> NO_PIECE = each -> !each.piece();
    private static final Predicate<ScriptedGroup.Letter> PIECE = ScriptedGroup.Letter::piece;

    private ScriptedGroup group;

    @BeforeAll
    static void quiet() {
        JGroupsLog.install();
    }

    @BeforeEach
    void start() throws Exception {
        group = new ScriptedGroup("A", "B", "C");
        group.elect("A", "B");
        group.propose("A", 1);
        group.deliver();
        group.snapshot("A");
        group.snapshot("B");
    }

    private void finish() {
        for (int i = 0; i < 20; i++) {
            group.tick(2_000);
            group.deliver();
        }
    }

    @Test
    void aBoundedNumberOfPiecesIsOnTheWay() {
        group.view("A", "B", "C");
        group.deliver(NO_PIECE);
        int first = group.waiting(PIECE).size();
        assertEquals(4, first);
        group.tick(100);
        group.deliver(NO_PIECE);
        assertEquals(first, group.waiting(PIECE).size(), "nothing was lost so far");
        group.deliverAgain(group.waiting(PIECE).get(0));
        group.work();
        group.deliver(NO_PIECE);
        assertEquals(first + 1, group.waiting(PIECE).size(), "one came, one more is asked for");
        group.deliver();
        assertEquals(List.of(1L, 1L, 1L), group.commands());
    }

    @Test
    void lostRepeatedAndReorderedPiecesDoNoHarm() {
        group.view("A", "B", "C");
        group.deliver(NO_PIECE);
        for (int round = 0; group.commands().get(2) == 0; round++) {
            assertTrue(round < 20, "it comes to an end");
            var pieces = new ArrayList<>(group.waiting(PIECE));
            Collections.reverse(pieces);
            for (var each : pieces) {
                group.deliverAgain(each);
                group.deliverAgain(each);
            }
            group.work();
            group.lose();
            group.tick(20_000); // no more came: so it asks again
            group.deliver(NO_PIECE);
        }
        assertEquals(List.of(1L, 1L, 1L), group.commands());
    }

    @Test
    void commandsGoOnMeanwhile() {
        group.view("A", "B", "C");
        group.deliver(NO_PIECE);
        for (int command = 2; command < 10; command++) {
            group.propose("A", command);
            group.deliver(NO_PIECE);
        }
        assertEquals(List.of(9L, 9L, 0L), group.commands());
        group.deliver();
        finish();
        assertEquals(List.of(9L, 9L, 9L), group.commands());
    }

    @Test
    void aNewerSnapshotTakesThePlaceOfTheOneThatIsFetched() {
        group.view("A", "B", "C");
        group.deliver(NO_PIECE);
        group.propose("A", 2);
        group.deliver(NO_PIECE);
        group.snapshot("A");
        group.deliver();
        finish();
        assertEquals(List.of(2L, 2L, 2L), group.commands());
        assertEquals(
                group.node("A").log.snapshotId().index(),
                group.node("C").log.snapshotId().index());
    }

    @Test
    void anotherLeaderWithTheSameSnapshotGoesOnWithIt() {
        assertEquals(group.node("A").log.snapshotId(), group.node("B").log.snapshotId());
        group.view("A", "B", "C");
        group.deliver(NO_PIECE);
        group.deliverAgain(group.waiting(PIECE).get(0));
        group.deliverAgain(group.waiting(PIECE).get(1));
        group.work();
        group.lose();
        group.elect("B", "C");
        finish();
        assertEquals(List.of(1L, 1L, 1L), group.commands());
        assertEquals(List.of(0, 8), group.piecesFrom("A", 2));
        assertEquals(16, group.piecesFrom("B", 1).get(0), "the rest came from B");
    }

    @Test
    void whatIsNotWhatWasAnnouncedIsNeverInstalled() {
        group.view("A", "B", "C");
        group.deliver(NO_PIECE);
        var last = -1;
        for (int i = 0; i < 20 && last < 0; i++) {
            for (var each : group.waiting(PIECE)) {
                var header = each.header();
                if (header.position() + 8 >= header.id().length()) {
                    last = header.position();
                    var content = new byte[header.id().length() - last];
                    group.deliverAgain(each.with(content));
                } else {
                    group.deliverAgain(each);
                }
                group.take(each);
            }
            group.work();
            group.deliver(NO_PIECE);
        }
        assertTrue(last > 0);
        assertEquals(List.of(1L, 1L, 0L), group.commands());
        assertEquals(SnapshotId.NONE, group.node("C").log.snapshotId());
        finish();
        assertEquals(List.of(1L, 1L, 1L), group.commands(), "fetched again");
    }

    @Test
    void aSnapshotThatRotsIsSentToNobody() throws Exception {
        var storage = group.node("A").storage;
        try (var file = storage.open(SnapshotFile.NAME)) {
            file.write(file.size() - 3, new byte[] {77}, 0, 1);
        }
        group.view("A", "B", "C");
        while (!group.node("A").failed()) {
            assertTrue(group.deliverOne());
            group.work();
        }
        assertTrue(
                group.node("A").failure().getMessage().contains(SnapshotFile.NAME),
                group.node("A").failure().getMessage());
        assertEquals(0, group.waiting(PIECE).size());
        assertEquals(SnapshotId.NONE, group.node("C").log.snapshotId());
    }

    @Test
    void whileASnapshotIsWrittenCommandsAreCommitted() throws Exception {
        var before = group.node("A").log.snapshotId();
        group.propose("A", 2);
        group.deliver();
        group.beginSnapshot("A");
        for (int command = 3; command < 10; command++) {
            group.propose("A", command);
            group.deliverOnly();
        }
        assertEquals(before, group.node("A").log.snapshotId());
        assertEquals(List.of(9L, 9L, 0L), group.commands());
        long commit = group.node("A").raft.commitIndex();
        group.work();
        var taken = group.node("A").log.snapshotId();
        assertTrue(taken.index() > before.index() && taken.index() < commit, taken.toString());
        assertEquals(commit, group.node("A").log.lastAppended());
        group.restart("A", "B");
        assertEquals(List.of(9L, 9L, 0L), group.commands());
    }

    @Test
    void aSnapshotThatWasNotFinishedIsForgotten() throws Exception {
        var before = group.node("A").log.snapshotId();
        group.propose("A", 2);
        group.deliver();
        group.beginSnapshot("A");
        group.forgetWork();
        group.restart("A", "B");
        assertEquals(List.of(2L, 2L, 0L), group.commands());
        assertEquals(before, group.node("A").log.snapshotId());
        assertFalse(group.node("A").storage.list().stream().anyMatch(each -> each.endsWith(Journal.TEMPORARY_SUFFIX)));
    }

    @Test
    void aMembersNextEntriesAreKeptWhileItFetches() throws Exception {
        group.maxLogSize("A", 100);
        group.view("A", "B", "C");
        group.deliver(NO_PIECE);
        var fetched = group.node("A").log.snapshotId();
        for (int command = 2; command < 30; command++) {
            group.propose("A", command);
            group.deliver(NO_PIECE);
        }
        assertEquals(fetched, group.node("A").log.snapshotId(), "28 commands of 8 bytes are less than four times 100");
        for (int command = 30; command < 60; command++) {
            group.propose("A", command);
            group.deliver(NO_PIECE);
        }
        assertTrue(group.node("A").log.snapshotId().index() > fetched.index(), "it does not wait for ever");
        finish();
        assertEquals(List.of(59L, 59L, 59L), group.commands());
    }
}
