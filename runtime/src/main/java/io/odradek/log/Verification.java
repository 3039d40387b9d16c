package io.odradek.log;

/**
 * A producer that is about to write for the first time in a transaction: whether the transaction's coordinator knows of it
 * (KIP-890). Gone with that write, and with any marker: what the coordinator said before a marker is not true after it.
 * Touched under the log's lock.
 */
final class Verification {
    /** Unique within the log while it is open. */
    final long guard;
    /** The producer's client leaves it to the broker to add partitions, and bumps its epoch with each transaction. */
    final boolean addsPartitions;

    final long startedMs;
    short epoch;
    /** A batch after the first must not get in before it: the first would be out of order for ever. */
    int lowestSequence;

    boolean verified;

    Verification(long guard, short epoch, int sequence, boolean addsPartitions, long startedMs) {
        this.guard = guard;
        this.epoch = epoch;
        this.lowestSequence = sequence;
        this.addsPartitions = addsPartitions;
        this.startedMs = startedMs;
    }

    /** Another batch of the same producer wants to be verified. */
    void meet(short otherEpoch, int sequence) {
        if (otherEpoch > epoch) {
            epoch = otherEpoch;
            lowestSequence = sequence;
            verified = false;
        } else if (otherEpoch == epoch) {
            lowestSequence = Math.min(lowestSequence, sequence);
        }
    }

    @Override
    public String toString() {
        return (verified ? "verified for epoch " : "asked for epoch ") + epoch;
    }
}
