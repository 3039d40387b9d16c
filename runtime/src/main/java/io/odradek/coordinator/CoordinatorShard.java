package io.odradek.coordinator;

import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;

/**
 * The state machine of one partition of an internal topic. It does no I/O and reads no clock but the one it was given.
 *
 * <p>Threading: the runtime calls it from one thread at a time, with what the thread before wrote visible.
 */
public interface CoordinatorShard {
    /** Applies a record that was appended outside of a transaction: from the log, or just decided. */
    void replay(CoordinatorRecord record);

    /**
     * Applies a record of a transaction that is still open. It takes effect with {@link #endTransaction}.
     *
     * @throws UnsupportedOperationException this shard takes no part in transactions
     */
    default void replayTransactional(long producerId, short producerEpoch, CoordinatorRecord record) {
        throw new UnsupportedOperationException("no transactions here");
    }

    /** The marker that ends a transaction was appended. Of a transaction that wrote nothing here, it means nothing. */
    default void endTransaction(long producerId, short producerEpoch, TransactionResult result) {}

    /** The whole log is replayed: from now on operations come. Timers may be set. */
    void loaded(MetadataImage image);

    /** The metadata has changed. Comes only between {@link #loaded} and {@link #unloaded}. */
    default void onChange(MetadataChange change) {}

    /**
     * Nothing comes any more. Timers are cancelled already; responses that wait for something within the shard are to be
     * given now.
     *
     * @param why what to answer to those who wait, a retriable error
     */
    void unloaded(Errors why);
}
