package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A recorded run, cut and flipped at every byte: the start is refused, or what was acknowledged is there. */
class RaftLogDamageTest {
    private static final List<LogRun.Content> HISTORY = new ArrayList<>();
    private static Map<String, byte[]> files;
    private static String lastSegment;
    /** Size of the last segment when the last call but one had returned. */
    private static int acknowledgedBefore;

    @BeforeAll
    static void record() {
        var storage = new ForgetfulStorage(1);
        var run = new LogRun(LogRun.open(storage), 11, LogRun.EMPTY);
        HISTORY.add(run.acknowledged());
        Map<String, byte[]> before = Map.of();
        do {
            if (!storage.files().equals(before)) {
                before = storage.files();
            }
            run.step();
            HISTORY.add(run.acknowledged());
        } while (!isWorthDamaging(before, storage.files()));
        files = storage.files();
        files.keySet().removeIf(name -> name.endsWith(Journal.TEMPORARY_SUFFIX)); // a restart deletes them
        lastSegment = segments(files).last();
        acknowledgedBefore = before.get(lastSegment).length;
    }

    /** A snapshot, several segments with records, and the last call appended to the last of them. */
    private static boolean isWorthDamaging(Map<String, byte[]> before, Map<String, byte[]> after) {
        var segments = segments(after);
        return after.containsKey(SnapshotFile.NAME)
                && segments.size() >= 3
                && !segments.first().equals(Journal.fileName(1)) // what the snapshot has is nowhere else
                && segments.equals(segments(before))
                && after.get(segments.last()).length > before.get(segments.last()).length
                && after.get(segments.last()).length > 700
                && before.get(segments.last()).length > 300;
    }

    private static TreeSet<String> segments(Map<String, byte[]> files) {
        var segments = new TreeSet<>(files.keySet());
        segments.removeIf(name -> !name.endsWith(Journal.SEGMENT_SUFFIX));
        return segments;
    }

    private static LogRun.Content now() {
        return HISTORY.get(HISTORY.size() - 1);
    }

    private static Map<String, byte[]> with(String name, byte[] content) {
        var changed = new HashMap<>(files);
        changed.put(name, content);
        return changed;
    }

    private static LogRun.Content reopen(Map<String, byte[]> changed) {
        return LogRun.read(LogRun.open(ForgetfulStorage.of(changed)));
    }

    private static void assertRefused(String name, Map<String, byte[]> changed) {
        var refusal = assertThrows(RaftException.class, () -> reopen(changed));
        assertTrue(refusal.getMessage().contains(name), refusal.getMessage());
        assertEquals(1, refusal.getMessage().lines().count());
    }

    @Test
    void aFlippedBitIsNeverReadAsAnythingElse() {
        files.forEach((name, content) -> {
            for (int i = 0; i < content.length; i++) {
                for (int bit : List.of(0x01, 0x10, 0x80, 0xff)) {
                    var flipped = content.clone();
                    flipped[i] ^= (byte) bit;
                    assertRefused(name, with(name, flipped));
                }
            }
        });
    }

    @Test
    void aCutInTheLastWriteLosesThatWriteOnly() {
        var content = files.get(lastSegment);
        for (int length = acknowledgedBefore; length < content.length; length++) {
            var found = reopen(with(lastSegment, java.util.Arrays.copyOf(content, length)));
            assertTrue(HISTORY.get(HISTORY.size() - 2).matches(found), "cut to " + length + ": " + found);
        }
        assertTrue(now().matches(reopen(files)));
    }

    @Test
    void aCutAnywhereElseLeavesAPrefixOrIsRefused() {
        files.forEach((name, content) -> {
            for (int length = 0; length < content.length; length++) {
                var changed = with(name, java.util.Arrays.copyOf(content, length));
                boolean inRecords = name.equals(lastSegment) && length >= FileHeader.length(content);
                if (inRecords) {
                    var found = reopen(changed);
                    assertTrue(
                            HISTORY.stream().anyMatch(each -> each.behind(found).matches(found)),
                            "cut to " + length + ": " + found);
                } else if (!name.endsWith(Journal.SEGMENT_SUFFIX) || length < content.length) {
                    assertRefused(name, changed);
                }
            }
        });
    }

    @Test
    void aMissingFileIsRefused() {
        for (var name : files.keySet()) {
            var changed = new HashMap<>(files);
            changed.remove(name);
            if (!name.equals(lastSegment)) {
                assertThrows(RaftException.class, () -> reopen(changed), name);
            }
        }
    }

    @Test
    void zerosInsteadOfAnAcknowledgedSectorAreRefusedUnlessNothingFollows() {
        for (var name : segments(files)) {
            var content = files.get(name);
            for (int start = 0; start + 512 < content.length; start += 512) {
                var zeroed = content.clone();
                java.util.Arrays.fill(zeroed, start, start + 512, (byte) 0);
                if (!name.equals(lastSegment) || start + 512 < acknowledgedBefore) {
                    assertRefused(name, with(name, zeroed));
                }
            }
        }
    }

    @Test
    void anEntryThatRotsWhileTheNodeRunsStopsIt() throws Exception {
        var storage = ForgetfulStorage.of(files);
        var log = LogRun.open(storage);
        try (var file = storage.open(lastSegment)) {
            var inverted = files.get(lastSegment).clone();
            for (int i = FileHeader.length(inverted); i < inverted.length; i++) {
                inverted[i] ^= 1;
            }
            file.write(0, inverted, 0, inverted.length);
        }
        var failure = assertThrows(RaftException.class, () -> log.get(log.lastAppended()));
        assertTrue(failure.getMessage().contains(lastSegment + " at position "), failure.getMessage());
        assertThrows(RaftException.class, () -> log.currentTerm(log.currentTerm() + 1));
    }

    @Test
    void anotherOwnersFilesAreRefused() {
        var ofOtherNode = new RaftLog(
                ForgetfulStorage.of(files), new LogIdentity("cluster", 2), 1000, new FailStop(failure -> {}));
        assertTrue(assertThrows(RaftException.class, () -> ofOtherNode.init("", null))
                .getMessage()
                .endsWith("belongs to node 1, not to node 2"));
        var ofOtherCluster =
                new RaftLog(ForgetfulStorage.of(files), new LogIdentity("other", 1), 1000, new FailStop(failure -> {}));
        assertTrue(assertThrows(RaftException.class, () -> ofOtherCluster.init("", null))
                .getMessage()
                .endsWith("belongs to cluster cluster, not to other"));
    }

    @Test
    void aNewerFormatIsRefusedAsSuch() {
        var newer = files.get(lastSegment).clone();
        newer[11]++;
        var crc = new java.util.zip.CRC32C();
        int header = FileHeader.length(newer);
        crc.update(newer, 0, 16);
        crc.update(newer, 20, header - 20);
        java.nio.ByteBuffer.wrap(newer).putInt(16, (int) crc.getValue());
        var refusal = assertThrows(RaftException.class, () -> reopen(with(lastSegment, newer)));
        assertTrue(refusal.getMessage().contains("written by a newer version"), refusal.getMessage());
    }
}
