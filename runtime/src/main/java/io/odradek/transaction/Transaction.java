package io.odradek.transaction;

import java.util.Collection;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.TransactionResult;

/**
 * A transactional id: its producer, and the transaction that is open or was the last. Each method that returns another one
 * is a transition; whether it is allowed in this state is for the caller to know.
 *
 * <p>The producer's epoch may not reach {@link Short#MAX_VALUE}, so that there is always one left to fence it with; one
 * before, the producer gets another id.
 *
 * @param previousProducerId that of the state before this one, mostly the same
 * @param nextProducerId that the producer was told to use from its next transaction on; -1 if it keeps its own
 * @param lastProducerEpoch before the last bump, if whoever had it may have missed the answer; -1 if there is none. Not in
 *     the records, as in Kafka
 * @param timeoutMs of its transactions; {@link Integer#MAX_VALUE} if they have none (two-phase commit, KIP-939)
 * @param partitions that have been added to the transaction
 * @param startMs when the first partition was added; -1 if there was none yet
 * @param clientVersion transaction version that the producer's client spoke (KIP-890)
 */
public record Transaction(
        String transactionalId,
        long producerId,
        long previousProducerId,
        long nextProducerId,
        short producerEpoch,
        short lastProducerEpoch,
        int timeoutMs,
        TransactionState state,
        Set<TopicPartition> partitions,
        long startMs,
        long updateMs,
        short clientVersion) {
    /** From this transaction version on each end of a transaction bumps the producer's epoch. */
    static final short FIRST_VERSION_WITH_BUMP = 2;

    static final int NO_TIMEOUT_MS = Integer.MAX_VALUE;

    private static final long NOT_STARTED = -1;

    public Transaction {
        partitions = Set.copyOf(partitions);
    }

    /** A transactional id that nobody has used yet; becomes a state with {@link #withNextEpoch}. */
    static Transaction unused(String transactionalId, long producerId, int timeoutMs, long nowMs) {
        return new Transaction(
                transactionalId,
                producerId,
                RecordBatch.NO_PRODUCER_ID,
                RecordBatch.NO_PRODUCER_ID,
                RecordBatch.NO_PRODUCER_EPOCH,
                RecordBatch.NO_PRODUCER_EPOCH,
                timeoutMs,
                TransactionState.EMPTY,
                Set.of(),
                NOT_STARTED,
                nowMs,
                (short) 0);
    }

    static boolean isExhausted(short epoch) {
        return epoch >= Short.MAX_VALUE - 1;
    }

    boolean isEpochExhausted() {
        return isExhausted(producerEpoch);
    }

    boolean hasTimedOut(long nowMs) {
        return state == TransactionState.ONGOING && timeoutMs != NO_TIMEOUT_MS && startMs + timeoutMs < nowMs;
    }

    boolean hasExpired(long nowMs, long expirationMs) {
        return state.isExpirationAllowed() && updateMs <= nowMs - expirationMs;
    }

    /**
     * A producer initialises itself (KIP-360).
     *
     * @param expectedEpoch that it believes to have; empty for a producer that has just begun
     * @throws org.apache.kafka.common.errors.ProducerFencedException it believes wrongly
     */
    Transaction withNextEpoch(int newTimeoutMs, OptionalInt expectedEpoch, long nowMs) {
        if (expectedEpoch.isEmpty()) {
            return empty(producerId, bumped(), RecordBatch.NO_PRODUCER_EPOCH, newTimeoutMs, nowMs);
        }
        if (producerEpoch == RecordBatch.NO_PRODUCER_EPOCH || expectedEpoch.getAsInt() == producerEpoch) {
            return empty(producerId, bumped(), producerEpoch, newTimeoutMs, nowMs);
        }
        if (expectedEpoch.getAsInt() == lastProducerEpoch) {
            // The same producer again, which missed the answer: another one would have left no last epoch.
            return empty(producerId, producerEpoch, lastProducerEpoch, newTimeoutMs, nowMs);
        }
        throw Errors.PRODUCER_FENCED.exception();
    }

    /** As {@link #withNextEpoch} where there is no next epoch. */
    Transaction withNewProducerId(long newProducerId, int newTimeoutMs, OptionalInt expectedEpoch, long nowMs) {
        short last = expectedEpoch.isPresent() ? producerEpoch : RecordBatch.NO_PRODUCER_EPOCH;
        return empty(newProducerId, (short) 0, last, newTimeoutMs, nowMs);
    }

    private Transaction empty(long newProducerId, short epoch, short lastEpoch, int newTimeoutMs, long nowMs) {
        return new Transaction(
                transactionalId,
                newProducerId,
                producerId,
                RecordBatch.NO_PRODUCER_ID,
                epoch,
                lastEpoch,
                newTimeoutMs,
                TransactionState.EMPTY,
                Set.of(),
                NOT_STARTED,
                nowMs,
                clientVersion);
    }

    Transaction withPartitions(Collection<TopicPartition> added, short version, long nowMs) {
        var all = new HashSet<>(partitions);
        all.addAll(added);
        return new Transaction(
                transactionalId,
                producerId,
                producerId,
                nextProducerId,
                producerEpoch,
                lastProducerEpoch,
                timeoutMs,
                TransactionState.ONGOING,
                all,
                state == TransactionState.ONGOING ? startMs : nowMs,
                nowMs,
                version);
    }

    /**
     * The outcome is decided, of an open transaction or of one that never had a partition.
     *
     * @param version of whoever decides; from 2 on the epoch is bumped, and the marker has the new one
     * @param newProducerId for the next transaction, if the epochs are exhausted
     */
    Transaction prepared(TransactionResult result, short version, long newProducerId, long nowMs) {
        boolean bump = version >= FIRST_VERSION_WITH_BUMP;
        // An abort gets through even with the largest epoch, which nobody should have, or nothing would ever again.
        boolean stuck = producerEpoch == Short.MAX_VALUE && result == TransactionResult.ABORT;
        return prepared(
                result,
                bump && !stuck ? bumped() : producerEpoch,
                bump ? producerEpoch : lastProducerEpoch,
                version,
                bump && isEpochExhausted() ? newProducerId : RecordBatch.NO_PRODUCER_ID,
                nowMs);
    }

    /** Aborted by the coordinator: the producer that began the transaction may not go on. */
    Transaction fenced(short version, long newProducerId, long nowMs) {
        if (version >= FIRST_VERSION_WITH_BUMP) {
            return prepared(TransactionResult.ABORT, version, newProducerId, nowMs);
        }
        short epoch = producerEpoch == Short.MAX_VALUE ? producerEpoch : bumped();
        return prepared(
                TransactionResult.ABORT,
                epoch,
                RecordBatch.NO_PRODUCER_EPOCH,
                (short) 0,
                RecordBatch.NO_PRODUCER_ID,
                nowMs);
    }

    private Transaction prepared(
            TransactionResult result, short epoch, short lastEpoch, short version, long newProducerId, long nowMs) {
        return new Transaction(
                transactionalId,
                producerId,
                producerId,
                newProducerId,
                epoch,
                lastEpoch,
                timeoutMs,
                result == TransactionResult.COMMIT ? TransactionState.PREPARE_COMMIT : TransactionState.PREPARE_ABORT,
                partitions,
                state == TransactionState.ONGOING ? startMs : nowMs,
                nowMs,
                version);
    }

    /** All markers are written. */
    Transaction completed(long nowMs) {
        boolean rotates = clientVersion >= FIRST_VERSION_WITH_BUMP && nextProducerId != RecordBatch.NO_PRODUCER_ID;
        return new Transaction(
                transactionalId,
                rotates ? nextProducerId : producerId,
                producerId,
                RecordBatch.NO_PRODUCER_ID,
                rotates ? 0 : producerEpoch,
                lastProducerEpoch,
                timeoutMs,
                state == TransactionState.PREPARE_COMMIT
                        ? TransactionState.COMPLETE_COMMIT
                        : TransactionState.COMPLETE_ABORT,
                Set.of(),
                startMs,
                nowMs,
                clientVersion);
    }

    private short bumped() {
        if (producerEpoch == Short.MAX_VALUE) {
            throw new IllegalStateException("No epochs are left for producer " + producerId + " of " + transactionalId);
        }
        return (short) (producerEpoch + 1);
    }

    Transaction withLastProducerEpoch(short epoch) {
        return new Transaction(
                transactionalId,
                producerId,
                previousProducerId,
                nextProducerId,
                producerEpoch,
                epoch,
                timeoutMs,
                state,
                partitions,
                startMs,
                updateMs,
                clientVersion);
    }

    /** The outcome of a transaction that is prepared. */
    TransactionResult result() {
        return state == TransactionState.PREPARE_COMMIT ? TransactionResult.COMMIT : TransactionResult.ABORT;
    }
}
