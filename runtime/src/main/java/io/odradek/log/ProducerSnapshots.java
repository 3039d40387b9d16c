package io.odradek.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.jboss.logging.Logger;

/** Saves producer state to a log's snapshot files and brings it back: from the newest good one, and the batches after. */
final class ProducerSnapshots {
    private static final Logger LOG = Logger.getLogger(ProducerSnapshots.class);

    private ProducerSnapshots() {}

    /** Offsets of the snapshots in a directory. */
    static TreeSet<Long> list(Path directory) throws IOException {
        var result = new TreeSet<Long>();
        try (var paths = Files.newDirectoryStream(directory, "*" + SegmentFiles.SNAPSHOT)) {
            for (var path : paths) {
                SegmentFiles.offsetOf(path.getFileName().toString()).ifPresent(result::add);
            }
        }
        return result;
    }

    static Path path(Path directory, long offset) {
        return SegmentFiles.path(directory, offset, SegmentFiles.SNAPSHOT);
    }

    /** Writes the state as of its end offset. */
    static void take(Path directory, ProducerState state) throws IOException {
        ProducerSnapshot.write(path(directory, state.endOffset()), state.producers());
    }

    /**
     * Makes {@code state} that of the log up to {@code endOffset}; {@code segments} cover what no snapshot does.
     *
     * @return whether batches had to be read
     */
    static boolean restore(
            Path directory,
            ProducerState state,
            List<LogSegment> segments,
            long logStartOffset,
            long endOffset,
            long nowMs)
            throws IOException {
        state.clear(logStartOffset);
        var snapshots = list(directory);
        for (var offset = snapshots.floor(endOffset);
                offset != null && offset > logStartOffset;
                offset = snapshots.lower(offset)) {
            var entries = ProducerSnapshot.read(path(directory, offset));
            if (entries.isPresent()) {
                state.load(entries.get(), offset, nowMs);
                break;
            }
            LOG.warnf("Producer snapshot %s is damaged, removing it", path(directory, offset));
            Files.deleteIfExists(path(directory, offset));
        }
        if (state.endOffset() >= endOffset) {
            return false;
        }
        for (var segment : segments) {
            if (segment.baseOffset() < endOffset) {
                replay(segment, state, endOffset);
            }
        }
        state.advanceTo(endOffset);
        return true;
    }

    /** Follows the batches of a segment between the state's end offset and {@code endOffset}. */
    private static void replay(LogSegment segment, ProducerState state, long endOffset) throws IOException {
        var from = state.endOffset();
        var scanner = new BatchScanner(segment, segment.offsetIndex().positionFor(from), segment.size());
        while (scanner.next()) {
            var batch = scanner.batch();
            if (batch.lastOffset() < from) {
                continue;
            }
            if (batch.lastOffset() >= endOffset) {
                return;
            }
            if (scanner.producerId() >= 0) {
                // The whole batch, because a marker's content matters; what it aborts is in the index already.
                var bytes = ByteBuffer.allocate(scanner.isControl() ? batch.size() : BatchHeader.SIZE);
                segment.readAt(bytes, batch.position());
                state.replay(bytes, 0);
            }
            state.advanceTo(batch.lastOffset() + 1);
        }
    }

    /**
     * Removes snapshots that will never be needed: beyond the end, or between segments but for the newest.
     */
    static void removeStray(Path directory, SegmentList segments, long logStartOffset, long endOffset)
            throws IOException {
        var snapshots = list(directory);
        for (var offset : snapshots) {
            var i = segments.floorIndex(offset);
            var atSegment = i >= 0 && segments.get(i).baseOffset() == offset;
            var newest = offset.equals(snapshots.floor(endOffset));
            if (offset > endOffset || offset <= logStartOffset && !newest || !atSegment && !newest) {
                Files.deleteIfExists(path(directory, offset));
            }
        }
    }

    static void removeBeyond(Path directory, long offset) throws IOException {
        for (var snapshot : list(directory).tailSet(offset, false)) {
            Files.deleteIfExists(path(directory, snapshot));
        }
    }
}
