package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.util.ExtendedUUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What jgroups-raft's own test of its logs expects, on real files; with the differences that docs/adr/0003-raft-log.md explains. */
class RaftLogContractTest {
    @TempDir
    Path directory;

    private RaftLog log;

    @BeforeEach
    void open() {
        log = new RaftLog(
                DirectoryStorage.open(directory), new LogIdentity("cluster", 1), 1 << 20, new FailStop(failure -> {}));
        log.init("", null);
    }

    @AfterEach
    void close() throws IOException {
        log.close();
    }

    private void reopen() throws IOException {
        log.close();
        open();
    }

    private void append(long first, long... terms) {
        for (long term : terms) {
            log.append(first++, LogEntries.create(new LogEntry(term, new byte[10])));
        }
    }

    private void snapshotAt(long index) {
        log.commitIndex(index);
        log.setSnapshot(ByteBuffer.wrap(new byte[] {(byte) index}));
        log.truncate(index);
    }

    private void assertIndices(long first, long last, long commit, long term) {
        assertEquals(
                List.of(first, last, commit, term),
                List.of(log.firstAppended(), log.lastAppended(), log.commitIndex(), log.currentTerm()));
    }

    @Test
    void aNewLogIsEmpty() {
        assertIndices(0, 0, 0, 0);
        assertNull(log.votedFor());
        assertNull(log.getSnapshot());
        assertNull(log.get(0));
        assertNull(log.get(1));
    }

    @Test
    void termAndVotePersist() throws IOException {
        var address = ExtendedUUID.randomUUID("A");
        log.currentTerm(22);
        log.votedFor(address);
        reopen();
        assertEquals(22, log.currentTerm());
        assertEquals(address, log.votedFor());
        log.delete();
        log.init("", null);
        assertIndices(0, 0, 0, 0);
        assertNull(log.votedFor());
    }

    @Test
    void theTermNeverGoesBack() throws IOException {
        append(1, 1, 1, 1);
        log.currentTerm(7);
        log.currentTerm(5);
        log.deleteAllEntriesStartingFrom(2);
        assertIndices(0, 1, 0, 7);
        reopen();
        assertIndices(0, 1, 0, 7);
        assertThrows(IllegalArgumentException.class, () -> append(2, 0));
    }

    @Test
    void aVoteSurvivesTheNextTermUntilItIsReplaced() throws IOException {
        var a = ExtendedUUID.randomUUID("A");
        log.currentTerm(3);
        log.votedFor(a);
        log.currentTerm(4);
        log.votedFor(null);
        assertNull(log.votedFor());
        log.votedFor(a);
        reopen();
        assertEquals(a, log.votedFor());
    }

    @Test
    void metadataOfAReopenedLog() throws IOException {
        append(1, 1, 1, 1, 4, 4, 5, 5, 6, 6, 6);
        log.commitIndex(10);
        reopen();
        assertIndices(0, 10, 10, 6);
    }

    @Test
    void batches() throws IOException {
        var entries = new LogEntries();
        for (int i = 0; i < 30; i++) {
            entries.add(new LogEntry(Math.max(3, i / 2), new byte[] {9, 9, (byte) i, 9}, 2, 1, i % 2 == 0));
        }
        append(1, 1, 1, 3);
        assertEquals(33, log.append(4, entries));
        assertIndices(0, 33, 0, 14);
        reopen();
        log.commitIndex(33);
        for (int i = 0; i < 30; i++) {
            var entry = log.get(4 + i);
            assertEquals(i, entry.command()[entry.offset()]);
            assertEquals(1, entry.length());
            assertEquals(i % 2 == 0, entry.internal());
        }
        assertThrows(IllegalArgumentException.class, () -> append(35, 14));
        assertThrows(IllegalArgumentException.class, () -> append(33, 14));
    }

    @Test
    void deletingConflictingEntries() {
        append(1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3);
        log.commitIndex(5);
        log.deleteAllEntriesStartingFrom(6);
        assertIndices(0, 5, 5, 3);
        for (int i = 1; i <= 5; i++) {
            assertNotNull(log.get(i));
        }
        assertNull(log.get(6));
        assertThrows(IllegalArgumentException.class, () -> log.deleteAllEntriesStartingFrom(5));
        append(6, 4);
        assertEquals(4, log.get(6).term());
    }

    @Test
    void deletingAll() throws IOException {
        append(1, 1, 1, 1, 2, 2);
        log.deleteAllEntriesStartingFrom(1);
        assertIndices(0, 0, 0, 2);
        assertNull(log.get(1));
        reopen();
        assertIndices(0, 0, 0, 2);
    }

    /** The void entries must not be where a restart begins to read. */
    @Test
    void aSnapshotBetweenVoidAndValidEntries() throws IOException {
        log.close();
        log = new RaftLog(DirectoryStorage.open(directory), new LogIdentity("cluster", 1), 300, new FailStop(f -> {}));
        log.init("", null);
        var nine = new LogEntries();
        for (int i = 0; i < 9; i++) {
            nine.add(new LogEntry(1, new byte[100]));
        }
        log.append(1, nine);
        append(10, 1);
        log.deleteAllEntriesStartingFrom(9);
        append(9, 2, 2);
        snapshotAt(8);
        reopen();
        assertIndices(8, 10, 8, 2);
        assertEquals(2, log.get(9).term());
    }

    @Test
    void nothingIsTruncatedWithoutASnapshot() {
        append(1, 1, 1, 1);
        log.commitIndex(3);
        assertThrows(IllegalStateException.class, () -> log.truncate(2));
        assertIndices(0, 3, 3, 1);
        assertNotNull(log.get(1));
    }

    @Test
    void truncatingBehindASnapshot() throws IOException {
        append(1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3);
        snapshotAt(6);
        assertIndices(6, 11, 6, 3);
        reopen();
        assertIndices(6, 11, 6, 3);
        assertNull(log.get(5));
        assertEquals(2, log.get(6).term());
        assertNull(log.get(6).command());
        for (int i = 7; i <= 11; i++) {
            assertEquals(3, log.get(i).term());
        }
        assertEquals(ByteBuffer.wrap(new byte[] {6}), log.getSnapshot());
        snapshotAt(11);
        append(12, 3, 4);
        reopen();
        assertIndices(11, 13, 11, 4);
        assertEquals(ByteBuffer.wrap(new byte[] {11}), log.getSnapshot());
        try (var files = Files.list(directory)) {
            assertEquals(
                    1,
                    files.filter(file -> file.toString().endsWith(Journal.SEGMENT_SUFFIX))
                            .count());
        }
    }

    @Test
    void aSnapshotIsNothingBeforeTheLogIsTruncatedWithIt() throws IOException {
        append(1, 1, 1, 1);
        log.commitIndex(3);
        log.setSnapshot(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3}), log.getSnapshot());
        reopen();
        assertNull(log.getSnapshot());
        assertEquals(0, log.firstAppended());
    }

    @Test
    void startingAnewFromTheLeadersSnapshot() throws IOException {
        append(1, 1, 1, 1, 2, 2);
        log.commitIndex(3);
        assertThrows(IllegalStateException.class, () -> log.reinitializeTo(20, new LogEntry(4, null)));
        log.setSnapshot(ByteBuffer.wrap(new byte[] {20}));
        log.reinitializeTo(20, new LogEntry(4, null));
        assertIndices(20, 20, 20, 4);
        append(21, 4, 5);
        reopen();
        assertIndices(20, 22, 20, 5);
        assertNull(log.get(19));
        assertEquals(4, log.get(20).term());
        log.setSnapshot(ByteBuffer.wrap(new byte[] {19}));
        assertThrows(IllegalArgumentException.class, () -> log.reinitializeTo(19, new LogEntry(4, null)));
        assertEquals(ByteBuffer.wrap(new byte[] {20}), log.getSnapshot());
    }

    @Test
    void thePlaceholderOfASnapshotIsNoEntry() {
        assertThrows(IllegalArgumentException.class, () -> log.append(1, LogEntries.create(new LogEntry(1, null))));
        assertIndices(0, 0, 0, 0);
    }

    @Test
    void forEachVisitsARange() {
        append(1, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5);
        var visited = new ArrayList<Long>();
        log.forEach((entry, index) -> visited.add(index));
        assertEquals(10, visited.size());
        snapshotAt(8);
        visited.clear();
        log.forEach((entry, index) -> visited.add(index), 0, 25);
        assertEquals(List.of(8L, 9L, 10L), visited);
    }

    @Test
    void fsyncCannotBeTurnedOff() {
        assertTrue(log.useFsync(false).useFsync());
    }

    @Test
    void oneBrokerAtATime() {
        var refusal = assertThrows(RaftException.class, () -> DirectoryStorage.open(directory));
        assertTrue(refusal.getMessage().contains("in use by another broker"), refusal.getMessage());
    }
}
