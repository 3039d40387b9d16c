package io.odradek.coordinator;

import java.util.List;

/**
 * What a shard wants done: records to append, all or none, and what to answer once they are committed.
 *
 * <p>The runtime replays the records into the shard right after the operation returned, before any other operation: an
 * operation itself changes nothing that its records say. State that no record keeps (a classic group's members while it
 * rebalances, timers) it may change at once.
 *
 * @param records in the order in which they are to be appended; may be empty
 * @param response given to whoever asked, once the records and all that the shard had written before are committed
 * @param onCommitted run on the shard at that moment, before the response is given. It is not run if the shard is
 *     unloaded first: then {@link CoordinatorShard#unloaded} cleans up
 */
public record Decision<T>(List<CoordinatorRecord> records, T response, Runnable onCommitted) {
    private static final Runnable NOTHING = () -> {};

    public Decision {
        records = List.copyOf(records);
    }

    public static <T> Decision<T> of(T response) {
        return new Decision<>(List.of(), response, NOTHING);
    }

    public static <T> Decision<T> of(List<CoordinatorRecord> records, T response) {
        return new Decision<>(records, response, NOTHING);
    }

    /** For an operation that nobody waits for, such as a timer's. */
    public static Decision<Void> of(List<CoordinatorRecord> records) {
        return new Decision<>(records, null, NOTHING);
    }

    /** Neither records nor an answer. */
    public static Decision<Void> nothing() {
        return new Decision<>(List.of(), null, NOTHING);
    }

    /** The same with something to do on the shard once the records are committed, after what there is to do already. */
    public Decision<T> whenCommitted(Runnable action) {
        if (onCommitted == NOTHING) {
            return new Decision<>(records, response, action);
        }
        return new Decision<>(records, response, () -> {
            onCommitted.run();
            action.run();
        });
    }
}
