package io.odradek.nemesis;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * Packets do not arrive, or some of them.
 *
 * @param ways from whom to whom
 * @param probability that a packet is lost on its way; 1 is a cut
 */
record Cut(Network network, String what, Collection<Way> ways, double probability) implements Fault {
    record Way(int from, int to) {}

    /** A cut in both directions between each of these and each of those. */
    static List<Way> between(Collection<Integer> some, Collection<Integer> others) {
        var ways = new ArrayList<>(from(some, others));
        ways.addAll(from(others, some));
        return ways;
    }

    static List<Way> from(Collection<Integer> some, Collection<Integer> others) {
        var ways = new ArrayList<Way>();
        for (int a : some) {
            for (int b : others) {
                ways.add(new Way(a, b));
            }
        }
        return ways;
    }

    @Override
    public void strike() throws Exception {
        for (var way : ways) {
            network.lose(way.from, way.to, probability);
        }
    }

    @Override
    public void heal() throws Exception {
        for (var way : ways) {
            network.mend(way.from, way.to, probability);
        }
    }

    @Override
    public String toString() {
        return probability < 1 ? String.format(Locale.ROOT, "%s (%.0f%%)", what, probability * 100) : what;
    }
}
