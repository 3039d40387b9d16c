package io.odradek.replication;

import io.odradek.log.AbortedTxn;
import io.odradek.log.EpochEndOffset;
import io.odradek.log.LogSlice;
import java.util.List;
import java.util.Optional;

/**
 * What a fetch got of a partition.
 *
 * @param records to be closed by whoever sends or drops them
 * @param atEnd whether there is nothing to read at the fetch offset until the partition gets on
 * @param abortedTransactions those that overlap the records, for {@link FetchIsolation#TXN_COMMITTED}; else empty
 * @param divergingEpoch present, and {@code records} empty, if the client's log has branched off before its fetch offset
 *     (KIP-595)
 */
public record PartitionRead(
        LogSlice records,
        boolean atEnd,
        long logStartOffset,
        long highWatermark,
        long lastStableOffset,
        List<AbortedTxn> abortedTransactions,
        Optional<EpochEndOffset> divergingEpoch) {}
