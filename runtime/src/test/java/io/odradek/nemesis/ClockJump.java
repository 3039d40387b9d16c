package io.odradek.nemesis;

import java.nio.file.Path;
import java.time.Duration;

/** A node's clock is set wrong, and later right again: two jumps, one of them back. */
record ClockJump(Clocks clocks, Path clock, int victim, Duration offset) implements Fault {
    @Override
    public void strike() throws Exception {
        clocks.set(clock, offset);
    }

    @Override
    public void heal() throws Exception {
        clocks.set(clock, Duration.ZERO);
    }

    @Override
    public boolean isMild() {
        return true;
    }

    @Override
    public String toString() {
        return "the clock of " + victim + " is off by " + offset.toSeconds() + " s";
    }
}
