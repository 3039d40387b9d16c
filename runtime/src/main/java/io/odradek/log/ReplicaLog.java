package io.odradek.log;

import io.odradek.config.LogConfig;
import java.util.function.LongConsumer;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** What leading and following need of a partition's log. {@link PartitionLog} is the one on files, and says what each does. */
public interface ReplicaLog {
    LogId id();

    LogConfig config();

    void configure(LogConfig config);

    long logStartOffset();

    long logEndOffset();

    long durableEndOffset();

    void onDurable(LongConsumer listener);

    long highWatermark();

    void updateHighWatermark(long highWatermark);

    int latestEpoch();

    EpochEndOffset endOffsetForEpoch(int leaderEpoch);

    void assignEpochStart(int epoch, long offset);

    AppendResult appendAsFollower(MemoryRecords records);

    void deleteRecordsBefore(long offset);

    void truncateTo(long offset);

    void truncateFullyAndStartAt(long offset);
}
