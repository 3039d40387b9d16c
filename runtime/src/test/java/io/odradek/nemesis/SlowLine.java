package io.odradek.nemesis;

import java.util.Locale;

/** All that one node and the others send each other takes the {@link LongWay}. */
record SlowLine(LongWay way, int victim, int delayMs, int jitterMs, double loss) implements Fault {
    @Override
    public void strike() throws Exception {
        way.send(victim, delayMs, jitterMs, loss);
    }

    @Override
    public void heal() throws Exception {
        way.clear();
    }

    @Override
    public boolean isMild() {
        return true;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d to %d ms and %.0f%% loss each way between %d and the others",
                delayMs,
                delayMs + jitterMs,
                loss * 100,
                victim);
    }
}
