package io.odradek.transaction;

/** What a client that writes records or offsets of a transaction understands; its request's version tells (KIP-890). */
public enum TransactionSupport {
    /** Adds partitions with AddPartitionsToTxn, and knows INVALID_TXN_STATE alone for those it did not add. */
    EXPLICIT,
    /** Adds partitions with AddPartitionsToTxn, and knows TRANSACTION_ABORTABLE. */
    ABORTABLE_ERROR,
    /** Leaves it to the broker to add partitions to the transaction as it writes to them: transaction version 2. */
    IMPLICIT;

    public static TransactionSupport ofProduce(short version) {
        return of(version, 11);
    }

    public static TransactionSupport ofTxnOffsetCommit(short version) {
        return of(version, 4);
    }

    private static TransactionSupport of(short version, int firstWithAbortableError) {
        if (version > firstWithAbortableError) {
            return IMPLICIT;
        }
        return version == firstWithAbortableError ? ABORTABLE_ERROR : EXPLICIT;
    }
}
