package io.odradek.log;

import java.nio.ByteBuffer;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * One record batch whose content, timestamps and CRC are final. Its base offset and leader epoch are not: they are
 * outside the CRC on purpose, so that {@link #assignOffsets} has only twelve bytes to write while the log's lock is
 * held. Not thread-safe: one append owns it.
 */
final class ValidatedRecords {
    private final ByteBuffer batch;
    private final int recordCount;
    private final long maxTimestamp;
    private final long logAppendTimeMs;
    private long firstOffset = -1L;

    /** @param batch from 0 to its limit exactly one batch */
    ValidatedRecords(ByteBuffer batch, int recordCount, long maxTimestamp, long logAppendTimeMs) {
        this.batch = batch;
        this.recordCount = recordCount;
        this.maxTimestamp = maxTimestamp;
        this.logAppendTimeMs = logAppendTimeMs;
    }

    /** Writes the offsets and the epoch into the batch. May be called again if the batch was not written after all. */
    void assignOffsets(long firstOffset, int leaderEpoch) {
        batch.putLong(BatchHeader.BASE_OFFSET_OFFSET, firstOffset);
        batch.putInt(BatchHeader.LEADER_EPOCH_OFFSET, leaderEpoch);
        this.firstOffset = firstOffset;
    }

    /** The buffer that was handed in, without a torn tail, unless the batch had to be rewritten. */
    MemoryRecords records() {
        return MemoryRecords.readableRecords(batch.duplicate());
    }

    /** The batch from 0 to the limit; a view, for one append. */
    ByteBuffer buffer() {
        return batch;
    }

    int sizeInBytes() {
        return batch.limit();
    }

    int recordCount() {
        return recordCount;
    }

    /** Offset of the last record; only after {@link #assignOffsets}. */
    long lastOffset() {
        if (firstOffset < 0) {
            throw new IllegalStateException("offsets are not assigned yet");
        }
        return firstOffset + recordCount - 1;
    }

    /** Largest timestamp of the records in ms, -1 if none has one. */
    long maxTimestamp() {
        return maxTimestamp;
    }

    /** The time given to all records with {@code message.timestamp.type=LogAppendTime}, else -1. */
    long logAppendTimeMs() {
        return logAppendTimeMs;
    }
}
