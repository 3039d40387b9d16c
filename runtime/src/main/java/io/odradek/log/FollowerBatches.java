package io.odradek.log;

import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;

/** Checks what was fetched from a leader before a follower appends it. */
final class FollowerBatches {
    private FollowerBatches() {}

    /** Checks every batch; one that is cut off at the end is left out, as a fetch may cut it. */
    static ByteBuffer whole(LogId log, ByteBuffer records) {
        var at = records.position();
        while (records.limit() - at >= BatchHeader.LOG_OVERHEAD
                && BatchHeader.sizeInBytes(records, at) <= records.limit() - at) {
            var problem = BatchCheck.problem(records, at);
            if (problem != null) {
                throw new CorruptRecordException("A batch for log " + log + " " + problem);
            }
            at += (int) BatchHeader.sizeInBytes(records, at);
        }
        return records.limit(at);
    }

    /**
     * Where an empty log has to begin to hold the first batch: before its start, where records were deleted up to the middle
     * of that batch. Else {@code endOffset}.
     */
    static long begin(ByteBuffer batches, long endOffset) {
        long base = BatchHeader.baseOffset(batches, batches.position());
        return base < endOffset && BatchHeader.lastOffset(batches, batches.position()) >= endOffset ? base : endOffset;
    }

    /** Offsets may have gaps, where a leader was compacted, but never go back. */
    static void requireInOrder(LogId log, ByteBuffer batches, long endOffset) {
        var next = endOffset;
        for (int at = batches.position(); at < batches.limit(); at += (int) BatchHeader.sizeInBytes(batches, at)) {
            if (BatchHeader.baseOffset(batches, at) < next) {
                throw new OffsetOutOfRangeException("Log " + log + " cannot append offset "
                        + BatchHeader.baseOffset(batches, at) + ", its next is " + next);
            }
            next = BatchHeader.lastOffset(batches, at) + 1;
        }
    }
}
