package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Whatever was acknowledged is there after a crash between any two operations of the file layer, and nothing else is. */
class RaftLogCrashTest {
    private static final int CALLS = 40;

    @Test
    void everyOperationIsASafePlaceToLosePower() {
        for (long seed = 1; seed <= 3; seed++) {
            int operations = operations(seed);
            for (int crashAt = 1; crashAt <= operations; crashAt++) {
                for (int loss = 0; loss < 4; loss++) {
                    crashOnce(seed, crashAt, loss);
                }
            }
        }
    }

    private static int operations(long seed) {
        var storage = new ForgetfulStorage(seed);
        var run = new LogRun(LogRun.open(storage), seed, LogRun.EMPTY);
        for (int i = 0; i < CALLS; i++) {
            run.step();
        }
        return storage.operations();
    }

    private static void crashOnce(long seed, int crashAt, int loss) {
        var storage = new ForgetfulStorage(seed);
        storage.crashAt(crashAt);
        var acknowledged = LogRun.EMPTY;
        var attempted = LogRun.EMPTY;
        LogRun run = null;
        try {
            run = new LogRun(LogRun.open(storage), seed, LogRun.EMPTY);
            for (int i = 0; i < CALLS; i++) {
                run.step();
            }
        } catch (RaftException | ForgetfulStorage.PowerCut e) {
            // as planned
        }
        if (run != null) {
            acknowledged = run.acknowledged();
            attempted = run.attempted();
        }
        long life = seed * 1_000_003 + crashAt * 31L + loss;
        var next = loss == 3 ? storage.afterKill() : storage.afterPowerCut(life);
        var name = "seed " + seed + " crash at " + crashAt + " loss " + loss;
        var found = verify(LogRun.open(next), acknowledged, attempted, name);
        // What was found is acknowledged from now on.
        verify(LogRun.open(next.afterPowerCut(life)), found, found, name);
    }

    private static LogRun.Content verify(
            RaftLog log, LogRun.Content acknowledged, LogRun.Content attempted, String run) {
        var found = LogRun.read(log);
        assertTrue(
                acknowledged.matches(found) || attempted.matches(found),
                () -> run + ": acknowledged " + acknowledged + ", attempted " + attempted + ", found " + found);
        return found;
    }

    /** Many lives of one disk, each ended by a power cut, some in the middle of the recovery from the one before. */
    @Test
    void aLongLifeOfCrashes() {
        for (long seed = 1; seed <= 60; seed++) {
            var random = new Random(seed);
            var storage = new ForgetfulStorage(seed);
            var acknowledged = LogRun.EMPTY;
            var attempted = LogRun.EMPTY;
            for (int life = 0; life < 25; life++) {
                storage.crashAt(1 + random.nextInt(60));
                if (random.nextBoolean()) {
                    storage.writeShort();
                }
                LogRun run = null;
                try {
                    var log = LogRun.open(storage);
                    var found = verify(log, acknowledged, attempted, "seed " + seed + " life " + life);
                    run = new LogRun(log, random.nextLong(), found);
                    acknowledged = attempted = found;
                    while (true) {
                        run.step();
                    }
                } catch (RaftException | ForgetfulStorage.PowerCut e) {
                    if (run != null) {
                        acknowledged = run.acknowledged();
                        attempted = run.attempted();
                    }
                }
                storage = random.nextInt(4) == 0 ? storage.afterKill() : storage.afterPowerCut(random.nextLong());
            }
        }
    }

    @Test
    void aFullDiskStopsTheNodeAndLosesNothing() {
        for (long seed = 1; seed <= 3; seed++) {
            int writes = operations(seed);
            for (int failAt = 0; failAt < writes; failAt++) {
                var storage = new ForgetfulStorage(seed);
                storage.runOutOfSpaceAt(failAt);
                var reported = new AtomicReference<RaftException>();
                var log = new RaftLog(storage, LogRun.OWNER, LogRun.SEGMENT_BYTES, new FailStop(reported::set));
                LogRun run = null;
                try {
                    log.init("", null);
                    run = new LogRun(log, seed, LogRun.EMPTY);
                    for (int i = 0; i < CALLS; i++) {
                        run.step();
                    }
                    continue;
                } catch (RaftException e) {
                    assertTrue(e.getMessage().contains("No space left on device"), e.getMessage());
                    assertEquals(1, e.getMessage().lines().count());
                }
                assertTrue(reported.get() != null);
                assertThrows(RaftException.class, () -> log.currentTerm(1000));
                assertThrows(RaftException.class, () -> log.get(1));
                assertThrows(RaftException.class, () -> log.votedFor(null));
                assertEquals(0, storage.operationsAfterFailure, "touched the disk after the failure");
                verify(
                        LogRun.open(storage.afterPowerCut(failAt)),
                        run == null ? LogRun.EMPTY : run.acknowledged(),
                        run == null ? LogRun.EMPTY : run.attempted(),
                        "seed " + seed + " full at " + failAt);
            }
        }
    }
}
