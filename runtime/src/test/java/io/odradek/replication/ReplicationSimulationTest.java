package io.odradek.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Replication under every kind of fault, seed by seed. {@code -Dodradek.simulation.schedules=1000000} runs more of them,
 * {@code -Dodradek.simulation.seed=4711} begins with another one, which with one schedule is how a failing seed is run
 * again.
 */
class ReplicationSimulationTest {
    private static final long SCHEDULES = Long.getLong("odradek.simulation.schedules", 10_000);
    private static final long FIRST_SEED = Long.getLong("odradek.simulation.seed", 1);
    /** How many schedules a planted bug may survive. */
    private static final long PATIENCE = 2_000;

    @Test
    void nothingIsLostWhateverHappens() {
        long committed = LongStream.range(FIRST_SEED, FIRST_SEED + SCHEDULES)
                .parallel()
                .map(ReplicationSimulationTest::committed)
                .sum();
        assertTrue(committed > 50 * SCHEDULES, "something happens: " + committed);
    }

    private static long committed(long seed) {
        try {
            return new Simulation(seed, PlantedBug.NONE).run();
        } catch (Throwable failure) {
            return fail(
                    "Run it again with -Dodradek.simulation.schedules=1 -Dodradek.simulation.seed=" + seed, failure);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void plantedBugsAreCaught(PlantedBug bug) {
        assertTrue(caught(bug).isPresent(), bug + " is not seen in " + PATIENCE + " schedules");
    }

    private static OptionalLong caught(PlantedBug bug) {
        return LongStream.range(1, PATIENCE)
                .filter(seed -> {
                    try {
                        new Simulation(seed, bug).run();
                        return false;
                    } catch (ReplicationChecker.Violation violation) {
                        return true;
                    }
                })
                .findFirst();
    }

    @Test
    void aSeedGivesTheSameRunAgain() {
        for (long seed = 1; seed <= 20; seed++) {
            var first = new Simulation(seed, PlantedBug.NONE);
            var second = new Simulation(seed, PlantedBug.NONE);

            assertEquals(first.run(), second.run());
            assertEquals(first.steps(), second.steps());
            assertEquals(first.toString(), second.toString());
        }
    }
}
