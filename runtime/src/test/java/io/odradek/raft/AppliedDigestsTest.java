package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AppliedDigestsTest {
    private final AppliedDigests digests = new AppliedDigests();

    @Test
    void whatIsAppliedIsCompared() {
        digests.applied(1, 10);
        digests.applied(3, 30); // an entry between was Raft's own
        assertFalse(digests.differs(1, 10));
        assertFalse(digests.differs(2, 99));
        assertTrue(digests.differs(3, 31));
    }

    @Test
    void whatIsNotAppliedYetIsComparedThen() {
        digests.applied(1, 10);
        assertFalse(digests.differs(2, 20));
        assertFalse(digests.differs(3, 30));
        assertFalse(digests.applied(2, 20));
        assertTrue(digests.applied(3, 31));
    }

    @Test
    void aSnapshotForgetsWhatWasBefore() {
        digests.applied(1, 10);
        digests.differs(3, 30);
        digests.restored(5, 50);
        assertFalse(digests.differs(1, 11));
        assertTrue(digests.differs(5, 51));
        assertFalse(digests.applied(6, 60));
    }

    @Test
    void fewAreRemembered() {
        for (int i = 1; i <= AppliedDigests.MAX_REMEMBERED + 1; i++) {
            digests.applied(i, i);
        }
        assertFalse(digests.differs(1, 99), "forgotten");
        assertTrue(digests.differs(2, 99));
    }
}
