package io.odradek.log;

import io.odradek.config.Durability;
import io.odradek.config.LogConfig;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;

/**
 * A log in memory for simulations: a record is a number, in a batch of its own. Knows what is on the device, and can lose
 * the rest. For one thread.
 */
public final class MemoryLog implements ReplicaLog {
    private static final SimpleRecord PAYLOAD = new SimpleRecord(0L, new byte[0]);

    private final LogId id;
    private final LeaderEpochs epochs = new LeaderEpochs();
    private final List<Entry> entries = new ArrayList<>();
    private LogConfig config;
    private long startOffset;
    private long endOffset;
    private long syncedEnd;
    private long highWatermark;
    private long checkpointedHighWatermark;
    private LongConsumer listener = offset -> {};
    private int truncations;

    public MemoryLog(LogId id, LogConfig config) {
        this.id = id;
        this.config = config;
    }

    /** @param record the number that was appended */
    public record Entry(long offset, int epoch, long record, byte[] batch) {}

    @Override
    public LogId id() {
        return id;
    }

    @Override
    public LogConfig config() {
        return config;
    }

    @Override
    public void configure(LogConfig config) {
        this.config = config;
    }

    /** Appends as leader. Returns the record's offset. */
    public long append(long record, int leaderEpoch) {
        long offset = endOffset;
        var batch = MemoryRecords.withIdempotentRecords(
                RecordBatch.CURRENT_MAGIC_VALUE, offset, Compression.NONE, record, (short) 0, 0, leaderEpoch, PAYLOAD);
        var bytes = new byte[batch.sizeInBytes()];
        batch.buffer().get(bytes);
        add(new Entry(offset, leaderEpoch, record, bytes));
        return offset;
    }

    @Override
    public AppendResult appendAsFollower(MemoryRecords records) {
        long base = endOffset;
        for (var batch : records.batches()) {
            if (!batch.isValid()) {
                throw new CorruptRecordException("torn");
            }
            if (batch.baseOffset() < endOffset) {
                throw new OffsetOutOfRangeException("Log " + id + " ends at " + endOffset + ": " + batch);
            }
            var bytes = new byte[batch.sizeInBytes()];
            var buffer = ByteBuffer.wrap(bytes);
            batch.writeTo(buffer);
            add(new Entry(batch.baseOffset(), batch.partitionLeaderEpoch(), batch.producerId(), bytes));
        }
        return new AppendResult(base, endOffset - 1, -1, startOffset, false, records.sizeInBytes());
    }

    private void add(Entry entry) {
        if (entry.epoch > epochs.latest()) {
            epochs.assign(entry.epoch, entry.offset);
        }
        entries.add(entry);
        endOffset = entry.offset + 1;
        if (!forces()) {
            listener.accept(endOffset);
        }
    }

    private boolean forces() {
        return config.durability() == Durability.FSYNC;
    }

    /** What is there from {@code offset} on, {@code max} records at most. */
    public MemoryRecords read(long offset, int max) {
        int from = indexOf(offset);
        int to = Math.min(entries.size(), from + max);
        int bytes = 0;
        for (int i = from; i < to; i++) {
            bytes += entries.get(i).batch.length;
        }
        var buffer = ByteBuffer.allocate(bytes);
        for (int i = from; i < to; i++) {
            buffer.put(entries.get(i).batch);
        }
        return MemoryRecords.readableRecords(buffer.flip());
    }

    private int indexOf(long offset) {
        int i = entries.size();
        while (i > 0 && entries.get(i - 1).offset >= offset) {
            i--;
        }
        return i;
    }

    public List<Entry> entries() {
        return entries;
    }

    /** The record at this offset, or null. */
    public Entry at(long offset) {
        long index = entries.isEmpty() ? -1 : offset - entries.get(0).offset;
        return index < 0 || index >= entries.size() ? null : entries.get((int) index);
    }

    /** Grows whenever records at the end go. */
    public int truncations() {
        return truncations;
    }

    @Override
    public long logStartOffset() {
        return startOffset;
    }

    @Override
    public long logEndOffset() {
        return endOffset;
    }

    @Override
    public long durableEndOffset() {
        return forces() ? syncedEnd : endOffset;
    }

    /** Whether a crash of the machine would lose something now. */
    public boolean hasUnsyncedTail() {
        return syncedEnd < endOffset;
    }

    @Override
    public void onDurable(LongConsumer consumer) {
        listener = consumer;
    }

    /** Everything so far gets to the device. */
    public void sync() {
        if (syncedEnd < endOffset) {
            syncedEnd = endOffset;
            if (forces()) {
                listener.accept(syncedEnd);
            }
        }
    }

    /** Crash and restart. @param keep the first offset that is lost, if that is below the end */
    public void restart(long keep) {
        listener = offset -> {};
        if (keep < endOffset) {
            truncateTo(Math.max(syncedEnd, keep));
        }
        syncedEnd = endOffset;
        highWatermark = Math.max(startOffset, Math.min(checkpointedHighWatermark, endOffset));
    }

    public long syncedEndOffset() {
        return syncedEnd;
    }

    public void checkpoint() {
        checkpointedHighWatermark = highWatermark();
    }

    @Override
    public long highWatermark() {
        return Math.max(startOffset, Math.min(highWatermark, endOffset));
    }

    @Override
    public void updateHighWatermark(long offset) {
        highWatermark = offset;
    }

    @Override
    public int latestEpoch() {
        return epochs.latest();
    }

    @Override
    public EpochEndOffset endOffsetForEpoch(int leaderEpoch) {
        return epochs.endOffsetFor(leaderEpoch, endOffset);
    }

    @Override
    public void assignEpochStart(int epoch, long offset) {
        epochs.assign(epoch, offset);
    }

    @Override
    public void deleteRecordsBefore(long offset) {
        if (offset > highWatermark()) {
            throw new OffsetOutOfRangeException(offset + " is beyond the high watermark " + highWatermark());
        }
        if (offset > startOffset) {
            entries.subList(0, indexOf(offset)).clear();
            startOffset = offset;
            epochs.truncateFromStart(offset);
        }
    }

    @Override
    public void truncateTo(long offset) {
        truncations++;
        if (offset < endOffset) {
            entries.subList(indexOf(offset), entries.size()).clear();
            endOffset = offset;
            startOffset = Math.min(startOffset, offset);
            syncedEnd = Math.min(syncedEnd, offset);
            highWatermark = Math.min(highWatermark, offset);
        }
        epochs.truncateFromEnd(offset);
    }

    @Override
    public void truncateFullyAndStartAt(long offset) {
        truncations++;
        entries.clear();
        startOffset = offset;
        endOffset = offset;
        syncedEnd = offset;
        highWatermark = Math.min(highWatermark, offset);
        epochs.clear();
    }

    @Override
    public String toString() {
        var text = new StringBuilder("[" + startOffset + "," + endOffset + ") hw " + highWatermark + ":");
        entries.forEach(e -> text.append(' ').append(e.epoch).append('/').append(e.record));
        return text.toString();
    }
}
