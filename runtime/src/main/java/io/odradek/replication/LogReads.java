package io.odradek.replication;

import io.odradek.log.AbortedTxn;
import io.odradek.log.EpochEndOffset;
import io.odradek.log.LogSlice;
import io.odradek.log.PartitionLog;
import io.odradek.log.ReplicaLog;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;

/** Reading from a partition's log, up to where it is known to be committed; the same on leader and follower. */
final class LogReads {
    private LogReads() {}

    /**
     * @param highWatermark as the replica knows it
     * @throws OffsetOutOfRangeException below the log start or beyond the log end offset, or the epoch is unknown here
     */
    static PartitionRead read(
            PartitionLog log,
            long highWatermark,
            FetchIsolation isolation,
            long fetchOffset,
            int lastFetchedEpoch,
            int maxBytes,
            boolean minOneMessage) {
        long start = log.logStartOffset();
        long stable = log.lastStableOffset(highWatermark);
        var diverging = lastFetchedEpoch < 0
                ? Optional.<EpochEndOffset>empty()
                : divergingEpoch(log, lastFetchedEpoch, fetchOffset, start);
        if (diverging.isPresent()) {
            return new PartitionRead(LogSlice.EMPTY, false, start, highWatermark, stable, List.of(), diverging);
        }
        checkInRange(log, fetchOffset, start);
        long upperBound = upperBound(log, isolation, highWatermark, stable);
        boolean atEnd = fetchOffset >= upperBound;
        if (atEnd || maxBytes <= 0 && !minOneMessage) {
            return new PartitionRead(LogSlice.EMPTY, atEnd, start, highWatermark, stable, List.of(), diverging);
        }
        var records = log.read(fetchOffset, Math.max(0, maxBytes), upperBound, minOneMessage);
        try {
            return new PartitionRead(
                    records,
                    false,
                    start,
                    highWatermark,
                    stable,
                    aborted(log, isolation, fetchOffset, records),
                    diverging);
        } catch (RuntimeException e) {
            records.close();
            throw e;
        }
    }

    /** How many bytes {@link #read} would return, {@code maxBytes} at most. */
    static int availableBytes(
            PartitionLog log, long highWatermark, FetchIsolation isolation, long fetchOffset, int maxBytes) {
        long upperBound = upperBound(
                log,
                isolation,
                highWatermark,
                isolation == FetchIsolation.TXN_COMMITTED ? log.lastStableOffset(highWatermark) : highWatermark);
        if (fetchOffset >= upperBound) {
            return 0;
        }
        try (var records = log.read(fetchOffset, Math.max(0, maxBytes), upperBound, true)) {
            return Math.min(records.sizeInBytes(), maxBytes);
        }
    }

    private static long upperBound(PartitionLog log, FetchIsolation isolation, long highWatermark, long stable) {
        return switch (isolation) {
            case LOG_END -> log.logEndOffset();
            case HIGH_WATERMARK -> highWatermark;
            case TXN_COMMITTED -> stable;
        };
    }

    /** @throws OffsetOutOfRangeException there is nothing to read at this offset */
    static void checkInRange(ReplicaLog log, long fetchOffset, long start) {
        long end = log.logEndOffset();
        if (fetchOffset < start || fetchOffset > end) {
            throw new OffsetOutOfRangeException("Received request for offset " + fetchOffset + " for partition "
                    + log.id() + ", but we only have log segments in the range " + start + " to " + end + ".");
        }
    }

    /**
     * KIP-595: where the log of who fetches has branched off, if the last record that it has is of an epoch that ended
     * here before its fetch offset, or never was here.
     */
    static Optional<EpochEndOffset> divergingEpoch(ReplicaLog log, int lastFetchedEpoch, long fetchOffset, long start) {
        var end = log.endOffsetForEpoch(lastFetchedEpoch);
        if (!end.isDefined() || end.leaderEpoch() < 0) {
            throw new OffsetOutOfRangeException("Could not determine the end offset of the last fetched epoch "
                    + lastFetchedEpoch + " from the request for partition " + log.id());
        }
        if (fetchOffset < start) {
            checkInRange(log, fetchOffset, start);
        }
        return end.leaderEpoch() < lastFetchedEpoch || end.endOffset() < fetchOffset
                ? Optional.of(end)
                : Optional.empty();
    }

    private static List<AbortedTxn> aborted(
            PartitionLog log, FetchIsolation isolation, long fetchOffset, LogSlice records) {
        if (isolation != FetchIsolation.TXN_COMMITTED || records.isEmpty()) {
            return List.of();
        }
        try {
            return log.abortedTransactions(fetchOffset, records.endOffset());
        } catch (IOException e) {
            throw new KafkaStorageException("Where the records of " + log.id() + " end could not be read", e);
        }
    }
}
