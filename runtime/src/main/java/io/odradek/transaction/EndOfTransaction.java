package io.odradek.transaction;

import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;

/**
 * What an EndTxn of a producer means to a transaction in its state (KIP-890).
 *
 * <p>Up to transaction version 1 the producer's epoch has to be the current one, and what is complete already may be
 * asked for again.
 *
 * <p>From version 2 on the epoch tells a repetition (it was bumped since) from the end of a next transaction, which may
 * be one that this coordinator does not know of, with no partition. That can only be aborted:
 * <pre>
 *                  abort              commit
 *                  again    current   again    current
 *   Empty          FENCED   ABORTS    FENCED   INVALID
 *   CompleteAbort  REPEATED ABORTS    INVALID  INVALID
 *   CompleteCommit INVALID  ABORTS    REPEATED INVALID
 * </pre>
 */
enum EndOfTransaction {
    /** The outcome is decided now. */
    PREPARES,
    /** The same was asked before, and is done: the same answer. */
    REPEATED;

    /** @throws org.apache.kafka.common.errors.ApiException it means nothing, or not now */
    static EndOfTransaction of(
            Transaction current, long producerId, short producerEpoch, TransactionResult result, short version) {
        return version >= Transaction.FIRST_VERSION_WITH_BUMP
                ? withBump(current, producerId, producerEpoch, result)
                : withoutBump(current, producerId, producerEpoch, result);
    }

    private static EndOfTransaction withoutBump(
            Transaction current, long producerId, short producerEpoch, TransactionResult result) {
        if (current.producerId() != producerId) {
            throw Errors.INVALID_PRODUCER_ID_MAPPING.exception();
        }
        if (current.producerEpoch() != producerEpoch) {
            throw Errors.PRODUCER_FENCED.exception();
        }
        if (current.state() == TransactionState.ONGOING) {
            return PREPARES;
        }
        requireSame(result, current);
        return REPEATED;
    }

    private static EndOfTransaction withBump(
            Transaction current, long producerId, short producerEpoch, TransactionResult result) {
        boolean againWithOldId = current.previousProducerId() == producerId
                && producerEpoch == Short.MAX_VALUE - 1
                && current.producerEpoch() == 0;
        boolean again = current.producerEpoch() == producerEpoch + 1 || againWithOldId;
        if (current.producerId() != producerId && !againWithOldId) {
            throw Errors.INVALID_PRODUCER_ID_MAPPING.exception();
        }
        boolean isCurrent = current.producerEpoch() == producerEpoch;
        boolean knows =
                switch (current.state()) {
                    case PREPARE_COMMIT, PREPARE_ABORT -> current.producerEpoch() == producerEpoch + 1;
                    case COMPLETE_COMMIT, COMPLETE_ABORT -> again || isCurrent;
                    default -> isCurrent;
                };
        if (!knows) {
            throw Errors.PRODUCER_FENCED.exception();
        }
        if (current.state() == TransactionState.ONGOING) {
            return PREPARES;
        }
        if (again) {
            requireSame(result, current);
            return REPEATED;
        }
        if (result == TransactionResult.COMMIT) {
            throw Errors.INVALID_TXN_STATE.exception();
        }
        return PREPARES;
    }

    private static void requireSame(TransactionResult result, Transaction current) {
        var expected =
                switch (current.state()) {
                    case PREPARE_COMMIT, COMPLETE_COMMIT -> TransactionResult.COMMIT;
                    case PREPARE_ABORT, COMPLETE_ABORT -> TransactionResult.ABORT;
                    default -> null;
                };
        if (result != expected) {
            throw Errors.INVALID_TXN_STATE.exception();
        }
        if (current.state().isPrepared()) {
            throw Errors.CONCURRENT_TRANSACTIONS.exception();
        }
    }
}
