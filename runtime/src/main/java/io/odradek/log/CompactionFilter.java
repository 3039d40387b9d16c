package io.odradek.log;

import java.util.Map;
import org.apache.kafka.common.record.internal.MemoryRecords.RecordFilter;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * Decides which records of a compacted log stay. Sees every batch of the log in order. Pure: no I/O, no clock.
 *
 * <ul>
 *   <li>A record stays if no later one of its key is known; a record without a key goes.
 *   <li>A tombstone that is the latest of its key stays until its batch's delete horizon: {@code delete.retention.ms}
 *       after it was first seen by a cleaner (KIP-534), noted in the batch's header by who writes it.
 *   <li>Records of aborted transactions go; a marker goes at its delete horizon, once no record of the transaction is left.
 *   <li>A batch stays, without records, while it is the last of an active producer (its sequence must be found again), or
 *       the last of the cleaned range (the log must not seem to end or have a hole before it).
 * </ul>
 */
final class CompactionFilter extends RecordFilter {
    private final KeyOffsets latest;
    private final CleanedTransactions transactions;
    private final Map<Long, LastProducerRecord> producers;
    private final long endOffset;
    private boolean discardRecords;

    /**
     * @param latest the latest offset of each key
     * @param producers by id; those that are not expired
     * @param endOffset where the cleaned range ends, exclusive
     * @param nowMs when the cleaning began, ms since the epoch
     */
    CompactionFilter(
            KeyOffsets latest,
            CleanedTransactions transactions,
            Map<Long, LastProducerRecord> producers,
            long endOffset,
            long nowMs,
            long deleteRetentionMs) {
        super(nowMs, deleteRetentionMs);
        this.latest = latest;
        this.transactions = transactions;
        this.producers = producers;
        this.endOffset = endOffset;
    }

    @Override
    protected BatchRetentionResult checkBatchRetention(RecordBatch batch) {
        var discardable = transactions.canDiscard(batch);
        discardRecords = discardable && (!batch.isControlBatch() || isPastHorizon(batch));
        BatchRetention retention;
        if (isLastOfProducer(batch) || batch.nextOffset() == endOffset) {
            retention = BatchRetention.RETAIN_EMPTY;
        } else {
            retention = discardRecords ? BatchRetention.DELETE : BatchRetention.DELETE_EMPTY;
        }
        return new BatchRetentionResult(retention, discardable && batch.isControlBatch());
    }

    @Override
    protected boolean shouldRetainRecord(RecordBatch batch, Record record) {
        if (discardRecords) {
            return false;
        }
        if (batch.isControlBatch() || record.offset() > latest.latestOffset()) {
            return true;
        }
        return record.hasKey()
                && record.offset() >= latest.get(record.key())
                && (record.hasValue() || !isPastHorizon(batch));
    }

    private boolean isPastHorizon(RecordBatch batch) {
        var horizonMs = batch.deleteHorizonMs();
        return horizonMs.isPresent() && horizonMs.getAsLong() <= currentTime;
    }

    private boolean isLastOfProducer(RecordBatch batch) {
        if (!batch.hasProducerId()) {
            return false;
        }
        var last = producers.get(batch.producerId());
        if (last == null) {
            return false;
        }
        return last.lastDataOffset() >= 0
                ? batch.lastOffset() == last.lastDataOffset()
                : batch.isControlBatch() && batch.producerEpoch() == last.producerEpoch();
    }
}
