package io.odradek.coordinator;

import io.odradek.replication.Subscription;
import java.io.IOException;
import java.util.function.Consumer;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;

/** The log of a shard: the partition of an internal topic, in the leader epoch in which the shard lives. */
interface ShardLog {
    /** Names the partition in logs. */
    String name();

    /** The leader epoch. */
    int epoch();

    /** Bytes that one batch may have. */
    int maxBatchBytes();

    /** @throws org.apache.kafka.common.errors.ApiException an append would be refused now */
    void requireWritable();

    /**
     * @return the offset after the last record
     * @throws org.apache.kafka.common.errors.ApiException nothing was appended
     */
    long append(MemoryRecords records, short transactionVersion);

    /** Offset below which all records are committed. */
    long committedEnd();

    /** Offset after the last record in the log. */
    long end();

    /** Calls back on any thread whenever more may be committed, until closed. */
    Subscription onProgress(Runnable callback);

    /**
     * Reads the log from its start to {@link #end()}, batch by batch. Waits for the disk.
     *
     * @throws IOException the log cannot be read
     */
    void replay(Consumer<RecordBatch> batches) throws IOException;
}
