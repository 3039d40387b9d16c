package io.odradek.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.BufferSupplier;

/** Reads a log as it was at one moment, without any lock. */
final class LogReader {
    private final SegmentList segments;
    private final LogEnd end;

    LogReader(LogState state) {
        // The end first: the list read after it has the end's segment, unless the log was truncated in between.
        this.end = state.end;
        this.segments = state.segments;
    }

    /** {@code startOffset} is not below the first segment and below the end and the upper bound. */
    LogSlice read(long startOffset, int maxBytes, long upperBoundOffset, boolean minOneMessage) throws IOException {
        for (int i = Math.max(0, segments.floorIndex(startOffset)); i < segments.count(); i++) {
            var segment = segments.get(i);
            if (segment.baseOffset() >= upperBoundOffset) {
                return LogSlice.EMPTY;
            }
            var limit = limit(i, upperBoundOffset);
            var first = segment.locate(startOffset, limit);
            if (first != null) {
                var endOffset = i + 1 < segments.count()
                        ? Math.min(upperBoundOffset, segments.get(i + 1).baseOffset())
                        : upperBoundOffset;
                return slice(segment, first, limit, endOffset, maxBytes, minOneMessage);
            }
            if (segment == end.segment()) {
                break;
            }
        }
        return LogSlice.EMPTY;
    }

    private static LogSlice slice(
            LogSegment segment, BatchPosition first, int limit, long endOffset, int maxBytes, boolean minOneMessage)
            throws IOException {
        var bytes = limit - first.position();
        if (bytes > maxBytes) {
            if (first.size() <= maxBytes) {
                bytes = segment.wholeBatchesBefore(first.end(), first.position() + maxBytes, limit) - first.position();
            } else if (minOneMessage) {
                bytes = first.size();
            } else {
                return LogSlice.EMPTY;
            }
        }
        return first.position() + bytes == limit
                ? segment.slice(first.position(), bytes, endOffset)
                : segment.slice(first.position(), bytes);
    }

    /** Where in a segment the first batch begins that reaches the upper bound. */
    private int limit(int i, long upperBoundOffset) throws IOException {
        var segment = segments.get(i);
        var limit = segment == end.segment() ? end.position() : segment.size();
        if (upperBoundOffset >= end.offset()
                || i + 1 < segments.count() && segments.get(i + 1).baseOffset() <= upperBoundOffset) {
            return limit;
        }
        var beyond = segment.locate(upperBoundOffset, limit);
        return beyond == null ? limit : beyond.position();
    }

    Optional<TimestampOffset> offsetForTimestamp(long timestampMs, long logStartOffset) throws IOException {
        for (var segment : segments.all()) {
            if (segment.maxTimestamp() < timestampMs) {
                continue;
            }
            var from = Math.max(segment.timeIndex().offsetBefore(timestampMs), logStartOffset);
            var scanner = new BatchScanner(segment, segment.offsetIndex().positionFor(from), limit(segment));
            while (scanner.next()) {
                if (scanner.maxTimestamp() >= timestampMs && scanner.lastOffset() >= logStartOffset) {
                    var found = firstRecord(
                            segment,
                            scanner.batch(),
                            r -> r.timestamp() >= timestampMs && r.offset() >= logStartOffset);
                    if (found.isPresent()) {
                        return found;
                    }
                    // Looking into the batch used this thread's window.
                    scanner = new BatchScanner(segment, scanner.endPosition(), limit(segment));
                }
            }
        }
        return Optional.empty();
    }

    Optional<TimestampOffset> maxTimestampOffset(long logStartOffset) throws IOException {
        LogSegment newest = null;
        for (var segment : segments.all()) {
            if (newest == null || segment.maxTimestamp() > newest.maxTimestamp()) {
                newest = segment;
            }
        }
        if (newest == null || newest.maxTimestamp() < 0) {
            return Optional.empty();
        }
        var max = newest.maxTimestamp();
        var batch = newest.locate(newest.offsetOfMaxTimestamp(), limit(newest));
        return batch == null
                ? Optional.empty()
                : firstRecord(newest, batch, r -> r.timestamp() == max && r.offset() >= logStartOffset);
    }

    private int limit(LogSegment segment) {
        return segment == end.segment() ? end.position() : segment.size();
    }

    private static Optional<TimestampOffset> firstRecord(
            LogSegment segment, BatchPosition position, Predicate<Record> wanted) throws IOException {
        var batch = segment.readBatch(position);
        try (var records = batch.streamingIterator(BufferSupplier.NO_CACHING)) {
            while (records.hasNext()) {
                var record = records.next();
                if (wanted.test(record)) {
                    return Optional.of(
                            new TimestampOffset(record.timestamp(), record.offset(), batch.partitionLeaderEpoch()));
                }
            }
        }
        return Optional.empty();
    }

    /** Kafka's rule: from the segment of {@code fromOffset} on, until an entry says that nothing later can overlap. */
    List<AbortedTxn> abortedTransactions(long fromOffset, long toOffset) throws IOException {
        var result = new ArrayList<AbortedTxn>();
        for (int i = Math.max(0, segments.floorIndex(fromOffset)); i < segments.count(); i++) {
            for (var txn : segments.get(i).txnIndex().all()) {
                if (txn.lastOffset() >= fromOffset && txn.firstOffset() < toOffset) {
                    result.add(txn);
                }
                if (txn.lastStableOffset() >= toOffset) {
                    return result;
                }
            }
        }
        return result;
    }
}
