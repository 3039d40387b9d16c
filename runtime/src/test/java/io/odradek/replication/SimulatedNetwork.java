package io.odradek.replication;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/** Delays, reorders and drops what brokers send to each other and to the controller. */
final class SimulatedNetwork {
    static final int CONTROLLER = -1;

    private final SimulatedTime time;
    private final Random random;
    private final Set<Link> cut = new HashSet<>();
    private int maxDelayMs = 5;
    private double loss;

    private record Link(int from, int to) {}

    SimulatedNetwork(SimulatedTime time, Random random) {
        this.time = time;
        this.random = random;
    }

    /** Has {@code delivery} run later, or never. */
    void send(int from, int to, Runnable delivery) {
        if (cut.contains(new Link(from, to)) || random.nextDouble() < loss) {
            return;
        }
        // Now and then a message is so late that its sender has given it up.
        long delayMs = random.nextInt(40) == 0 ? random.nextInt(400) : 1 + random.nextInt(maxDelayMs);
        time.schedule(delayMs, delivery);
    }

    boolean connects(int one, int other) {
        return !cut.contains(new Link(one, other)) && !cut.contains(new Link(other, one));
    }

    void cut(int from, int to) {
        cut.add(new Link(from, to));
    }

    void worsen(int delayMs, double probabilityOfLoss) {
        maxDelayMs = delayMs;
        loss = probabilityOfLoss;
    }

    void heal() {
        cut.clear();
        worsen(5, 0);
    }
}
