package io.odradek.log;

/** A batch of a producer as it is remembered to recognise it when it comes again; offsets and sequences inclusive. */
record ProducerBatch(int lastSequence, long lastOffset, int offsetDelta, long timestamp) {
    /** Timestamps aside: Kafka's snapshots have only that of the producer. */
    boolean isSameAs(ProducerBatch other) {
        return lastSequence == other.lastSequence && lastOffset == other.lastOffset && offsetDelta == other.offsetDelta;
    }
}
