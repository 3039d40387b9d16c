package io.odradek.log;

import io.odradek.config.LogConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * The log of one partition. What changes it (append, truncation, roll, deletion) is serialised by an internal lock and
 * may be called from any thread; reads take no lock. Offsets are Kafka's: the log start offset is the first that can be
 * read, the log end offset the next to be written.
 *
 * <p>Every method that touches the disk throws {@link org.apache.kafka.common.errors.KafkaStorageException} once the
 * log's directory is offline, and takes it offline on the first I/O error.
 */
public final class PartitionLog implements ReplicaLog {
    /** {@link #startVerification}: nothing has to be verified. */
    public static final long NO_GUARD = 0;

    private final LogCore core;
    private final ReentrantLock lock = new ReentrantLock();
    private final LogFlush flush;
    private final LogWriter writer;
    private final LogResidence residence;
    private final LogAccess access;

    /**
     * A dormant log: its directory exists, nothing is read yet.
     *
     * @param endOffset the log end offset if it is known, else -1
     */
    PartitionLog(LogCore core, long endOffset) {
        this.core = core;
        this.flush = new LogFlush(core, lock);
        this.writer = new LogWriter(core, flush);
        this.residence = new LogResidence(core, lock, flush, writer, endOffset);
        this.access = new LogAccess(core, lock, residence);
    }

    /** A dormant log whose directory has no files but the one that says whose it is. */
    static PartitionLog blank(LogCore core) {
        var log = new PartitionLog(core, 0);
        log.residence.blank();
        return log;
    }

    @Override
    public LogId id() {
        return core.id;
    }

    /**
     * Appends as leader: validates, assigns offsets and {@code leaderEpoch} in place, checks producer state, writes the
     * buffer of {@code records} straight to the file. The buffer may be reused when this returns.
     *
     * @throws org.apache.kafka.common.errors.ApiException what is wrong with the records; nothing was appended then
     */
    public AppendResult append(MemoryRecords records, int leaderEpoch, AppendOrigin origin) {
        return append(records, leaderEpoch, origin, (short) 0);
    }

    /**
     * As {@link #append(MemoryRecords, int, AppendOrigin)} for transaction markers.
     *
     * @param transactionVersion of WriteTxnMarkers; from 2 on a marker must carry a newer producer epoch (KIP-890)
     */
    public AppendResult append(MemoryRecords records, int leaderEpoch, AppendOrigin origin, short transactionVersion) {
        // Looking at the content needs no lock; offsets are given out under it.
        var validated = core.environment.validator().validate(records, core.config, origin, core.nowMs());
        return write(current -> {
            validated.assignOffsets(current.end.offset(), leaderEpoch);
            var append = new LogAppend(
                    current.producers,
                    origin,
                    transactionVersion,
                    core.environment.verificationRequired().getAsBoolean());
            return writer.write(current, append, validated.buffer(), validated.logAppendTimeMs());
        });
    }

    /**
     * A producer is about to write to a transaction that is not open in this log yet: somebody has to ask the transaction's
     * coordinator whether it knows of that (KIP-890), and then to {@link #confirmVerification}.
     *
     * @param sequence of the first record; {@link org.apache.kafka.common.record.internal.RecordBatch#NO_SEQUENCE} for
     *     what has none
     * @param addsPartitions the producer's client speaks transaction version 2
     * @return a guard for the confirmation; {@link #NO_GUARD} if the transaction is open here, and needs none
     * @throws org.apache.kafka.common.errors.InvalidProducerEpochException the producer is fenced
     */
    public long startVerification(long producerId, short epoch, int sequence, boolean addsPartitions) {
        lock.lock();
        try {
            return access.writable()
                    .producers
                    .startVerification(producerId, epoch, sequence, addsPartitions, core.nowMs());
        } finally {
            lock.unlock();
        }
    }

    /** The coordinator knows of it. False if a marker came in between, or another epoch: then it knew, and does not now. */
    public boolean confirmVerification(long producerId, short epoch, long guard) {
        lock.lock();
        try {
            return access.writable().producers.confirmVerification(producerId, epoch, guard);
        } finally {
            lock.unlock();
        }
    }

    /** The coordinator does not know of it, and will not. */
    public void dropVerification(long producerId, long guard) {
        lock.lock();
        try {
            access.writable().producers.verifications().drop(producerId, guard);
        } finally {
            lock.unlock();
        }
    }

    /** Appends what was fetched from the leader: offsets and epochs are already assigned, batches are checked by CRC. */
    @Override
    public AppendResult appendAsFollower(MemoryRecords records) {
        var batches = FollowerBatches.whole(core.id, records.buffer());
        if (!batches.hasRemaining()) {
            return new AppendResult(-1, -1, -1, core.logStartOffset, false, 0);
        }
        return write(current -> {
            long start = core.logStartOffset;
            boolean empty = start == current.end.offset();
            if (empty && FollowerBatches.begin(batches, start) < start) {
                writer.restartAt(current, FollowerBatches.begin(batches, start));
            }
            FollowerBatches.requireInOrder(core.id, batches, current.end.offset());
            var append = new LogAppend(current.producers, AppendOrigin.REPLICATION, (short) 0, false);
            var result = writer.write(current, append, batches, -1);
            if (core.logStartOffset < start) {
                writer.startAt(current, start);
            }
            return result;
        });
    }

    @FunctionalInterface
    private interface Write {
        AppendResult to(LogState current) throws IOException;
    }

    private AppendResult write(Write write) {
        AppendResult result;
        LogState current;
        lock.lock();
        try {
            current = access.writable();
            result = write.to(current);
        } catch (IOException e) {
            throw core.failed("appending to", e);
        } finally {
            lock.unlock();
        }
        if (result.sizeInBytes() > 0) {
            flush.appended(current, result.lastOffset() + 1);
        }
        return result;
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
        return access.read(startOffset, maxBytes, upperBoundOffset, minOneMessage);
    }

    @Override
    public long logStartOffset() {
        return core.logStartOffset;
    }

    @Override
    public long logEndOffset() {
        return residence.endOffset();
    }

    /** The first offset that may still be lost if the machine stops now, by the durability the topic asks for. */
    @Override
    public long durableEndOffset() {
        logEndOffset();
        return core.durability.durableEndOffset();
    }

    /**
     * Sets the listener that is told each new {@link #durableEndOffset()}: at once from the appending thread (holding no
     * lock of the log) with {@code odradek.durability=page-cache}, from the directory's flush thread with {@code fsync}.
     * Must not block.
     */
    @Override
    public void onDurable(LongConsumer listener) {
        core.durability.onDurable(listener);
    }

    /** Sets the listener that is told, without a lock, when retention has moved the {@link #logStartOffset()} up. */
    public void onRetention(Runnable listener) {
        core.onRetention = listener;
    }

    /** First offset of the oldest transaction that is open or whose marker is not below the high watermark. */
    public long lastStableOffset(long highWatermark) {
        var current = residence.current();
        if (current == null && residence.isWithoutTransactions()) {
            return highWatermark;
        }
        var producers = (current == null ? access.state() : current).producers;
        return Math.min(highWatermark, Math.max(core.logStartOffset, producers.firstUnstableOffset()));
    }

    /** Tells the high watermark: bounds deletion and compaction, is checkpointed, releases completed transactions. */
    @Override
    public void updateHighWatermark(long highWatermark) {
        core.highWatermark = highWatermark;
        var current = residence.current();
        if (current != null && current.producers.firstUnstableOffset() < highWatermark) {
            lock.lock();
            try {
                current.producers.onHighWatermark(highWatermark);
            } finally {
                lock.unlock();
            }
        }
    }

    /** The last told high watermark; after a restart the checkpointed one, within log start and end offset. */
    @Override
    public long highWatermark() {
        return core.highWatermark(logEndOffset());
    }

    /** The first record whose timestamp is at least {@code timestampMs}. */
    public Optional<TimestampOffset> offsetForTimestamp(long timestampMs) {
        return access.look(reader -> reader.offsetForTimestamp(timestampMs, core.logStartOffset));
    }

    /** The first record that has the largest timestamp of the log. */
    public Optional<TimestampOffset> maxTimestampOffset() {
        return access.look(reader -> reader.maxTimestampOffset(core.logStartOffset));
    }

    @Override
    public EpochEndOffset endOffsetForEpoch(int leaderEpoch) {
        return residence.epochs().endOffsetFor(leaderEpoch, logEndOffset());
    }

    /** The leader epoch of the record at {@code offset}, -1 if unknown. */
    public int epochForOffset(long offset) {
        return residence.epochs().epochFor(offset);
    }

    /** The newest leader epoch of the log, -1 if it has none. */
    @Override
    public int latestEpoch() {
        return residence.epochs().latest();
    }

    /** A leader's first act in a new epoch: records written from {@code offset} on belong to {@code epoch}. */
    @Override
    public void assignEpochStart(int epoch, long offset) {
        lock.lock();
        try {
            core.ensureUsable();
            if (offset == 0 && residence.assignEpochIfBlank(epoch)) {
                return;
            }
        } finally {
            lock.unlock();
        }
        access.change("noting a leader epoch of", current -> {
            current.epochs.assign(epoch, offset);
            current.epochs.save(core.path());
        });
    }

    /**
     * Moves the log start offset up; whole segments below it are removed later in the background.
     *
     * @throws org.apache.kafka.common.errors.OffsetOutOfRangeException beyond the high watermark
     */
    @Override
    public void deleteRecordsBefore(long offset) {
        if (offset > highWatermark()) {
            throw new OffsetOutOfRangeException("Cannot increment the log start offset to " + offset + " of partition "
                    + core.id + " since it is larger than the high watermark " + highWatermark());
        }
        access.change("deleting records of", current -> {
            if (offset > core.logStartOffset) {
                writer.startAt(current, offset);
            }
        });
        maintenance()
                .deleteOldest(s -> !s.active() && s.endOffset() <= core.logStartOffset, "log start offset " + offset);
    }

    /** Removes all records at or beyond {@code offset}, and every leader epoch that would begin there. */
    @Override
    public void truncateTo(long offset) {
        access.change("truncating", current -> writer.truncateTo(current, offset));
    }

    /** Removes all records; the log then starts and ends at {@code offset}. */
    @Override
    public void truncateFullyAndStartAt(long offset) {
        access.change("truncating", current -> writer.restartAt(current, offset));
    }

    public List<ActiveProducer> activeProducers() {
        var current = access.state();
        lock.lock();
        try {
            return current.producers.describe();
        } finally {
            lock.unlock();
        }
    }

    /** Aborted transactions that overlap {@code [fromOffset, toOffset)}. */
    public List<AbortedTxn> abortedTransactions(long fromOffset, long toOffset) {
        return access.look(reader -> reader.abortedTransactions(fromOffset, toOffset));
    }

    public long sizeInBytes() {
        var current = residence.current();
        return current == null
                ? segments().stream().mapToLong(SegmentSummary::sizeInBytes).sum()
                : current.segments.sizeInBytes();
    }

    /** Begins a new segment, if the last one is not empty. */
    public void roll() {
        access.change("rolling", current -> {
            if (current.end.segment().size() > 0) {
                writer.roll(current, current.end.offset());
            }
        });
    }

    /** Forces everything to the device before it returns. Not for an event loop. */
    public void flush() {
        var current = residence.current();
        if (current != null) {
            core.ensureUsable();
            flush.forceTo(current, current.end.offset());
        }
    }

    @Override
    public void configure(LogConfig config) {
        core.config = config;
    }

    @Override
    public LogConfig config() {
        return core.config;
    }

    /** All segments, oldest first. */
    List<SegmentSummary> segments() {
        return residence.segments();
    }

    /** What retention and compaction need of it. */
    SegmentMaintenance maintenance() {
        return new SegmentMaintenance(core, access, writer, residence);
    }

    /** What a move into another directory needs of it, and of its copy. */
    LogMove move() {
        return new LogMove(core, lock, residence);
    }

    /** Whether a copy is being made in another directory. */
    boolean isMoving() {
        return core.moving;
    }

    /** Grows with each truncation. */
    int truncations() {
        return core.truncations;
    }

    Path path() {
        return core.path();
    }

    /** The same files under the topic's id; this one must not be used any more. */
    PartitionLog withId(LogId id) {
        close();
        var core = new LogCore(id, this.core.directory, this.core.environment, this.core.config, checkpoint());
        return new PartitionLog(core, -1);
    }

    LogDirectory directory() {
        return core.directory;
    }

    LogCheckpoint checkpoint() {
        return new LogCheckpoint(core.durability.recoveryPoint(), core.logStartOffset, core.highWatermark);
    }

    boolean isDormant() {
        return residence.current() == null;
    }

    /** Opens the log after a crash, forces what is left to the device, and leaves it dormant. */
    void recover() {
        residence.recover();
    }

    /** Called now and then: lets go of what was not used since the last call. */
    void rest() {
        residence.rest();
    }

    /** Flushes and lets go of everything; nothing can be done with the log any more. */
    void close() {
        residence.close();
    }

    /** Renames the directory and closes the files; nothing can be done with the log any more. */
    void delete(Path target) {
        residence.delete(target);
    }

    @Override
    public String toString() {
        return core.path().toString();
    }
}
