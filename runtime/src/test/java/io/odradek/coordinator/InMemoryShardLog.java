package io.odradek.coordinator;

import io.odradek.replication.Subscription;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;

/** A log whose commits and failures are up to the test. */
final class InMemoryShardLog implements ShardLog {
    private final List<MemoryRecords> batches = new ArrayList<>();
    private final List<Runnable> followers = new ArrayList<>();
    private Optional<ApiException> notWritable = Optional.empty();
    private Optional<RuntimeException> failure = Optional.empty();
    private boolean holding;
    private long committed;
    private long end;
    private int maxBatchBytes = 100_000;

    /** From now on nothing is committed until {@link #commitAll}. */
    void hold() {
        holding = true;
    }

    void commitAll() {
        committed = end;
        List.copyOf(followers).forEach(Runnable::run);
    }

    void refuseWrites(ApiException why) {
        notWritable = Optional.of(why);
    }

    void takeWritesAgain() {
        notWritable = Optional.empty();
        failure = Optional.empty();
    }

    void failAppends(RuntimeException why) {
        failure = Optional.of(why);
    }

    void maxBatchBytes(int bytes) {
        maxBatchBytes = bytes;
    }

    int appends() {
        return batches.size();
    }

    int followers() {
        return followers.size();
    }

    @Override
    public String name() {
        return "test-0";
    }

    @Override
    public int epoch() {
        return 7;
    }

    @Override
    public int maxBatchBytes() {
        return maxBatchBytes;
    }

    @Override
    public void requireWritable() {
        notWritable.ifPresent(e -> {
            throw e;
        });
    }

    @Override
    public long append(MemoryRecords records, short transactionVersion) {
        failure.ifPresent(e -> {
            throw e;
        });
        var copy = ByteBuffer.allocate(records.sizeInBytes());
        copy.put(records.buffer().duplicate()).flip();
        var kept = MemoryRecords.readableRecords(copy);
        for (var batch : kept.batches()) {
            end += batch.countOrNull();
            batch.setLastOffset(end - 1);
        }
        batches.add(kept);
        if (!holding) {
            committed = end;
        }
        return end;
    }

    @Override
    public long committedEnd() {
        return committed;
    }

    @Override
    public long end() {
        return end;
    }

    @Override
    public Subscription onProgress(Runnable callback) {
        followers.add(callback);
        return () -> followers.remove(callback);
    }

    @Override
    public void replay(Consumer<RecordBatch> consumer) {
        batches.forEach(records -> records.batches().forEach(consumer));
    }
}
