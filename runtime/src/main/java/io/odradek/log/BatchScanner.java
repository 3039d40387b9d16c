package io.odradek.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.CorruptRecordException;

/**
 * Walks over the batch headers of a segment from one batch's begin on, reading several at once where they are small. Uses
 * its thread's window buffer: only one scanner per thread is in use at a time.
 */
final class BatchScanner {
    private final LogSegment segment;
    private final int limit;
    private final ByteBuffer window = Scratch.window();
    private int windowStart;
    private int windowEnd;
    private int nextPosition;
    private int position;
    private int at;

    BatchScanner(LogSegment segment, int from, int limit) {
        this.segment = segment;
        this.limit = limit;
        this.nextPosition = from;
        this.windowStart = from;
        this.windowEnd = from;
    }

    /** Moves to the next batch. False at the end; a batch that is cut off counts as the end. */
    boolean next() throws IOException {
        position = nextPosition;
        if (limit - position < BatchHeader.SIZE) {
            return false;
        }
        if (position + BatchHeader.SIZE > windowEnd) {
            window.clear().limit(Math.min(window.capacity(), limit - position));
            windowStart = position;
            windowEnd = position + segment.readAt(window, position);
            if (position + BatchHeader.SIZE > windowEnd) {
                return false;
            }
        }
        at = position - windowStart;
        var size = BatchHeader.sizeInBytes(window, at);
        if (size < BatchHeader.SIZE) {
            throw new CorruptRecordException("a batch of the impossible size " + size + " at byte " + position + " of "
                    + segment.file().path());
        }
        if (position + size > limit) {
            return false;
        }
        nextPosition = position + (int) size;
        return true;
    }

    int position() {
        return position;
    }

    int size() {
        return nextPosition - position;
    }

    long baseOffset() {
        return BatchHeader.baseOffset(window, at);
    }

    long lastOffset() {
        return BatchHeader.lastOffset(window, at);
    }

    long maxTimestamp() {
        return BatchHeader.maxTimestamp(window, at);
    }

    long producerId() {
        return BatchHeader.producerId(window, at);
    }

    boolean isControl() {
        return BatchHeader.isControl(window, at);
    }

    int leaderEpoch() {
        return BatchHeader.leaderEpoch(window, at);
    }

    /** Where the next batch begins or would begin. */
    int endPosition() {
        return nextPosition;
    }

    BatchPosition batch() {
        return new BatchPosition(position, size(), baseOffset(), lastOffset());
    }

    BatchPosition firstReaching(long offset) throws IOException {
        while (next()) {
            if (lastOffset() >= offset) {
                return batch();
            }
        }
        return null;
    }

    /** The end of the last batch that ends at or before {@code bound}; where the scan began if there is none. */
    int lastEndBefore(int bound) throws IOException {
        var end = nextPosition;
        while (end < bound && next() && nextPosition <= bound) {
            end = nextPosition;
        }
        return end;
    }
}
