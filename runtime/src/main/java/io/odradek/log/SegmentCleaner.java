package io.odradek.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.BufferSupplier;

/**
 * The cleaner's reading and writing: fills the map of keys from the dirty segments, copies what stays of old segments
 * into a new one. Changes nothing of the log itself. Holds two buffers, which grow to the largest batch met and not
 * beyond. Not thread-safe; one cleaning of one log.
 */
final class SegmentCleaner {
    /** The cleaner is closing, or the log changed under it: nothing was lost, all will be done again. */
    static final class AbandonedException extends RuntimeException {
        AbandonedException(String message) {
            super(message, null, false, false);
        }
    }

    private final PartitionLog log;
    private final IoThrottle throttle;
    private final BooleanSupplier stopped;
    private final BufferSupplier decompressionBuffers = BufferSupplier.create();
    private ByteBuffer input;
    private ByteBuffer output;

    /** @param stopped asked often whether to give up */
    SegmentCleaner(PartitionLog log, int bufferBytes, IoThrottle throttle, BooleanSupplier stopped) {
        this.log = log;
        this.throttle = throttle;
        this.stopped = stopped;
        this.input = ByteBuffer.allocate(bufferBytes);
        this.output = ByteBuffer.allocate(bufferBytes);
    }

    /**
     * Notes the keys of the records from {@code fromOffset} on, until the map is full or {@code endOffset} is reached.
     *
     * @param dirty the segments of that range, in order
     */
    void index(List<LogSegment> dirty, long fromOffset, long endOffset, KeyOffsets keys) throws IOException {
        var transactions = new CleanedTransactions(txn -> {});
        transactions.expect(log.abortedTransactions(fromOffset, endOffset));
        for (int i = 0; i < dirty.size(); i++) {
            if (!index(dirty.get(i), fromOffset, keys, transactions)) {
                return;
            }
            // Offsets may be missing at the end of a segment that was cleaned before.
            keys.coverUpTo((i + 1 < dirty.size() ? dirty.get(i + 1).baseOffset() : endOffset) - 1);
        }
    }

    private boolean index(LogSegment segment, long fromOffset, KeyOffsets keys, CleanedTransactions transactions)
            throws IOException {
        for (int position = segment.offsetIndex().positionFor(fromOffset); position < segment.size(); ) {
            for (var batch : read(segment, position).batches()) {
                var discardable = transactions.canDiscard(batch);
                if (!discardable && !batch.isControlBatch() && !index(batch, fromOffset, keys)) {
                    return false;
                }
                if (batch.lastOffset() >= fromOffset) {
                    keys.coverUpTo(batch.lastOffset());
                }
                position += batch.sizeInBytes();
            }
        }
        return true;
    }

    private boolean index(RecordBatch batch, long fromOffset, KeyOffsets keys) {
        try (var records = batch.streamingIterator(decompressionBuffers)) {
            while (records.hasNext()) {
                var record = records.next();
                if (record.hasKey() && record.offset() >= fromOffset && !keys.put(record.key(), record.offset())) {
                    return false;
                }
            }
        }
        return true;
    }

    /** What all segments of one cleaning have in common. */
    record Round(KeyOffsets keys, CleanedTransactions transactions, long endOffset, long nowMs) {}

    /**
     * Copies what stays of some segments.
     *
     * @param target new and empty; its transaction index is filled by who made {@code round}
     * @param nextBaseOffset where the segment after the last of {@code group} begins
     */
    void copy(
            List<LogSegment> group,
            long nextBaseOffset,
            LogSegment target,
            Round round,
            Map<Long, LastProducerRecord> producers)
            throws IOException {
        var filter = new CompactionFilter(
                round.keys,
                round.transactions,
                producers,
                round.endOffset,
                round.nowMs,
                log.config().deleteRetentionMs());
        for (int i = 0; i < group.size(); i++) {
            var segment = group.get(i);
            var endOffset = i + 1 < group.size() ? group.get(i + 1).baseOffset() : nextBaseOffset;
            round.transactions.expect(log.abortedTransactions(segment.baseOffset(), endOffset));
            copy(segment, target, filter);
        }
    }

    private void copy(LogSegment segment, LogSegment target, CompactionFilter filter) throws IOException {
        for (int position = 0; position < segment.size(); ) {
            var result = read(segment, position).filterTo(filter, output.clear(), decompressionBuffers);
            position += result.bytesRead();
            // A single batch may have outgrown the buffer; the larger one serves from now on.
            output = result.outputBuffer().flip();
            if (output.hasRemaining()) {
                if (!target.canHold(result.maxOffset())) {
                    throw new CorruptRecordException(
                            segment + " has offset " + result.maxOffset() + ", too far from " + target.baseOffset());
                }
                throttle.acquire(output.remaining());
                target.append(output, log.config());
            }
        }
    }

    /** Whole batches from {@code position} on, at least one. Damaged ones are never copied with a new checksum. */
    private MemoryRecords read(LogSegment segment, int position) throws IOException {
        if (stopped.getAsBoolean()) {
            throw new AbandonedException("cleaning of " + log + " was stopped");
        }
        log.maintenance().segments(); // a log in use does not go dormant, which would make its segments other objects
        input.clear();
        segment.readAt(input, position);
        input.flip();
        throttle.acquire(input.limit());
        var end = 0;
        while (input.limit() - end >= BatchHeader.LOG_OVERHEAD
                && BatchHeader.sizeInBytes(input, end) <= input.limit() - end) {
            requireGood(segment, position, end);
            end += (int) BatchHeader.sizeInBytes(input, end);
        }
        if (end > 0) {
            return MemoryRecords.readableRecords(input.limit(end).slice(0, end));
        }
        var size = input.limit() < BatchHeader.LOG_OVERHEAD ? 0 : BatchHeader.sizeInBytes(input, 0);
        if (size <= input.capacity() || size > segment.size() - position) {
            requireGood(segment, position, 0);
        }
        input = ByteBuffer.allocate((int) size);
        return read(segment, position);
    }

    private void requireGood(LogSegment segment, int position, int at) {
        var problem = BatchCheck.problem(input, at);
        if (problem != null) {
            throw new CorruptRecordException("the batch at byte " + (position + at) + " of " + segment + " " + problem);
        }
    }

    /** For use in callbacks that cannot throw it. */
    static void append(TransactionIndex index, AbortedTxn txn) {
        try {
            index.append(txn);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
