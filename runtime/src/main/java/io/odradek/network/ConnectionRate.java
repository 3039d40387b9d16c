package io.odradek.network;

import java.util.function.LongSupplier;

/** Allows so many connections per second, and a second's worth at once. Thread safe. */
final class ConnectionRate {
    private static final double NANOS_PER_SECOND = 1e9;

    private final LongSupplier nanoClock;
    private int perSecond;
    private double allowed;
    private long countedNanos;

    ConnectionRate(int perSecond, LongSupplier nanoClock) {
        this.perSecond = perSecond;
        this.nanoClock = nanoClock;
        this.allowed = perSecond;
        this.countedNanos = nanoClock.getAsLong();
    }

    /** From now on; nothing changes if it is what it was. */
    synchronized void perSecond(int connections) {
        if (connections != perSecond) {
            perSecond = connections;
            allowed = connections;
            countedNanos = nanoClock.getAsLong();
        }
    }

    /** Counts one connection. Returns how long the next one has to wait, in nanoseconds. */
    synchronized long accepted() {
        var now = nanoClock.getAsLong();
        allowed = Math.min(perSecond, allowed + (now - countedNanos) / NANOS_PER_SECOND * perSecond) - 1;
        countedNanos = now;
        return allowed >= 1 ? 0 : (long) Math.ceil((1 - allowed) / perSecond * NANOS_PER_SECOND);
    }
}
