package io.odradek.checker;

/** Something that a correct broker never does. */
record Anomaly(Kind kind, String description) {

    enum Kind {
        /** Two values at one offset, or a value at another offset than the one that was acknowledged. */
        INCONSISTENT_OFFSETS,
        /** A value at more than one offset. */
        DUPLICATE,
        /** A value that nobody sent. */
        PHANTOM,
        /** A value of a committed transaction that nobody can read. */
        LOST_WRITE,
        /** Part of a committed transaction can be read, another part cannot; or its offsets and its records disagree. */
        TORN_TRANSACTION,
        /** G1a: a value of a transaction that was aborted. */
        ABORTED_READ,
        /** G1b: a value that was read before its transaction had asked for its commit. */
        UNCOMMITTED_READ,
        /** Readers of committed records never get to the end of the log. */
        HANGING_TRANSACTION,
        /** Within an operation, a record has a lower offset than one sent before it. */
        INTERNAL_NONMONOTONIC_SEND,
        /** The same between two operations of one process. */
        EXTERNAL_NONMONOTONIC_SEND,
        /** A record has a lower offset than one that was acknowledged before it was sent, whoever sent them. */
        REALTIME_NONMONOTONIC_SEND,
        /** Within an operation, a poll left out a record that is there. */
        INTERNAL_POLL_SKIP,
        INTERNAL_NONMONOTONIC_POLL,
        /** Between two operations of one process, with no new assignment between them; or after an assignment. */
        EXTERNAL_POLL_SKIP,
        EXTERNAL_NONMONOTONIC_POLL,
        /** Writes of transactions before one another in a circle. Kafka does not isolate writes: legal. */
        G0,
        /** Transactions that saw each other's writes, or the future's, in a circle. */
        G1C,
        /** A group's position that is behind one that was committed or seen before. */
        STALE_POSITION,
        /** A group's position that comes from an aborted transaction only, or from one that had not committed yet. */
        ABORTED_POSITION,
        /** A group's position that nobody committed. */
        PHANTOM_POSITION,
        /** A record that two committed transactions of one group consumed. */
        DUPLICATE_CONSUMPTION,
        /** A record before the group's position that nobody consumed. */
        SKIPPED_CONSUMPTION;

        /** Whether Kafka promises that this does not happen. */
        boolean forbidden() {
            return this != G0;
        }
    }

    @Override
    public String toString() {
        return kind + ": " + description;
    }
}
