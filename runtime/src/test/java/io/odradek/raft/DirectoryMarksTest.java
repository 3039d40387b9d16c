package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryMarksTest {
    @TempDir
    Path directory;

    private DirectoryMarks open(Integer... voters) throws IOException {
        try (var storage = DirectoryStorage.open(directory)) {
            return DirectoryMarks.open(storage, List.of(voters));
        }
    }

    private void segment() throws IOException {
        Files.writeString(directory.resolve(Journal.fileName(1)), "");
    }

    @Test
    void theVotersAreThoseTheLogBeganWith() throws IOException {
        assertEquals(Set.of(1, 2, 3), open(1, 2, 3).voters());
        segment();
        assertEquals(Set.of(1, 2, 3), open(1, 2, 3, 4).voters());
    }

    @Test
    void anEmptyDirectoryIsBlankUntilItHasCaughtUp() throws IOException {
        try (var storage = DirectoryStorage.open(directory)) {
            assertTrue(DirectoryMarks.open(storage, List.of(1)).blank().blank());
            segment();
            var again = DirectoryMarks.open(storage, List.of(1));
            assertTrue(again.blank().blank(), "still");
            again.blank().end();
            assertFalse(again.blank().blank());
            assertFalse(DirectoryMarks.open(storage, List.of(1)).blank().blank());
        }
    }

    @Test
    void whatDivergedIsThrownAway() throws IOException {
        try (var storage = DirectoryStorage.open(directory)) {
            var marks = DirectoryMarks.open(storage, List.of(1));
            segment();
            Files.writeString(directory.resolve(SnapshotFile.NAME), "");
            marks.blank().end();
            marks.diverged();
        }
        assertTrue(open(1).blank().blank());
        assertFalse(Files.exists(directory.resolve(Journal.fileName(1))));
        assertFalse(Files.exists(directory.resolve(SnapshotFile.NAME)));
        segment();
        assertTrue(open(1).blank().blank());
        assertTrue(Files.exists(directory.resolve(Journal.fileName(1))), "once");
    }

    @Test
    void damageIsToldInOneLine() throws IOException {
        open(1);
        segment();
        var written = Files.readAllBytes(directory.resolve("voters"));
        for (int i = 0; i < written.length; i++) {
            var flipped = written.clone();
            flipped[i] ^= 1;
            assertRefused(flipped);
            assertRefused(java.util.Arrays.copyOf(written, i));
        }
        Files.write(directory.resolve("voters"), written);
        assertEquals(Set.of(1), open(1).voters());
    }

    private void assertRefused(byte[] voters) throws IOException {
        Files.write(directory.resolve("voters"), voters);
        var refused = assertThrows(RaftException.class, () -> open(1));
        assertEquals(1, refused.getMessage().lines().count());
        assertTrue(
                refused.getMessage().startsWith("Raft log " + directory.resolve("voters") + " is damaged"),
                refused.getMessage());
        assertTrue(refused.getMessage().contains("not starting. If a majority"), refused.getMessage());
    }
}
