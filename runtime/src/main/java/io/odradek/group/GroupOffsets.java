package io.odradek.group;

import io.odradek.coordinator.CoordinatorRecord;
import java.util.List;
import org.apache.kafka.common.requests.TransactionResult;

/** The offsets that the groups of one shard have committed, those of open transactions too. Used by the shard only. */
public final class GroupOffsets {
    void replay(CoordinatorRecord record) {
        throw new UnsupportedOperationException();
    }

    void replayTransactional(long producerId, short producerEpoch, CoordinatorRecord record) {
        throw new UnsupportedOperationException();
    }

    void endTransaction(long producerId, short producerEpoch, TransactionResult result) {
        throw new UnsupportedOperationException();
    }

    /** Records that delete all offsets of a group, those pending in transactions included. */
    List<CoordinatorRecord> tombstones(String groupId) {
        throw new UnsupportedOperationException();
    }
}
