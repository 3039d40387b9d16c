package io.odradek.transaction;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a transactional id is doing. Numbers and names are Kafka's, in records and in DescribeTransactions. */
public enum TransactionState {
    /** A producer has registered, and has begun no transaction since. */
    EMPTY(0, "Empty", true),
    /** Partitions have been added. */
    ONGOING(1, "Ongoing", false),
    /** It is decided that the transaction is committed; the markers are not all written yet. */
    PREPARE_COMMIT(2, "PrepareCommit", false),
    /** It is decided that the transaction is aborted; the markers are not all written yet. */
    PREPARE_ABORT(3, "PrepareAbort", false),
    COMPLETE_COMMIT(4, "CompleteCommit", true),
    COMPLETE_ABORT(5, "CompleteAbort", true),
    /** In Kafka a transactional id that is being forgotten; here that takes no time, so it is only a name. */
    DEAD(6, "Dead", false),
    /** In Kafka on the way to {@link #PREPARE_ABORT} with a newer epoch; never in a record, and here only a name. */
    PREPARE_EPOCH_FENCE(7, "PrepareEpochFence", false);

    private static final Map<String, TransactionState> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(TransactionState::stateName, Function.identity()));

    private final byte id;
    private final String stateName;
    private final boolean expirationAllowed;

    TransactionState(int id, String stateName, boolean expirationAllowed) {
        this.id = (byte) id;
        this.stateName = stateName;
        this.expirationAllowed = expirationAllowed;
    }

    /** As in records. */
    byte id() {
        return id;
    }

    /** As clients see it. */
    public String stateName() {
        return stateName;
    }

    /** Whether a transactional id that rests in this state is forgotten after a while. */
    boolean isExpirationAllowed() {
        return expirationAllowed;
    }

    /** Whether the outcome is decided but not yet told everywhere. */
    boolean isPrepared() {
        return this == PREPARE_COMMIT || this == PREPARE_ABORT;
    }

    public static Optional<TransactionState> ofName(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /** @throws IllegalStateException there is no such state */
    static TransactionState ofId(byte id) {
        if (id < 0 || id >= values().length) {
            throw new IllegalStateException("A transaction in unknown state " + id);
        }
        return values()[id];
    }
}
