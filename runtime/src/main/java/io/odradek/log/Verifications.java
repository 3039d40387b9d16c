package io.odradek.log;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.errors.InvalidProducerEpochException;

/** The {@link Verification}s under way in one log. Touched under the log's lock. */
final class Verifications {
    /** Far more than write to one partition at a time; whoever falls out has to try again. */
    private static final int MAX = 10_000;

    private final Map<Long, Verification> byProducer = new LinkedHashMap<>(0) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Verification> eldest) {
            return size() > MAX;
        }
    };
    private long lastGuard = PartitionLog.NO_GUARD;

    /** @return the guard, or {@link PartitionLog#NO_GUARD} if the transaction is open in this log already */
    long start(ProducerEntry producer, long producerId, short epoch, int sequence, boolean addsPartitions, long nowMs) {
        if (producer != null && epoch < producer.epoch) {
            throw new InvalidProducerEpochException("Epoch of producer " + producerId + " is " + epoch
                    + ", which is smaller than the last seen epoch " + producer.epoch);
        }
        if (isOpen(producer, epoch)) {
            return PartitionLog.NO_GUARD;
        }
        var verification = byProducer.get(producerId);
        if (verification == null) {
            verification = new Verification(++lastGuard, epoch, sequence, addsPartitions, nowMs);
            byProducer.put(producerId, verification);
        } else {
            verification.meet(epoch, sequence);
        }
        return verification.guard;
    }

    private static boolean isOpen(ProducerEntry producer, short epoch) {
        return producer != null && producer.txnFirstOffset >= 0 && producer.epoch == epoch;
    }

    /** @return whether the batch may be written; also if another one of its transaction was, which was verified meanwhile */
    boolean confirm(ProducerEntry producer, long producerId, short epoch, long guard) {
        if (isOpen(producer, epoch)) {
            return true;
        }
        var verification = byProducer.get(producerId);
        boolean same = verification != null && verification.guard == guard && verification.epoch == epoch;
        if (same) {
            verification.verified = true;
        }
        return same;
    }

    void drop(long producerId, long guard) {
        var verification = byProducer.get(producerId);
        if (verification != null && verification.guard == guard) {
            byProducer.remove(producerId);
        }
    }

    /** Null if there is none. */
    Verification of(long producerId) {
        return byProducer.isEmpty() ? null : byProducer.get(producerId);
    }

    /** A batch of the producer's transaction is in the log. */
    void dataAppended(long producerId) {
        if (!byProducer.isEmpty()) {
            byProducer.remove(producerId);
        }
    }

    /** A marker is in the log. In transaction version 2 it has the epoch that the next transaction begins with. */
    void markerAppended(long producerId, short epoch) {
        var verification = of(producerId);
        if (verification != null && !(verification.addsPartitions && verification.epoch == epoch)) {
            byProducer.remove(producerId);
        }
    }

    void clear() {
        byProducer.clear();
    }

    void removeStartedBefore(long ms) {
        byProducer.values().removeIf(v -> v.startedMs <= ms);
    }
}
