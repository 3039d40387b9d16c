package io.odradek.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jboss.logging.Logger;

/** Saves producer state to a log's snapshot files and brings it back: from the newest good one, and the batches after. */
final class ProducerSnapshots {
    private static final Logger LOG = Logger.getLogger(ProducerSnapshots.class);
    private static final String FILES = "*{" + SegmentFiles.SNAPSHOT + "," + SegmentFiles.RECENT_BATCHES + "}";

    private ProducerSnapshots() {}

    /** Offsets of the snapshots in a directory. */
    static TreeSet<Long> list(Path directory) throws IOException {
        return find(directory).getOrDefault(SegmentFiles.SNAPSHOT, new TreeSet<>());
    }

    /** By kind of file, the offsets of what is in a directory. */
    private static Map<String, TreeSet<Long>> find(Path directory) throws IOException {
        var result = new HashMap<String, TreeSet<Long>>(4);
        try (var paths = Files.newDirectoryStream(directory, FILES)) {
            for (var path : paths) {
                var name = path.getFileName().toString();
                var offset = SegmentFiles.offsetOf(name);
                if (offset.isPresent()) {
                    result.computeIfAbsent(name.substring(name.indexOf('.')), k -> new TreeSet<>())
                            .add(offset.getAsLong());
                }
            }
        }
        return result;
    }

    static Path path(Path directory, long offset) {
        return SegmentFiles.path(directory, offset, SegmentFiles.SNAPSHOT);
    }

    static Path recentPath(Path directory, long offset) {
        return SegmentFiles.path(directory, offset, SegmentFiles.RECENT_BATCHES);
    }

    /** The snapshot first: it must never be found without what belongs to it. */
    static void remove(Path directory, long offset) throws IOException {
        Files.deleteIfExists(path(directory, offset));
        Files.deleteIfExists(recentPath(directory, offset));
    }

    /** Writes the state as of its end offset. */
    static void take(Path directory, ProducerState state) throws IOException {
        RecentBatches.write(recentPath(directory, state.endOffset()), state.producers());
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
                addRecentBatches(entries.get(), recentPath(directory, offset));
                state.load(entries.get(), offset, nowMs);
                break;
            }
            LOG.warnf("Producer snapshot %s is damaged, removing it", path(directory, offset));
            remove(directory, offset);
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

    private static void addRecentBatches(List<ProducerEntry> entries, Path path) throws IOException {
        if (!RecentBatches.addTo(entries, path)) {
            LOG.warnf(
                    "%s is damaged, removing it: of the batches that producers wrote before, only the last of each is"
                            + " recognised when it is sent again",
                    path);
            Files.deleteIfExists(path);
        }
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
     * Removes snapshots that will never be needed: beyond the end, or between segments but for the newest. And what a kill
     * left of a snapshot's files without the snapshot.
     */
    static void removeStray(Path directory, SegmentList segments, long logStartOffset, long endOffset)
            throws IOException {
        var found = find(directory);
        var snapshots = found.getOrDefault(SegmentFiles.SNAPSHOT, new TreeSet<>());
        for (var offset : snapshots) {
            var i = segments.floorIndex(offset);
            var atSegment = i >= 0 && segments.get(i).baseOffset() == offset;
            var newest = offset.equals(snapshots.floor(endOffset));
            if (offset > endOffset || offset <= logStartOffset && !newest || !atSegment && !newest) {
                remove(directory, offset);
            }
        }
        for (var offset : found.getOrDefault(SegmentFiles.RECENT_BATCHES, new TreeSet<>())) {
            if (!snapshots.contains(offset)) {
                Files.deleteIfExists(recentPath(directory, offset));
            }
        }
    }

    static void removeBeyond(Path directory, long offset) throws IOException {
        for (var offsets : find(directory).values()) {
            for (var beyond : offsets.tailSet(offset, false)) {
                remove(directory, beyond);
            }
        }
    }
}
