package io.odradek.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.record.internal.DefaultRecordsSend;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordsSend;
import org.apache.kafka.common.record.internal.TransferableRecords;

/**
 * Whole record batches in one segment file. Keeps the file open, also when the segment is deleted meanwhile, until
 * {@link #close()}; who gets a slice must close it exactly when its bytes are sent or not wanted any more. The first
 * batch may begin before the offset asked for. Immutable and safe for any thread.
 */
public final class LogSlice implements TransferableRecords, AutoCloseable {
    /** No bytes, no file. */
    public static final LogSlice EMPTY = new LogSlice(null, null, 0, 0);

    /** The next batch of the file tells. */
    private static final long IN_NEXT_BATCH = -1;

    private final LogFile file;
    private final FileChannel channel;
    private final long position;
    private final int sizeInBytes;
    private final long endOffset;
    private final AtomicBoolean closed;

    /** Takes over the caller's reference of {@code file}, in which a whole batch follows. */
    LogSlice(LogFile file, FileChannel channel, long position, int sizeInBytes) {
        this(file, channel, position, sizeInBytes, IN_NEXT_BATCH);
    }

    /**
     * Takes over the caller's reference of {@code file}.
     *
     * @param endOffset beyond the last record
     */
    LogSlice(LogFile file, FileChannel channel, long position, int sizeInBytes, long endOffset) {
        this.file = file;
        this.channel = channel;
        this.position = position;
        this.sizeInBytes = sizeInBytes;
        this.endOffset = endOffset;
        this.closed = new AtomicBoolean(file == null);
    }

    /** The open file; only positional reads and transfers. Not to be closed. An empty slice has none. */
    public FileChannel channel() {
        if (channel == null) {
            throw new IllegalStateException("an empty slice has no file");
        }
        return channel;
    }

    /** Where in the file the slice begins, in bytes. */
    public long position() {
        return position;
    }

    @Override
    public int sizeInBytes() {
        return sizeInBytes;
    }

    /**
     * An offset beyond the last record, and not beyond the first one that follows. Not for an empty slice.
     *
     * @throws IOException the file cannot be read
     */
    public long endOffset() throws IOException {
        if (endOffset != IN_NEXT_BATCH) {
            return endOffset;
        }
        var baseOffset = ByteBuffer.allocate(Long.BYTES);
        ChannelIo.readFully(channel(), baseOffset, position + sizeInBytes);
        return baseOffset.getLong(0);
    }

    public boolean isEmpty() {
        return sizeInBytes == 0;
    }

    @Override
    public RecordsSend<LogSlice> toSend() {
        return new DefaultRecordsSend<>(this);
    }

    @Override
    public int writeTo(TransferableChannel target, int offset, int length) throws IOException {
        var count = Math.min(length, sizeInBytes - offset);
        return count <= 0 ? 0 : (int) target.transferFrom(channel, position + offset, count);
    }

    /** Reads the slice into a new heap buffer: for those who look into the records instead of sending them. */
    public MemoryRecords load() throws IOException {
        var buffer = ByteBuffer.allocate(sizeInBytes);
        if (sizeInBytes > 0) {
            ChannelIo.readFully(channel, buffer, position);
        }
        return MemoryRecords.readableRecords(buffer.flip());
    }

    /** Gives the file back. Idempotent. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            file.release();
        }
    }
}
