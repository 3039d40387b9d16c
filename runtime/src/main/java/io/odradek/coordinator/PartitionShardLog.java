package io.odradek.coordinator;

import io.odradek.log.AppendOrigin;
import io.odradek.replication.PartitionLeader;
import io.odradek.replication.Subscription;
import java.io.IOException;
import java.util.function.Consumer;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;

/** A {@link ShardLog} on a partition that this broker leads. */
final class PartitionShardLog implements ShardLog {
    /** Bytes to read at a time while a shard is loaded. */
    private static final int READ_BYTES = 5 * 1024 * 1024;

    private final PartitionLeader leader;

    PartitionShardLog(PartitionLeader leader) {
        this.leader = leader;
    }

    @Override
    public String name() {
        return leader.id().toString();
    }

    @Override
    public int epoch() {
        return leader.leaderEpoch();
    }

    @Override
    public int maxBatchBytes() {
        return leader.log().config().maxMessageBytes();
    }

    @Override
    public void requireWritable() {
        leader.requireWritable(PartitionLeader.ACKS_ALL);
    }

    @Override
    public long append(MemoryRecords records, short transactionVersion) {
        var result = leader.append(records, AppendOrigin.COORDINATOR, PartitionLeader.ACKS_ALL, transactionVersion);
        leader.wake();
        return result.lastOffset() + 1;
    }

    @Override
    public long committedEnd() {
        return leader.highWatermark();
    }

    @Override
    public long end() {
        return leader.log().logEndOffset();
    }

    @Override
    public Subscription onProgress(Runnable callback) {
        return leader.subscribe(callback::run);
    }

    @Override
    public void replay(Consumer<RecordBatch> batches) throws IOException {
        long next = leader.logStartOffset();
        while (next < end()) {
            try (var slice = leader.log().read(next, READ_BYTES, end(), true)) {
                for (var batch : slice.load().batches()) {
                    batches.accept(batch);
                    next = batch.nextOffset();
                }
                if (slice.isEmpty()) {
                    throw new IOException("The log of " + name() + " cannot be read beyond offset " + next);
                }
            }
        }
    }
}
