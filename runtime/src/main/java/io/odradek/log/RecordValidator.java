package io.odradek.log;

import io.odradek.config.LogConfig;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Checks the batches a leader is about to append and makes them final: offsets, leader epoch, timestamps, compression. */
final class RecordValidator {
    /**
     * @param records as they came; changed in place
     * @param firstOffset offset of the first record
     * @param leaderEpoch written into every batch
     * @throws org.apache.kafka.common.errors.ApiException what the client did wrong; nothing is to be appended then
     */
    ValidatedRecords validate(
            MemoryRecords records,
            LogConfig config,
            AppendOrigin origin,
            long firstOffset,
            int leaderEpoch,
            long nowMs) {
        throw new UnsupportedOperationException();
    }
}
