package io.odradek.api;

import io.odradek.log.TimestampOffset;
import io.odradek.replication.PartitionLeader;
import java.util.Optional;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.errors.OffsetNotAvailableException;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListOffsetsResponse;

/** Answers one question of ListOffsets: by timestamp, or by one of the negative numbers that stand for something. */
final class OffsetLookup {
    private static final TimestampOffset NOWHERE = new TimestampOffset(
            ListOffsetsResponse.UNKNOWN_TIMESTAMP,
            ListOffsetsResponse.UNKNOWN_OFFSET,
            ListOffsetsResponse.UNKNOWN_EPOCH);

    private OffsetLookup() {}

    /** Whether the question needs the log's files. */
    static boolean readsFiles(long timestamp) {
        return timestamp >= 0 || timestamp == ListOffsetsRequest.MAX_TIMESTAMP;
    }

    /** Negative timestamps have come one by one with new versions. */
    static boolean isSupported(long timestamp, short version) {
        if (timestamp >= 0) {
            return true;
        }
        int since;
        if (timestamp == ListOffsetsRequest.LATEST_TIMESTAMP || timestamp == ListOffsetsRequest.EARLIEST_TIMESTAMP) {
            since = 1;
        } else if (timestamp == ListOffsetsRequest.MAX_TIMESTAMP) {
            since = 7;
        } else if (timestamp == ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP) {
            since = 8;
        } else if (timestamp == ListOffsetsRequest.LATEST_TIERED_TIMESTAMP) {
            since = 9;
        } else if (timestamp == ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP) {
            since = 11;
        } else {
            return false;
        }
        return version >= since;
    }

    /**
     * @param isolation up to where the client may see; empty for brokers and tools that see everything
     * @return offset -1 if there is no such record
     * @throws OffsetNotAvailableException the high watermark has not reached this leader's epoch yet, so that the end may
     *     seem to be before what another leader has told already (KIP-207)
     */
    static TimestampOffset find(PartitionLeader leader, long timestamp, Optional<IsolationLevel> isolation) {
        if (timestamp == ListOffsetsRequest.EARLIEST_TIMESTAMP
                || timestamp == ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP) {
            long start = leader.logStartOffset();
            return new TimestampOffset(
                    ListOffsetsResponse.UNKNOWN_TIMESTAMP, start, leader.log().epochForOffset(start));
        }
        if (timestamp == ListOffsetsRequest.LATEST_TIERED_TIMESTAMP
                || timestamp == ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP) {
            // There is no tiered storage.
            return NOWHERE;
        }
        long end = end(leader, isolation);
        if (timestamp == ListOffsetsRequest.LATEST_TIMESTAMP) {
            requireEnd(leader, isolation);
            return new TimestampOffset(ListOffsetsResponse.UNKNOWN_TIMESTAMP, end, leader.leaderEpoch());
        }
        var found = timestamp == ListOffsetsRequest.MAX_TIMESTAMP
                ? leader.log().maxTimestampOffset()
                : leader.log().offsetForTimestamp(timestamp);
        if (found.isPresent() && found.get().offset() < end) {
            return found.get();
        }
        requireEnd(leader, isolation);
        return NOWHERE;
    }

    private static long end(PartitionLeader leader, Optional<IsolationLevel> isolation) {
        if (isolation.isEmpty()) {
            return leader.log().logEndOffset();
        }
        return isolation.get() == IsolationLevel.READ_COMMITTED ? leader.lastStableOffset() : leader.highWatermark();
    }

    private static void requireEnd(PartitionLeader leader, Optional<IsolationLevel> isolation) {
        if (isolation.isPresent() && leader.epochStartOffset() > leader.highWatermark()) {
            throw new OffsetNotAvailableException("The high watermark of " + leader.id() + " is "
                    + leader.highWatermark() + ", below the start of leader epoch " + leader.leaderEpoch() + " at "
                    + leader.epochStartOffset());
        }
    }
}
