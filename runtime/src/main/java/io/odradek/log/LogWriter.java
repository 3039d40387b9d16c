package io.odradek.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.jboss.logging.Logger;

/** Everything that changes the segments of a log. Every method is called under the log's lock. */
final class LogWriter {
    private static final Logger LOG = Logger.getLogger(LogWriter.class);

    /** What a listener to truncations is told when the log starts anew. */
    static final long NOTHING_LEFT = -1;

    private final LogCore core;
    private final LogFlush flush;
    private long rollJitterMs;

    LogWriter(LogCore core, LogFlush flush) {
        this.core = core;
        this.flush = flush;
    }

    /** Writes batches whose offsets are final, unless a producer's state forbids it or has them already. */
    AppendResult write(LogState state, LogAppend append, ByteBuffer batches, long logAppendTimeMs) throws IOException {
        var bytes = batches.remaining();
        for (int at = batches.position(); at < batches.limit(); at += (int) BatchHeader.sizeInBytes(batches, at)) {
            if (!append.check(batches, at)) {
                var same = append.duplicateOf;
                // As in Kafka, a repeated batch is answered with its timestamp whatever kind of timestamp that is.
                return new AppendResult(
                        same.baseOffset(), same.lastOffset(), same.maxTimestamp(), core.logStartOffset, true, 0);
            }
        }
        if (bytes > core.config.segmentBytes()) {
            throw new RecordBatchTooLargeException("Message batch size is " + bytes + " bytes in append to partition "
                    + core.id + ", which exceeds the maximum configured segment size of "
                    + core.config.segmentBytes());
        }
        noteEpochs(state, batches);
        rollIfNeeded(state, bytes, append);
        var segment = state.end.segment();
        segment.append(batches, core.config);
        for (var aborted : append.commit()) {
            segment.txnIndex().append(aborted);
        }
        state.end = new LogEnd(append.lastOffset + 1, segment, segment.size());
        return new AppendResult(
                append.firstOffset, append.lastOffset, logAppendTimeMs, core.logStartOffset, false, bytes);
    }

    private void noteEpochs(LogState state, ByteBuffer batches) throws IOException {
        for (int at = batches.position(); at < batches.limit(); at += (int) BatchHeader.sizeInBytes(batches, at)) {
            var epoch = BatchHeader.leaderEpoch(batches, at);
            if (epoch > state.epochs.latest()) {
                state.epochs.assign(epoch, BatchHeader.baseOffset(batches, at));
                state.epochs.save(core.path());
            }
        }
    }

    private void rollIfNeeded(LogState state, int bytes, LogAppend append) throws IOException {
        var segment = state.end.segment();
        var config = core.config;
        if (segment.size() > config.segmentBytes() - bytes
                || segment.size() > 0
                        && segment.ageMs(core.nowMs(), append.maxTimestamp) > config.maxSegmentMs() - rollJitterMs
                || segment.isIndexFull(config.segmentIndexBytes())
                || !segment.canHold(append.lastOffset)) {
            roll(state, append.firstOffset);
        }
    }

    /** Begins a segment at {@code baseOffset}, where the next batch will be. */
    void roll(LogState state, long baseOffset) throws IOException {
        var full = state.end.segment();
        if (full.size() == 0 && full.baseOffset() == baseOffset) {
            return;
        }
        if (full.size() == 0) {
            // The next offset is too far from its base: it was never needed.
            full.delete();
        } else {
            full.finish();
        }
        state.producers.advanceTo(baseOffset);
        ProducerSnapshots.take(core.path(), state.producers);
        var segment = create(baseOffset, "");
        state.segments = full.size() == 0
                ? state.segments.replace(List.of(full), List.of(segment))
                : state.segments.with(segment);
        state.end = new LogEnd(state.end.offset(), segment, 0);
        drawJitter();
        flush.request(state);
    }

    LogSegment create(long baseOffset, String suffix) throws IOException {
        return LogSegment.create(core.environment.files(), core.path(), baseOffset, suffix, core.config, core.nowMs());
    }

    /** Logs that began together shall not all roll together. */
    void drawJitter() {
        var bound = Math.min(core.config.segmentJitterMs(), core.config.segmentMs());
        rollJitterMs = bound <= 0 ? 0 : core.environment.random().nextLong(bound);
    }

    void startAt(LogState state, long offset) throws IOException {
        core.logStartOffset = offset;
        state.epochs.truncateFromStart(offset);
        state.epochs.save(core.path());
        state.producers.onHighWatermark(offset);
    }

    void truncateTo(LogState state, long offset) throws IOException {
        if (offset >= state.end.offset()) {
            // An epoch without a record may begin there, of which the leader knows nothing.
            state.epochs.truncateFromEnd(offset);
            state.epochs.save(core.path());
            return;
        }
        if (offset < state.segments.first().baseOffset()) {
            restartAt(state, offset);
            return;
        }
        core.truncations++;
        var keep = state.segments.floorIndex(offset) + 1;
        var dropped = state.segments.all().subList(keep, state.segments.count());
        var last = state.segments.get(keep - 1);
        var cut = last.locate(offset, last.size());
        // Readers first, then the newest segments: a crash in between leaves a whole log.
        state.segments = new SegmentList(state.segments.all().subList(0, keep));
        state.end = new LogEnd(offset, last, cut == null ? last.size() : cut.position());
        remove(dropped);
        last.truncate(offset, state.end.position());
        core.logStartOffset = Math.min(core.logStartOffset, offset);
        core.highWatermark = Math.min(core.highWatermark, offset);
        core.durability.truncated(offset);
        state.epochs.truncateFromEnd(offset);
        state.epochs.save(core.path());
        ProducerSnapshots.removeBeyond(core.path(), offset);
        ProducerSnapshots.restore(
                core.path(), state.producers, state.segments.all(), core.logStartOffset, offset, core.nowMs());
        state.producers.onHighWatermark(core.highWatermark);
        core.onTruncation.accept(offset);
    }

    void restartAt(LogState state, long offset) throws IOException {
        core.truncations++;
        var dropped = state.segments.all();
        remove(dropped);
        var segment = create(offset, "");
        state.segments = new SegmentList(List.of(segment));
        state.end = new LogEnd(offset, segment, 0);
        core.logStartOffset = offset;
        core.highWatermark = Math.min(core.highWatermark, offset);
        core.durability.restarted(offset);
        state.epochs.clear();
        state.epochs.save(core.path());
        ProducerSnapshots.removeBeyond(core.path(), -1);
        state.producers.clear(offset);
        core.onTruncation.accept(NOTHING_LEFT);
    }

    int deleteOldest(LogState state, Predicate<SegmentSummary> obsolete, String reason) throws IOException {
        var watermark = core.highWatermark(state.end.offset());
        var count = 0;
        for (var summary : summaries(state)) {
            if (summary.endOffset() > watermark
                    || summary.active() && summary.sizeInBytes() == 0
                    || !obsolete.test(summary)) {
                break;
            }
            count++;
        }
        if (count == 0) {
            return 0;
        }
        if (count == state.segments.count()) {
            roll(state, state.end.offset());
        }
        var doomed = state.segments.all().subList(0, count);
        state.segments = state.segments.replace(doomed, List.of());
        if (state.segments.first().baseOffset() > core.logStartOffset) {
            startAt(state, state.segments.first().baseOffset());
        }
        LOG.infof("Log %s: deleting %d segments, it starts at %d: %s", core.path(), count, core.logStartOffset, reason);
        remove(doomed);
        return count;
    }

    static List<SegmentSummary> summaries(LogState state) throws IOException {
        var end = state.end;
        var segments = state.segments;
        var result = new ArrayList<SegmentSummary>(segments.count());
        for (int i = 0; i < segments.count(); i++) {
            var segment = segments.get(i);
            var last = i + 1 == segments.count();
            result.add(new SegmentSummary(
                    segment.baseOffset(),
                    last ? end.offset() : segments.get(i + 1).baseOffset(),
                    segment.size(),
                    segment.largestTimestampMs(),
                    segment.lastModifiedMs(),
                    last));
        }
        return List.copyOf(result);
    }

    /** See {@link SegmentMaintenance#replace}; the cleaned ones are on the device. */
    boolean replace(LogState state, List<LogSegment> cleaned, List<LogSegment> old, int truncations)
            throws IOException {
        if (truncations != core.truncations
                || core.moving
                || !state.segments.all().containsAll(old)
                || old.contains(state.segments.last())) {
            for (var segment : cleaned) {
                segment.delete();
            }
            return false;
        }
        for (int i = cleaned.size() - 1; i >= 0; i--) {
            cleaned.get(i).changeSuffix(SegmentFiles.CLEANED, SegmentFiles.SWAP);
        }
        CheckpointFile.forceDirectory(core.path());
        state.segments = state.segments.replace(old, cleaned);
        rename(old);
        for (var segment : cleaned) {
            segment.changeSuffix(SegmentFiles.SWAP, "");
        }
        CheckpointFile.forceDirectory(core.path());
        return true;
    }

    /** Takes segments away that are in the list no more, and the snapshots at their begin. */
    private void remove(List<LogSegment> segments) throws IOException {
        rename(segments);
        for (var segment : segments) {
            ProducerSnapshots.remove(core.path(), segment.baseOffset());
        }
    }

    /** The newest first, so that a crash in between leaves no hole. */
    private void rename(List<LogSegment> segments) throws IOException {
        for (int i = segments.size() - 1; i >= 0; i--) {
            segments.get(i).changeSuffix("", SegmentFiles.DELETED);
        }
        if (!segments.isEmpty()) {
            core.directory.deleteLater(segments, core.config.fileDeleteDelayMs(), core.environment);
        }
    }
}
