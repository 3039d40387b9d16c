package io.odradek.config;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;

/**
 * The effective settings of one topic's logs. Each component is the topic config of Apache Kafka of the same meaning.
 *
 * @param segmentBytes {@code segment.bytes}, or {@code internal.segment.bytes} where a test sets it
 * @param retentionBytes -1 is no limit
 * @param retentionMs -1 is no limit
 * @param cleanupCompact whether {@code cleanup.policy} has {@code compact}
 * @param cleanupDelete whether {@code cleanup.policy} has {@code delete}; with neither, nothing is ever removed
 * @param compression what records are recompressed to, with its level; empty for {@code compression.type=producer}
 * @param leaderThrottledReplicas {@code leader.replication.throttled.replicas}
 * @param followerThrottledReplicas {@code follower.replication.throttled.replicas}
 */
public record LogConfig(
        int segmentBytes,
        long segmentMs,
        long segmentJitterMs,
        int segmentIndexBytes,
        int indexIntervalBytes,
        long flushMessages,
        long flushMs,
        long retentionBytes,
        long retentionMs,
        int maxMessageBytes,
        boolean cleanupCompact,
        boolean cleanupDelete,
        long deleteRetentionMs,
        long fileDeleteDelayMs,
        long minCompactionLagMs,
        long maxCompactionLagMs,
        double minCleanableDirtyRatio,
        Optional<Compression> compression,
        TimestampType timestampType,
        long timestampBeforeMaxMs,
        long timestampAfterMaxMs,
        int minInsyncReplicas,
        boolean preallocate,
        boolean uncleanLeaderElection,
        Durability durability,
        ThrottledReplicas leaderThrottledReplicas,
        ThrottledReplicas followerThrottledReplicas) {

    private static final LogConfig DEFAULTS = TopicSettings.parse(Map.of());

    /** Apache Kafka's defaults. */
    public static LogConfig defaults() {
        return DEFAULTS;
    }

    /**
     * From topic configs by Kafka's names; what is absent has Kafka's default.
     *
     * @throws org.apache.kafka.common.errors.InvalidConfigurationException for an unknown name, a malformed value, or a
     *     feature that is not offered
     */
    public static LogConfig of(Map<String, String> configs) {
        TopicSettings.validate(configs);
        return TopicSettings.parse(configs);
    }

    /** How long a segment may be written to: a compacted log must roll early enough for {@code max.compaction.lag.ms}. */
    public long maxSegmentMs() {
        return cleanupCompact && maxCompactionLagMs > 0 ? Math.min(maxCompactionLagMs, segmentMs) : segmentMs;
    }
}
