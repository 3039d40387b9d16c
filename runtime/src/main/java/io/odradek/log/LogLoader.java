package io.odradek.log;

import io.odradek.config.LogConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.jboss.logging.Logger;

/**
 * Opens the directory of a log: completes or undoes what a crash interrupted, and recovers the end unless it is known to
 * be good.
 *
 * @param files where the log's files are opened
 * @param directory the log's own directory; exists
 * @param logStartOffset as checkpointed
 * @param recoveryPoint everything below was forced to the device
 */
record LogLoader(
        LogId id,
        Path directory,
        LogFiles files,
        LogConfig config,
        LongSupplier producerIdExpirationMs,
        long logStartOffset,
        long recoveryPoint,
        long nowMs) {
    private static final Logger LOG = Logger.getLogger(LogLoader.class);

    /** @param logStartOffset not below the first segment */
    record Loaded(LogState state, long logStartOffset) {}

    /** The log was closed properly, or by this process: nothing is scanned but what is behind the last index entry. */
    Loaded loadClean() throws IOException {
        var segments = prepare();
        if (segments.isEmpty()) {
            return finish(segments, readEpochs(segments), newProducers(), logStartOffset);
        }
        var last = segments.get(segments.size() - 1);
        long endOffset;
        try {
            endOffset = last.readNextOffset();
        } catch (CorruptRecordException e) {
            LOG.warnf("Log %s was closed properly, but %s", directory, e.getMessage());
            return recover(segments, last.baseOffset());
        }
        var epochs = readEpochs(segments);
        var producers = newProducers();
        rebuildMissingIndexes(segments, epochs, Long.MAX_VALUE);
        if (ProducerSnapshots.list(directory).isEmpty()) {
            // Properly closed without a snapshot: there never was a producer with an id.
            producers.clear(endOffset);
        } else {
            ProducerSnapshots.restore(directory, producers, segments, logStartOffset, endOffset, nowMs);
        }
        return finish(segments, epochs, producers, endOffset);
    }

    /** The process or machine stopped while the log was open. */
    Loaded loadUnclean() throws IOException {
        return recover(prepare(), recoveryPoint);
    }

    private Loaded recover(List<LogSegment> segments, long from) throws IOException {
        var epochs = readEpochs(segments);
        var producers = newProducers();
        if (segments.isEmpty()) {
            return finish(segments, epochs, producers, logStartOffset);
        }
        var first = new SegmentList(segments).floorIndex(from);
        var known = segments.subList(0, Math.max(0, first));
        var doubtful = segments.subList(Math.max(0, first), segments.size());
        rebuildMissingIndexes(known, epochs, from);
        ProducerSnapshots.restore(
                directory, producers, known, logStartOffset, doubtful.get(0).baseOffset(), nowMs);
        var left = new ArrayList<>(known);
        left.addAll(new LogRecovery(id, directory, config, epochs, producers).recover(doubtful));
        var last = left.get(left.size() - 1);
        var endOffset = Math.max(last.readNextOffset(), last.baseOffset());
        producers.advanceTo(endOffset);
        ProducerSnapshots.take(directory, producers);
        return finish(left, epochs, producers, endOffset);
    }

    private Loaded finish(List<LogSegment> segments, LeaderEpochs epochs, ProducerState producers, long endOffset)
            throws IOException {
        if (segments.isEmpty() || endOffset < logStartOffset) {
            if (!segments.isEmpty()) {
                LOG.warnf(
                        "Log %s ends at offset %d, below its log start offset %d: removing its segments",
                        directory, endOffset, logStartOffset);
                for (int i = segments.size() - 1; i >= 0; i--) {
                    segments.get(i).delete();
                }
                epochs.clear();
            }
            var segment = LogSegment.create(files, directory, logStartOffset, "", config, nowMs);
            producers.clear(logStartOffset);
            return loaded(new SegmentList(List.of(segment)), epochs, producers, logStartOffset, logStartOffset);
        }
        var list = new SegmentList(segments);
        var start = Math.max(logStartOffset, list.first().baseOffset());
        return loaded(list, epochs, producers, start, endOffset);
    }

    private Loaded loaded(
            SegmentList segments, LeaderEpochs epochs, ProducerState producers, long startOffset, long endOffset)
            throws IOException {
        epochs.truncateFromEnd(endOffset);
        epochs.truncateFromStart(startOffset);
        epochs.save(directory);
        ProducerSnapshots.removeStray(directory, segments, startOffset, endOffset);
        var last = segments.last();
        return new Loaded(
                new LogState(segments, new LogEnd(endOffset, last, last.size()), epochs, producers), startOffset);
    }

    private ProducerState newProducers() {
        return new ProducerState(id, producerIdExpirationMs);
    }

    private void rebuildMissingIndexes(List<LogSegment> segments, LeaderEpochs epochs, long below) throws IOException {
        for (int i = 0; i < segments.size(); i++) {
            var segment = segments.get(i);
            if (segment.baseOffset() < below && !segment.indexesSane()) {
                var producers = newProducers();
                ProducerSnapshots.restore(
                        directory, producers, segments.subList(0, i), logStartOffset, segment.baseOffset(), nowMs);
                new LogRecovery(id, directory, config, epochs, producers).rebuildIndexes(segment);
            }
        }
    }

    private LeaderEpochs readEpochs(List<LogSegment> segments) throws IOException {
        if (Files.exists(directory.resolve(LeaderEpochs.FILE_NAME))) {
            try {
                return LeaderEpochs.read(directory);
            } catch (CheckpointFile.MalformedException e) {
                LOG.warnf("%s; reading the leader epochs from the batches", e.getMessage());
            }
        }
        var epochs = new LeaderEpochs();
        for (var segment : segments) {
            var scanner = new BatchScanner(segment, 0, segment.size());
            try {
                while (scanner.next()) {
                    if (scanner.leaderEpoch() > epochs.latest()) {
                        epochs.assign(scanner.leaderEpoch(), scanner.baseOffset());
                    }
                }
            } catch (CorruptRecordException e) {
                break;
            }
        }
        return epochs;
    }

    /** Removes temporary files, completes swaps, and opens the segments. */
    private List<LogSegment> prepare() throws IOException {
        var names = new HashSet<String>();
        try (var paths = Files.newDirectoryStream(directory)) {
            paths.forEach(p -> names.add(p.getFileName().toString()));
        }
        removeTemporary(names);
        completeSwaps(names);
        var segments = new ArrayList<LogSegment>();
        for (var name : names) {
            var offset = SegmentFiles.offsetOf(name);
            if (offset.isEmpty()) {
                continue;
            }
            if (name.endsWith(SegmentFiles.LOG)) {
                segments.add(LogSegment.open(files, directory, offset.getAsLong(), "", nowMs));
            } else if (isIndex(name)
                    && !names.contains(SegmentFiles.path(directory, offset.getAsLong(), SegmentFiles.LOG)
                            .getFileName()
                            .toString())) {
                Files.deleteIfExists(directory.resolve(name));
            }
        }
        segments.sort((a, b) -> Long.compare(a.baseOffset(), b.baseOffset()));
        return segments;
    }

    private static boolean isIndex(String name) {
        return name.endsWith(SegmentFiles.OFFSET_INDEX)
                || name.endsWith(SegmentFiles.TIME_INDEX)
                || name.endsWith(SegmentFiles.TXN_INDEX);
    }

    private void removeTemporary(Set<String> names) throws IOException {
        var minCleaned = Long.MAX_VALUE;
        for (var name : names) {
            if (name.endsWith(SegmentFiles.CLEANED)) {
                minCleaned = Math.min(minCleaned, SegmentFiles.offsetOf(name).orElse(Long.MAX_VALUE));
            }
        }
        for (var name : List.copyOf(names)) {
            // The renames to .swap had not all happened: what they were to replace is still there, and whole.
            var halfSwapped = name.endsWith(SegmentFiles.SWAP)
                    && SegmentFiles.offsetOf(name).orElse(-1) >= minCleaned;
            var halfWritten = name.endsWith(SegmentFiles.TEMPORARY)
                    && SegmentFiles.offsetOf(name).isPresent();
            if (halfSwapped
                    || halfWritten
                    || name.endsWith(SegmentFiles.DELETED)
                    || name.endsWith(SegmentFiles.CLEANED)) {
                Files.deleteIfExists(directory.resolve(name));
                names.remove(name);
            }
        }
    }

    private void completeSwaps(Set<String> names) throws IOException {
        var from = Long.MAX_VALUE;
        var to = Long.MIN_VALUE;
        for (var name : names) {
            if (name.endsWith(SegmentFiles.LOG + SegmentFiles.SWAP)) {
                var base = SegmentFiles.offsetOf(name).orElseThrow();
                var segment = LogSegment.open(files, directory, base, SegmentFiles.SWAP, nowMs);
                from = Math.min(from, base);
                to = Math.max(to, segment.readNextOffset());
                segment.close();
            }
        }
        for (var name : List.copyOf(names)) {
            var offset = SegmentFiles.offsetOf(name);
            if (!name.endsWith(SegmentFiles.SWAP)
                    && !name.endsWith(SegmentFiles.SNAPSHOT)
                    && !name.endsWith(SegmentFiles.RECENT_BATCHES)
                    && offset.isPresent()
                    && offset.getAsLong() >= from
                    && offset.getAsLong() < to) {
                LOG.infof("Log %s: removing %s, which was replaced", directory, name);
                Files.deleteIfExists(directory.resolve(name));
                names.remove(name);
            }
        }
        // Logs first: see LogSegment.changeSuffix.
        var swaps = new ArrayList<>(names.stream()
                .filter(n -> n.endsWith(SegmentFiles.SWAP))
                .sorted((a, b) -> Boolean.compare(isLogSwap(b), isLogSwap(a)))
                .toList());
        for (var name : swaps) {
            var target = SegmentFiles.withoutSuffix(name, SegmentFiles.SWAP);
            Files.move(directory.resolve(name), directory.resolve(target), StandardCopyOption.ATOMIC_MOVE);
            names.remove(name);
            names.add(target);
        }
        if (!swaps.isEmpty()) {
            CheckpointFile.forceDirectory(directory);
        }
    }

    private static boolean isLogSwap(String name) {
        return name.endsWith(SegmentFiles.LOG + SegmentFiles.SWAP);
    }
}
