package io.odradek.log;

import io.odradek.config.LogConfig;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.utils.Time;
import org.jboss.logging.Logger;

/**
 * Deletes old segments of all logs: one task, run every {@code log.retention.check.interval.ms}. Segments go from the
 * oldest on: those below the log start offset in any log, and with {@code cleanup.policy=delete} those whose newest record
 * is older than {@code retention.ms}, and those without which the log still has {@code retention.bytes}. Also the active
 * segment goes when it is too old; the log rolls a new one then. Nothing at or beyond the high watermark goes.
 *
 * <p>{@code local.retention.ms} and {@code local.retention.bytes} only matter with tiered storage, which is not offered: -2,
 * their default, means the same as {@code retention.ms} and {@code retention.bytes}.
 */
final class Retention implements Runnable {
    private static final Logger LOG = Logger.getLogger(Retention.class);

    private final Supplier<? extends Collection<PartitionLog>> logs;
    private final Time time;

    /** @param logs all logs that exist, asked for anew each time */
    Retention(Supplier<? extends Collection<PartitionLog>> logs, Time time) {
        this.logs = logs;
        this.time = time;
    }

    @Override
    public void run() {
        for (var log : logs.get()) {
            try {
                apply(log);
            } catch (KafkaStorageException e) {
                LOG.debugf(e, "Retention skips %s", log); // offline or deleted, which is known by now
            } catch (RuntimeException e) {
                LOG.errorf(e, "Retention failed for %s", log);
            }
        }
    }

    private void apply(PartitionLog log) {
        var expired = expired(log.segments(), log.config(), log.logStartOffset(), time.milliseconds());
        if (expired.endOffset() >= 0) {
            log.maintenance().expire(s -> s.endOffset() <= expired.endOffset(), expired.reason());
        }
    }

    /**
     * Which segments may go.
     *
     * @param endOffset the segments that end at or before it; -1 for none
     * @param reason for the log
     */
    record Expired(long endOffset, String reason) {
        static final Expired NONE = new Expired(-1, "");

        private Expired or(Expired other) {
            return other.endOffset > endOffset ? other : this;
        }
    }

    static Expired expired(List<SegmentSummary> segments, LogConfig config, long logStartOffset, long nowMs) {
        var expired = belowStart(segments, logStartOffset);
        if (config.cleanupDelete()) {
            expired = expired.or(bySize(segments, config.retentionBytes())).or(byTime(segments, config, nowMs));
        }
        return expired;
    }

    private static Expired belowStart(List<SegmentSummary> segments, long logStartOffset) {
        var expired = Expired.NONE;
        for (var segment : segments) {
            if (segment.active() || segment.endOffset() > logStartOffset) {
                break;
            }
            expired = new Expired(segment.endOffset(), "below the log start offset " + logStartOffset);
        }
        return expired;
    }

    private static Expired bySize(List<SegmentSummary> segments, long retentionBytes) {
        var expired = Expired.NONE;
        if (retentionBytes < 0) {
            return expired;
        }
        var left = segments.stream().mapToLong(SegmentSummary::sizeInBytes).sum();
        for (var segment : segments) {
            left -= segment.sizeInBytes();
            if (left < retentionBytes) {
                break;
            }
            expired = new Expired(segment.endOffset(), "retention.bytes=" + retentionBytes);
        }
        return expired;
    }

    private static Expired byTime(List<SegmentSummary> segments, LogConfig config, long nowMs) {
        var expired = Expired.NONE;
        if (config.retentionMs() < 0) {
            return expired;
        }
        for (var segment : segments) {
            if (nowMs - segment.largestTimestampMs() <= config.retentionMs()) {
                break;
            }
            expired = new Expired(segment.endOffset(), "retention.ms=" + config.retentionMs());
        }
        return expired;
    }
}
