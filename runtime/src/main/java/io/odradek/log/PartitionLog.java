package io.odradek.log;

import io.odradek.config.LogConfig;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * The log of one partition. What changes it (append, truncation, roll, deletion) is serialised by an internal lock and
 * may be called from any thread; reads take no lock. Offsets are Kafka's: the log start offset is the first that can be
 * read, the log end offset the next to be written.
 *
 * <p>Every method that touches the disk throws {@link org.apache.kafka.common.errors.KafkaStorageException} once the
 * log's directory is offline, and takes it offline on the first I/O error.
 */
public final class PartitionLog {
    public LogId id() {
        throw new UnsupportedOperationException();
    }

    /**
     * Appends as leader: validates, assigns offsets and {@code leaderEpoch} in place, checks producer state, writes the
     * buffer of {@code records} straight to the file. The buffer may be reused when this returns.
     *
     * @throws org.apache.kafka.common.errors.ApiException what is wrong with the records; nothing was appended then
     */
    public AppendResult append(MemoryRecords records, int leaderEpoch, AppendOrigin origin) {
        throw new UnsupportedOperationException();
    }

    /**
     * As {@link #append(MemoryRecords, int, AppendOrigin)} for transaction markers.
     *
     * @param transactionVersion of WriteTxnMarkers; from 2 on a marker must carry a newer producer epoch (KIP-890)
     */
    public AppendResult append(MemoryRecords records, int leaderEpoch, AppendOrigin origin, short transactionVersion) {
        throw new UnsupportedOperationException();
    }

    /** Appends what was fetched from the leader: offsets and epochs are already assigned, batches are checked by CRC. */
    public AppendResult appendAsFollower(MemoryRecords records) {
        throw new UnsupportedOperationException();
    }

    /**
     * Reads whole batches from the one that contains {@code startOffset} on.
     *
     * @param maxBytes bytes wanted at most
     * @param upperBoundOffset exclusive: no batch at or beyond it is returned
     * @param minOneMessage return the first batch even if it is larger than {@code maxBytes}
     * @return empty at the end of the log, or if the first batch does not fit; to be closed by the caller
     * @throws org.apache.kafka.common.errors.OffsetOutOfRangeException below the log start or beyond the log end offset
     */
    public LogSlice read(long startOffset, int maxBytes, long upperBoundOffset, boolean minOneMessage) {
        throw new UnsupportedOperationException();
    }

    public long logStartOffset() {
        throw new UnsupportedOperationException();
    }

    public long logEndOffset() {
        throw new UnsupportedOperationException();
    }

    /** The first offset that may still be lost if the machine stops now, by the durability the topic asks for. */
    public long durableEndOffset() {
        throw new UnsupportedOperationException();
    }

    /**
     * Sets the listener that is told each new {@link #durableEndOffset()}: at once from the appending thread (holding no
     * lock of the log) with {@code odradek.durability=page-cache}, from the directory's flush thread with {@code fsync}.
     * Must not block.
     */
    public void onDurable(LongConsumer listener) {
        throw new UnsupportedOperationException();
    }

    /** First offset of the oldest transaction that is open or whose marker is not below the high watermark. */
    public long lastStableOffset(long highWatermark) {
        throw new UnsupportedOperationException();
    }

    /** Tells the high watermark: bounds deletion and compaction, is checkpointed, releases completed transactions. */
    public void updateHighWatermark(long highWatermark) {
        throw new UnsupportedOperationException();
    }

    /** The last told high watermark; after a restart the checkpointed one, within log start and end offset. */
    public long highWatermark() {
        throw new UnsupportedOperationException();
    }

    /** The first record whose timestamp is at least {@code timestampMs}. */
    public Optional<TimestampOffset> offsetForTimestamp(long timestampMs) {
        throw new UnsupportedOperationException();
    }

    /** The first record that has the largest timestamp of the log. */
    public Optional<TimestampOffset> maxTimestampOffset() {
        throw new UnsupportedOperationException();
    }

    public EpochEndOffset endOffsetForEpoch(int leaderEpoch) {
        throw new UnsupportedOperationException();
    }

    /** The leader epoch of the record at {@code offset}, -1 if unknown. */
    public int epochForOffset(long offset) {
        throw new UnsupportedOperationException();
    }

    /** The newest leader epoch of the log, -1 if it has none. */
    public int latestEpoch() {
        throw new UnsupportedOperationException();
    }

    /** A leader's first act in a new epoch: records written from {@code offset} on belong to {@code epoch}. */
    public void assignEpochStart(int epoch, long offset) {
        throw new UnsupportedOperationException();
    }

    /**
     * Moves the log start offset up; whole segments below it are removed later in the background.
     *
     * @throws org.apache.kafka.common.errors.OffsetOutOfRangeException beyond the high watermark
     */
    public void deleteRecordsBefore(long offset) {
        throw new UnsupportedOperationException();
    }

    /** Removes all records at or beyond {@code offset}. */
    public void truncateTo(long offset) {
        throw new UnsupportedOperationException();
    }

    /** Removes all records; the log then starts and ends at {@code offset}. */
    public void truncateFullyAndStartAt(long offset) {
        throw new UnsupportedOperationException();
    }

    public List<ActiveProducer> activeProducers() {
        throw new UnsupportedOperationException();
    }

    /** Aborted transactions that overlap {@code [fromOffset, toOffset)}. */
    public List<AbortedTxn> abortedTransactions(long fromOffset, long toOffset) {
        throw new UnsupportedOperationException();
    }

    public long sizeInBytes() {
        throw new UnsupportedOperationException();
    }

    /** Begins a new segment, if the last one is not empty. */
    public void roll() {
        throw new UnsupportedOperationException();
    }

    /** Forces everything to the device before it returns. Not for an event loop. */
    public void flush() {
        throw new UnsupportedOperationException();
    }

    public void configure(LogConfig config) {
        throw new UnsupportedOperationException();
    }

    public LogConfig config() {
        throw new UnsupportedOperationException();
    }

    /** All segments, oldest first. */
    List<SegmentSummary> segments() {
        throw new UnsupportedOperationException();
    }

    /**
     * Deletes segments from the oldest on as long as {@code obsolete} says so, none that reaches beyond the high
     * watermark; if the active one is to go, a new one is rolled first. Returns how many.
     */
    int deleteOldestSegments(Predicate<SegmentSummary> obsolete, String reason) {
        throw new UnsupportedOperationException();
    }
}
