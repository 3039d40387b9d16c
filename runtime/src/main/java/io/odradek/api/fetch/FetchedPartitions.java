package io.odradek.api.fetch;

import io.odradek.log.LogSlice;
import java.util.List;
import org.apache.kafka.common.requests.FetchResponse;

/**
 * What one pass over the restless partitions of a fetch gave. Holds files open until it is {@linkplain #close closed}, or
 * until each {@link LogSlice} in it is, which whoever sends it does.
 *
 * @param bytes of records in them
 * @param throttledBytes of those, what counts against the leader's quota of throttled replication
 * @param urgent whether something must be told at once, however few bytes there are: an error, a diverging log
 */
public record FetchedPartitions(List<FetchedPartition> partitions, long bytes, long throttledBytes, boolean urgent)
        implements AutoCloseable {
    static final FetchedPartitions NONE = new FetchedPartitions(List.of(), 0, 0, false);

    /** Drops all records. */
    @Override
    public void close() {
        for (var each : partitions) {
            var answer = each.answer();
            if (FetchResponse.recordsSize(answer) > 0 && answer.records() instanceof LogSlice slice) {
                slice.close();
            }
        }
    }
}
