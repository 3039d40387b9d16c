package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Random schedules against our rules, which must survive all of them, and against jgroups-raft's own, which do not.
 *
 * <p>{@code -Dodradek.raft.schedules=N} runs so many, from seed {@code -Dodradek.raft.seed=S} on. The seed of a failed schedule is
 * printed; with it and one schedule it happens again.
 */
class RaftSimulationTest {
    private static final long SCHEDULES = Long.getLong("odradek.raft.schedules", 10_000);
    private static final long FIRST_SEED = Long.getLong("odradek.raft.seed", 1);
    private static final int UNMODIFIED_SCHEDULES = 1_500;
    private static final int UNNOTED_SCHEDULES = 500;
    private static final int TRACED = 120;

    @BeforeAll
    static void quiet() {
        JGroupsLog.install();
    }

    private static RaftSchedule schedule(
            long seed,
            RaftSchedule.Disks disks,
            Function<Supplier<RaftSchedule>, SimulatedNode.Classes> classes,
            Optional<Consumer<String>> trace) {
        var self = new RaftSchedule[1];
        self[0] = new RaftSchedule(seed, disks, classes.apply(() -> self[0]), trace);
        return self[0];
    }

    /** @return how many snapshots were installed */
    private static int runOurs(long seed, RaftSchedule.Disks disks, Optional<Consumer<String>> trace) {
        var schedule = schedule(seed, disks, OurClasses::new, trace);
        schedule.run();
        schedule.heal();
        return schedule.snapshotsInstalled();
    }

    @Test
    void ourRulesKeepRaftsPromises() {
        run(RaftSchedule.Disks.LASTING, SCHEDULES);
    }

    @Test
    void theLossOfAMinoritysDisksLosesNothing() {
        run(RaftSchedule.Disks.LOST, SCHEDULES / 2);
    }

    private static void run(RaftSchedule.Disks disks, long schedules) {
        long snapshots = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + schedules; seed++) {
            try {
                snapshots += runOurs(seed, disks, Optional.empty());
            } catch (RaftInvariants.Violation | RuntimeException e) {
                fail(report(seed, disks, e), e);
            }
        }
        assertTrue(schedules < 100 || snapshots > schedules / 4, snapshots + " snapshots were installed");
    }

    /** As of a node that begins with an empty disk and votes at once. */
    @Test
    void aLostDiskThatNobodyNotesIsCaught() {
        Map<RaftInvariants.Kind, Integer> caught = new EnumMap<>(RaftInvariants.Kind.class);
        for (long seed = 1; seed <= UNNOTED_SCHEDULES; seed++) {
            try {
                runOurs(seed, RaftSchedule.Disks.LOST_UNNOTED, Optional.empty());
            } catch (RaftInvariants.Violation violation) {
                caught.merge(violation.kind, 1, Integer::sum);
            }
        }
        assertTrue(caught.containsKey(RaftInvariants.Kind.LEADER_COMPLETENESS), caught.toString());
    }

    private static String report(long seed, RaftSchedule.Disks disks, Throwable violation) {
        var events = new ArrayDeque<String>();
        try {
            runOurs(seed, disks, Optional.of(event -> {
                if (events.size() == TRACED) {
                    events.removeFirst();
                }
                events.add(event);
            }));
        } catch (RaftInvariants.Violation | RuntimeException again) {
            events.add(String.valueOf(again.getMessage()));
        }
        return "seed " + seed + " (again: -Dodradek.raft.seed=" + seed + " -Dodradek.raft.schedules=1): " + violation
                + "\n" + String.join("\n", events);
    }

    @Test
    void theSameSchedulesCatchTheUnmodifiedClasses() {
        Map<RaftInvariants.Kind, Integer> caught = new EnumMap<>(RaftInvariants.Kind.class);
        for (long seed = 1; seed <= UNMODIFIED_SCHEDULES; seed++) {
            try {
                schedule(seed, RaftSchedule.Disks.LASTING, UnmodifiedClasses::new, Optional.empty())
                        .run();
            } catch (RaftInvariants.Violation violation) {
                caught.merge(violation.kind, 1, Integer::sum);
            }
        }
        assertTrue(caught.containsKey(RaftInvariants.Kind.STATE_MACHINE_SAFETY), caught.toString());
        assertTrue(caught.containsKey(RaftInvariants.Kind.LEADER_COMPLETENESS), caught.toString());
    }
}
