package io.odradek.log;

import io.odradek.config.LogConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * One file of record batches and its indexes. Changed by one thread at a time (the log's lock, or the cleaner while it is
 * not part of a log yet); read by anyone up to {@link #size()}.
 */
final class LogSegment {
    private static final long UNKNOWN = Long.MIN_VALUE;

    private final long baseOffset;
    private final LogFile log;
    private final OffsetIndex offsetIndex;
    private final TimeIndex timeIndex;
    private final TransactionIndex txnIndex;
    private final long createdMs;

    private volatile int size;
    private volatile long maxTimestamp = UNKNOWN;
    private volatile long offsetOfMaxTimestamp;
    private volatile long firstTimestamp = UNKNOWN;
    private int bytesSinceIndexEntry;

    private LogSegment(
            LogFiles files,
            Path directory,
            long baseOffset,
            String suffix,
            int size,
            int offsetEntries,
            int timeEntries,
            long createdMs)
            throws IOException {
        this.baseOffset = baseOffset;
        this.log = files.file(SegmentFiles.path(directory, baseOffset, SegmentFiles.LOG + suffix));
        this.offsetIndex = new OffsetIndex(
                files.file(SegmentFiles.path(directory, baseOffset, SegmentFiles.OFFSET_INDEX + suffix)),
                baseOffset,
                offsetEntries);
        this.timeIndex = new TimeIndex(
                files.file(SegmentFiles.path(directory, baseOffset, SegmentFiles.TIME_INDEX + suffix)),
                baseOffset,
                timeEntries);
        this.txnIndex = new TransactionIndex(
                files.file(SegmentFiles.path(directory, baseOffset, SegmentFiles.TXN_INDEX + suffix)));
        this.size = size;
        this.createdMs = createdMs;
    }

    /** A new, empty segment. What is left of files of the same name is overwritten. */
    static LogSegment create(
            LogFiles files, Path directory, long baseOffset, String suffix, LogConfig config, long nowMs)
            throws IOException {
        for (var kind : List.of(SegmentFiles.OFFSET_INDEX, SegmentFiles.TIME_INDEX, SegmentFiles.TXN_INDEX)) {
            Files.deleteIfExists(SegmentFiles.path(directory, baseOffset, kind + suffix));
        }
        var segment = new LogSegment(files, directory, baseOffset, suffix, 0, 0, 0, nowMs);
        var channel = segment.log.acquireOrCreate();
        try {
            channel.truncate(0);
            if (config.preallocate()) {
                channel.write(ByteBuffer.allocate(1), config.segmentBytes() - 1L);
            }
        } finally {
            segment.log.release();
        }
        return segment;
    }

    /**
     * A segment that is there. Indexes that are missing or cannot be right are taken as empty and {@link #indexesSane}
     * says so; the caller rebuilds them.
     */
    static LogSegment open(LogFiles files, Path directory, long baseOffset, String suffix, long nowMs)
            throws IOException {
        var logPath = SegmentFiles.path(directory, baseOffset, SegmentFiles.LOG + suffix);
        var size = Files.size(logPath);
        if (size > Integer.MAX_VALUE) {
            throw new IOException(logPath + " is larger than a segment can be: " + size + " bytes");
        }
        return new LogSegment(
                files,
                directory,
                baseOffset,
                suffix,
                (int) size,
                entries(files, directory, baseOffset, SegmentFiles.OFFSET_INDEX + suffix, OffsetIndex.ENTRY_SIZE),
                entries(files, directory, baseOffset, SegmentFiles.TIME_INDEX + suffix, TimeIndex.ENTRY_SIZE),
                nowMs);
    }

    private static int entries(LogFiles files, Path directory, long baseOffset, String kind, int entrySize)
            throws IOException {
        return Math.max(0, IndexFile.entriesIn(files.file(SegmentFiles.path(directory, baseOffset, kind)), entrySize));
    }

    /** Whether all indexes are there and can belong to this segment, without reading more than their ends. */
    boolean indexesSane() throws IOException {
        return IndexFile.entriesIn(offsetIndex.file().file(), OffsetIndex.ENTRY_SIZE) >= 0
                && IndexFile.entriesIn(timeIndex.file().file(), TimeIndex.ENTRY_SIZE) >= 0
                && offsetIndex.lastOffset() >= baseOffset
                && offsetIndex.lastPosition() >= 0
                && offsetIndex.lastPosition() <= Math.max(0, size - BatchHeader.SIZE)
                && timeIndex.lastOffset() >= baseOffset
                && TransactionIndex.isSane(txnIndex.file(), baseOffset);
    }

    long baseOffset() {
        return baseOffset;
    }

    int size() {
        return size;
    }

    LogFile file() {
        return log;
    }

    OffsetIndex offsetIndex() {
        return offsetIndex;
    }

    TimeIndex timeIndex() {
        return timeIndex;
    }

    TransactionIndex txnIndex() {
        return txnIndex;
    }

    boolean canHold(long offset) {
        var relative = offset - baseOffset;
        return relative >= 0 && relative <= Integer.MAX_VALUE;
    }

    /** Appends the whole batches between the buffer's position and limit, in one write. Leaves the buffer as it was. */
    void append(ByteBuffer batches, LogConfig config) throws IOException {
        var from = batches.position();
        var to = batches.limit();
        var channel = log.acquire();
        try {
            ChannelIo.write(channel, batches, size);
        } finally {
            log.release();
            batches.position(from);
        }
        var position = size;
        for (int at = from; at < to; ) {
            var batchSize = (int) BatchHeader.sizeInBytes(batches, at);
            index(batches, at, position, config.indexIntervalBytes());
            position += batchSize;
            at += batchSize;
        }
        size = position;
    }

    /** Notes a batch that lies at {@code position} in the indexes; in order. */
    void index(ByteBuffer b, int at, int position, int indexIntervalBytes) throws IOException {
        var timestamp = BatchHeader.maxTimestamp(b, at);
        var lastOffset = BatchHeader.lastOffset(b, at);
        if (timestamp > maxTimestamp()) {
            offsetOfMaxTimestamp = lastOffset;
            maxTimestamp = timestamp;
        }
        if (firstTimestamp == UNKNOWN && position == 0) {
            firstTimestamp = timestamp;
        }
        if (bytesSinceIndexEntry > indexIntervalBytes) {
            offsetIndex.append(lastOffset, position);
            timeIndex.maybeAppend(maxTimestamp, offsetOfMaxTimestamp);
            bytesSinceIndexEntry = 0;
        }
        bytesSinceIndexEntry += (int) BatchHeader.sizeInBytes(b, at);
    }

    /** Largest timestamp of all batches, -1 if none has one. */
    long maxTimestamp() throws IOException {
        loadMaxTimestamp();
        return maxTimestamp;
    }

    /** Last offset of the first batch that has the largest timestamp. */
    long offsetOfMaxTimestamp() throws IOException {
        loadMaxTimestamp();
        return offsetOfMaxTimestamp;
    }

    private void loadMaxTimestamp() throws IOException {
        if (maxTimestamp == UNKNOWN) {
            synchronized (this) {
                if (maxTimestamp == UNKNOWN) {
                    // A finished segment's time index ends with its largest timestamp.
                    offsetOfMaxTimestamp = timeIndex.lastOffset();
                    maxTimestamp = timeIndex.lastTimestamp();
                }
            }
        }
    }

    long largestTimestampMs() throws IOException {
        var timestamp = maxTimestamp();
        return timestamp >= 0 ? timestamp : lastModifiedMs();
    }

    long lastModifiedMs() throws IOException {
        return Files.getLastModifiedTime(log.path()).toMillis();
    }

    /** The cleaner keeps the age of what it rewrites. */
    void setLastModifiedMs(long ms) throws IOException {
        Files.setLastModifiedTime(log.path(), FileTime.fromMillis(ms));
    }

    /** How old the segment is for rolling: by record time if its first batch has one, else since it was created. */
    long ageMs(long nowMs, long recordTimestamp) throws IOException {
        if (firstTimestamp == UNKNOWN && size > 0) {
            var b = Scratch.small().clear().limit(BatchHeader.SIZE);
            if (readAt(b, 0) == BatchHeader.SIZE) {
                firstTimestamp = BatchHeader.maxTimestamp(b, 0);
            }
        }
        return firstTimestamp >= 0 ? recordTimestamp - firstTimestamp : nowMs - createdMs;
    }

    /** Timestamp of the first batch, -1 if there is none. */
    long firstTimestamp() throws IOException {
        ageMs(0, 0);
        return firstTimestamp == UNKNOWN ? -1 : firstTimestamp;
    }

    /** Fills the buffer from {@code position} on, fewer bytes at the end of the segment. Returns the bytes read. */
    int readAt(ByteBuffer target, int position) throws IOException {
        if (target.remaining() > size - position) {
            target.limit(target.position() + Math.max(0, size - position));
        }
        var channel = log.acquire();
        try {
            return ChannelIo.read(channel, target, position);
        } finally {
            log.release();
        }
    }

    /** The first batch at or behind {@code offset}, before file position {@code limit}; null if there is none. */
    BatchPosition locate(long offset, int limit) throws IOException {
        return new BatchScanner(this, offsetIndex.positionFor(offset), limit).firstReaching(offset);
    }

    /** The end of the last batch that ends at or before {@code limit}; batches begin at {@code from}. */
    int wholeBatchesBefore(int from, int limit, int end) throws IOException {
        var scanner = new BatchScanner(this, Math.max(from, offsetIndex.positionBefore(limit)), end);
        return scanner.lastEndBefore(limit);
    }

    /** The batch that lies there, read into the heap. */
    RecordBatch readBatch(BatchPosition at) throws IOException {
        var buffer = ByteBuffer.allocate(at.size());
        readAt(buffer, at.position());
        var batches = MemoryRecords.readableRecords(buffer.flip()).batches().iterator();
        if (!batches.hasNext()) {
            throw new CorruptRecordException("no whole batch at " + at + " of " + log.path());
        }
        return batches.next();
    }

    /** A slice that keeps the file open. */
    LogSlice slice(int position, int bytes) throws IOException {
        FileChannel channel = log.acquire();
        return new LogSlice(log, channel, position, bytes);
    }

    /** As {@link #slice(int, int)}, of batches that end before {@code endOffset}. */
    LogSlice slice(int position, int bytes, long endOffset) throws IOException {
        FileChannel channel = log.acquire();
        return new LogSlice(log, channel, position, bytes, endOffset);
    }

    /**
     * The offset after the last batch: looks only behind the last index entry.
     *
     * @throws CorruptRecordException if the segment does not end with a whole batch
     */
    long readNextOffset() throws IOException {
        var scanner = new BatchScanner(this, offsetIndex.lastPosition(), size);
        var result = baseOffset;
        while (scanner.next()) {
            result = scanner.lastOffset() + 1;
        }
        if (scanner.endPosition() != size) {
            throw new CorruptRecordException(this + " does not end with a whole batch");
        }
        return result;
    }

    /** Cuts at {@code position}, where the batch with {@code offset} begins or would begin. */
    void truncate(long offset, int position) throws IOException {
        offsetIndex.truncateTo(offset);
        timeIndex.truncateTo(offset);
        txnIndex.truncateTo(offset);
        cutFile(position);
        bytesSinceIndexEntry = 0;
        if (position == 0) {
            firstTimestamp = UNKNOWN;
        }
        // The largest timestamp is the last indexed one, or one of the batches behind it.
        offsetOfMaxTimestamp = timeIndex.lastOffset();
        maxTimestamp = timeIndex.lastTimestamp();
        var scanner = new BatchScanner(this, offsetIndex.positionFor(timeIndex.lastOffset()), size);
        while (scanner.next()) {
            if (scanner.maxTimestamp() > maxTimestamp) {
                offsetOfMaxTimestamp = scanner.lastOffset();
                maxTimestamp = scanner.maxTimestamp();
            }
        }
    }

    private void cutFile(int position) throws IOException {
        var channel = log.acquire();
        try {
            channel.truncate(position);
        } finally {
            log.release();
        }
        size = position;
    }

    /** Forgets the indexes before they are built anew by {@link #index}. */
    void resetIndexes() throws IOException {
        offsetIndex.file().truncateTo(0);
        timeIndex.reset();
        txnIndex.reset();
        maxTimestamp = -1;
        offsetOfMaxTimestamp = baseOffset;
        firstTimestamp = UNKNOWN;
        bytesSinceIndexEntry = 0;
    }

    /** After recovery: what is behind {@code validBytes} is not the log's. */
    void cutTo(int validBytes) throws IOException {
        cutFile(validBytes);
    }

    /** Nothing more will be appended, or not for long: completes the index files, drops preallocated space. */
    void finish() throws IOException {
        if (maxTimestamp() >= 0) {
            timeIndex.maybeAppend(maxTimestamp, offsetOfMaxTimestamp);
        }
        offsetIndex.file().finish();
        timeIndex.file().finish();
        if (Files.size(log.path()) > size) {
            cutFile(size);
        }
    }

    boolean isIndexFull(int maxIndexBytes) {
        return offsetIndex.isFull(maxIndexBytes) || timeIndex.isFull(maxIndexBytes);
    }

    /** Forces the batches only: the indexes of the last segment are rebuilt after a crash. */
    void forceLog() throws IOException {
        var channel = log.acquire();
        try {
            channel.force(false);
        } finally {
            log.release();
        }
    }

    /** Forces the index files, which must be finished. */
    void forceIndexes() throws IOException {
        offsetIndex.file().force();
        timeIndex.file().force();
        txnIndex.force();
    }

    private List<LogFile> files() {
        return List.of(log, offsetIndex.file().file(), timeIndex.file().file(), txnIndex.file());
    }

    /**
     * Renames all files. The log's is the last to get a suffix and the first to lose it, so that after a crash in between
     * a suffixed log has all its indexes, and an index of a finished one is found under either name.
     */
    void changeSuffix(String from, String to) throws IOException {
        var files = new ArrayList<>(files());
        if (!to.isEmpty()) {
            Collections.reverse(files);
        }
        for (var file : files) {
            if (file.exists()) {
                var name = file.path().getFileName().toString();
                if (!name.endsWith(from)) {
                    throw new IOException(file.path() + " does not end with " + from);
                }
                file.renameTo(file.path().resolveSibling(SegmentFiles.withoutSuffix(name, from) + to));
            }
        }
    }

    void moved(Path directory) {
        files().forEach(f -> f.moved(directory));
    }

    void delete() throws IOException {
        for (var file : files()) {
            file.delete();
        }
    }

    /** Closes the files; they open again when used. */
    void close() {
        files().forEach(LogFile::close);
    }

    @Override
    public String toString() {
        return log.path().getFileName() + " (" + size + " bytes)";
    }
}
