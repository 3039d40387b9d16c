package io.odradek.replication;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Delays, reorders and drops what brokers send to each other and to the controller. */
final class SimulatedNetwork {
    static final int CONTROLLER = -1;

    private final SimulatedTime time;
    private final Random random;
    private final Set<Link> cut = new HashSet<>();
    /** Cuts that end by themselves, and when. */
    private final Map<Link, Long> cutUntilMs = new HashMap<>();

    private int maxDelayMs = 5;
    private double loss;

    private record Link(int from, int to) {}

    SimulatedNetwork(SimulatedTime time, Random random) {
        this.time = time;
        this.random = random;
    }

    /** Has {@code delivery} run later, or never. */
    void send(int from, int to, Runnable delivery) {
        if (isCut(from, to) || random.nextDouble() < loss) {
            return;
        }
        // Now and then a message is so late that its sender has given it up.
        long delayMs = random.nextInt(40) == 0 ? random.nextInt(400) : 1 + random.nextInt(maxDelayMs);
        time.schedule(delayMs, delivery);
    }

    boolean connects(int one, int other) {
        return !isCut(one, other) && !isCut(other, one);
    }

    private boolean isCut(int from, int to) {
        var link = new Link(from, to);
        return cut.contains(link) || cutUntilMs.getOrDefault(link, 0L) > time.milliseconds();
    }

    void cut(int from, int to) {
        cut.add(new Link(from, to));
    }

    /** In both directions; {@link #heal} does not end it. */
    void cutFor(long ms, int one, int other) {
        cutUntilMs.put(new Link(one, other), time.milliseconds() + ms);
        cutUntilMs.put(new Link(other, one), time.milliseconds() + ms);
    }

    void worsen(int delayMs, double probabilityOfLoss) {
        maxDelayMs = delayMs;
        loss = probabilityOfLoss;
    }

    void heal() {
        cut.clear();
        worsen(5, 0);
    }

    /** For good. */
    void repair() {
        heal();
        cutUntilMs.clear();
    }
}
