package io.odradek.log;

import io.odradek.config.LogConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Validates the segments that were not known to be on the device when the machine or process stopped, cuts the log at the
 * first batch that is torn or damaged, and builds indexes, epochs and producer state anew. What is before that batch is
 * never cut.
 */
final class LogRecovery {
    private static final Logger LOG = Logger.getLogger(LogRecovery.class);
    private static final int INITIAL_BUFFER_BYTES = 1 << 20;

    private final LogId id;
    private final Path directory;
    private final LogConfig config;
    private final LeaderEpochs epochs;
    private final ProducerState producers;
    private ByteBuffer buffer = ByteBuffer.allocate(0);

    LogRecovery(LogId id, Path directory, LogConfig config, LeaderEpochs epochs, ProducerState producers) {
        this.id = id;
        this.directory = directory;
        this.config = config;
        this.epochs = epochs;
        this.producers = producers;
    }

    /** Where the good part of a segment ends. */
    private record Valid(int bytes, long nextOffset, String problem) {}

    /**
     * Recovers the segments in order; {@code producers} must be that of the log up to the first. Those behind the first
     * cut are deleted.
     *
     * @return the segments that are left
     */
    List<LogSegment> recover(List<LogSegment> segments) throws IOException {
        var nextOffset = 0L;
        for (int i = 0; i < segments.size(); i++) {
            var segment = segments.get(i);
            var valid = scan(segment, Math.max(nextOffset, segment.baseOffset()));
            nextOffset = valid.nextOffset;
            var cut = segment.size() - valid.bytes;
            if (cut > 0) {
                var behind = segments.subList(i + 1, segments.size());
                var bytesBehind = behind.stream().mapToLong(LogSegment::size).sum();
                LOG.warnf(
                        "Log %s ends at offset %d: the batch at byte %d of %s %s; cut %d bytes there and %d bytes in %d"
                                + " later segments",
                        directory, nextOffset, valid.bytes, segment, valid.problem, cut, bytesBehind, behind.size());
                // From the newest on, before the cut: a crash in between must not leave a hole that looks like a whole
                // log.
                for (int j = segments.size() - 1; j > i; j--) {
                    segments.get(j).delete();
                }
                segment.cutTo(valid.bytes);
                segment.finish();
                return segments.subList(0, i + 1);
            }
            segment.finish();
            if (i + 1 < segments.size()) {
                producers.advanceTo(segments.get(i + 1).baseOffset());
                ProducerSnapshots.take(directory, producers);
            }
        }
        return segments;
    }

    private Valid scan(LogSegment segment, long firstOffset) throws IOException {
        segment.resetIndexes();
        var position = 0;
        var nextOffset = firstOffset;
        while (true) {
            load(segment, position, BatchHeader.SIZE);
            var at = 0;
            String problem = null;
            while (at < buffer.limit()) {
                problem = BatchCheck.problem(buffer, at);
                if (problem == null) {
                    problem = offsetProblem(segment, buffer, at, nextOffset);
                }
                if (problem != null) {
                    break;
                }
                accept(segment, buffer, at, position + at);
                nextOffset = BatchHeader.lastOffset(buffer, at) + 1;
                at += (int) BatchHeader.sizeInBytes(buffer, at);
            }
            position += at;
            if (position == segment.size()) {
                return new Valid(position, nextOffset, null);
            }
            if (at == 0) {
                // Not even one batch fits the buffer: it is larger than that, or bad.
                var size = buffer.limit() >= BatchHeader.LOG_OVERHEAD ? BatchHeader.sizeInBytes(buffer, 0) : 0;
                if (size > buffer.limit() && size <= segment.size() - position) {
                    load(segment, position, (int) size);
                    if (BatchCheck.problem(buffer, 0) == null) {
                        continue;
                    }
                    problem = BatchCheck.problem(buffer, 0);
                }
                return new Valid(position, nextOffset, problem);
            }
        }
    }

    private static String offsetProblem(LogSegment segment, ByteBuffer b, int at, long nextOffset) {
        if (BatchHeader.baseOffset(b, at) < nextOffset) {
            return "has the offset " + BatchHeader.baseOffset(b, at) + " where " + nextOffset + " is next";
        }
        return segment.canHold(BatchHeader.lastOffset(b, at)) ? null : "has an offset that its segment cannot hold";
    }

    private void accept(LogSegment segment, ByteBuffer b, int at, int position) throws IOException {
        segment.index(b, at, position, config.indexIntervalBytes());
        var epoch = BatchHeader.leaderEpoch(b, at);
        if (epoch >= 0 && epoch > epochs.latest()) {
            epochs.assign(epoch, BatchHeader.baseOffset(b, at));
        }
        var aborted = producers.replay(b, at);
        if (aborted != null) {
            segment.txnIndex().append(aborted);
        }
    }

    private void load(LogSegment segment, int position, int atLeast) throws IOException {
        var remaining = segment.size() - position;
        if (buffer.capacity() < Math.min(remaining, Math.max(atLeast, INITIAL_BUFFER_BYTES))) {
            buffer = ByteBuffer.allocate(Math.min(remaining, Math.max(atLeast, INITIAL_BUFFER_BYTES)));
        }
        buffer.clear();
        segment.readAt(buffer, position);
        buffer.flip();
    }

    /**
     * Builds the indexes of a segment anew whose data is known to be on the device. Nothing is cut: damage inside it is
     * for a reader to find.
     */
    void rebuildIndexes(LogSegment segment) throws IOException {
        LOG.warnf("Log %s: building the indexes of %s anew, they are missing or damaged", directory, segment);
        segment.resetIndexes();
        var scanner = new BatchScanner(segment, 0, segment.size());
        while (scanner.next()) {
            var batch = scanner.batch();
            var bytes = ByteBuffer.allocate(scanner.isControl() ? batch.size() : BatchHeader.SIZE);
            segment.readAt(bytes, batch.position());
            segment.index(bytes, 0, batch.position(), config.indexIntervalBytes());
            var aborted = producers.replay(bytes, 0);
            if (aborted != null) {
                segment.txnIndex().append(aborted);
            }
        }
        segment.finish();
    }

    @Override
    public String toString() {
        return "recovery of " + id;
    }
}
