package io.odradek.log;

import io.odradek.config.LogConfig;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.ProduceResponse.RecordError;

/**
 * What a topic demands of each record, and what has been seen of the records of one batch. It sees only the numbers of
 * a record, so it is the same for records in a buffer and for those that come out of a decompressor.
 */
final class RecordChecks {
    /** A compressed batch may hold a million bad records; a client needs no more than these to find its mistake. */
    static final int MAX_RECORD_ERRORS = 1_000;

    static final String MISNUMBERED = "Offset out of order in the batch: ";

    private final boolean keyRequired;
    private final boolean createTime;
    private final long nowMs;
    private final long beforeMaxMs;
    private final long afterMaxMs;
    private final boolean batchHasAppendTime;
    private final long batchMaxTimestamp;
    private final long baseTimestamp;

    private long maxTimestamp = RecordBatch.NO_TIMESTAMP;
    private int badRecords;
    private boolean badTimestamp;
    private List<RecordError> errors = List.of();

    RecordChecks(ByteBuffer batch, LogConfig config, long nowMs) {
        this.keyRequired = config.cleanupCompact();
        this.createTime = config.timestampType() == TimestampType.CREATE_TIME;
        this.nowMs = nowMs;
        this.beforeMaxMs = config.timestampBeforeMaxMs();
        this.afterMaxMs = config.timestampAfterMaxMs();
        this.batchHasAppendTime = BatchHeader.hasLogAppendTime(batch, 0);
        this.batchMaxTimestamp = BatchHeader.maxTimestamp(batch, 0);
        this.baseTimestamp = BatchHeader.baseTimestamp(batch, 0);
    }

    void record(int index, int offsetDelta, long timestampDelta, boolean hasKey) {
        var timestamp = batchHasAppendTime ? batchMaxTimestamp : baseTimestamp + timestampDelta;
        if (offsetDelta != index) {
            refuse(index, MISNUMBERED + offsetDelta + " where " + index + " is due");
        } else if (keyRequired && !hasKey) {
            refuse(index, "Compacted topic cannot accept message without key");
        } else if (createTime && timestamp != RecordBatch.NO_TIMESTAMP) {
            var age = nowMs - timestamp;
            if (age > beforeMaxMs || -age > afterMaxMs) {
                badTimestamp = true;
                refuse(
                        index,
                        "Timestamp " + timestamp + " of message with offset " + offsetDelta
                                + " is out of range. The timestamp should be within [" + (nowMs - beforeMaxMs) + ", "
                                + (nowMs + afterMaxMs) + "]");
            } else if (timestamp > maxTimestamp) {
                maxTimestamp = timestamp;
            }
        } else if (batchHasAppendTime) {
            badTimestamp = true;
            refuse(index, "Invalid timestamp type. Producer should not set timestamp type to LogAppendTime.");
        } else if (timestamp > maxTimestamp) {
            maxTimestamp = timestamp;
        }
    }

    private void refuse(int index, String message) {
        badRecords++;
        if (errors.isEmpty()) {
            errors = new ArrayList<>();
        }
        if (errors.size() < MAX_RECORD_ERRORS) {
            errors.add(new RecordError(index, message));
        }
    }

    boolean anyRefused() {
        return badRecords > 0;
    }

    /** @throws RecordValidationException if any record was refused; a bad timestamp outweighs a missing key, as in Kafka */
    void throwIfAnyRefused() {
        if (badRecords == 0) {
            return;
        }
        var error = badTimestamp
                ? new InvalidTimestampException("One or more records have been rejected due to invalid timestamp")
                : new InvalidRecordException("One or more records have been rejected due to " + badRecords
                        + " record errors in total, and only showing the first three errors at most: "
                        + errors.subList(0, Math.min(errors.size(), 3)));
        throw new RecordValidationException(error, errors);
    }

    /** Largest record timestamp in ms as the producer sent it, -1 if none has one. */
    long maxTimestamp() {
        return maxTimestamp;
    }
}
