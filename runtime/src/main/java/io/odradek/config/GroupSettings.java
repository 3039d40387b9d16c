package io.odradek.config;

import java.util.List;

/**
 * Consumer groups and their offsets.
 *
 * @param offsetsTopicPartitions {@code offsets.topic.num.partitions}
 * @param offsetsTopicReplicationFactor {@code offsets.topic.replication.factor}
 * @param offsetsTopicSegmentBytes {@code offsets.topic.segment.bytes}
 * @param offsetsRetentionMinutes {@code offsets.retention.minutes}
 * @param offsetsRetentionCheckIntervalMs {@code offsets.retention.check.interval.ms}
 * @param offsetMetadataMaxBytes {@code offset.metadata.max.bytes}
 * @param offsetsTopicCompressionCodec {@code offsets.topic.compression.codec}, id of a compression
 * @param offsetsCommitTimeoutMs {@code offsets.commit.timeout.ms}
 * @param coordinatorThreads {@code group.coordinator.threads}
 * @param minSessionTimeoutMs {@code group.min.session.timeout.ms}
 * @param maxSessionTimeoutMs {@code group.max.session.timeout.ms}
 * @param initialRebalanceDelayMs {@code group.initial.rebalance.delay.ms}
 * @param maxSize {@code group.max.size}
 */
public record GroupSettings(
        int offsetsTopicPartitions,
        short offsetsTopicReplicationFactor,
        int offsetsTopicSegmentBytes,
        int offsetsRetentionMinutes,
        long offsetsRetentionCheckIntervalMs,
        int offsetMetadataMaxBytes,
        int offsetsTopicCompressionCodec,
        int offsetsCommitTimeoutMs,
        int coordinatorThreads,
        int minSessionTimeoutMs,
        int maxSessionTimeoutMs,
        int initialRebalanceDelayMs,
        int maxSize) {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            offsets.topic.num.partitions | int | 50 | 1.. | high | read-only | no | Partitions of the topic that keeps the offsets of groups.
            offsets.topic.replication.factor | short | 3 | 1.. | high | read-only | no | Replicas of the topic that keeps the offsets of groups; fewer while there are fewer brokers.
            offsets.topic.segment.bytes | int | 104857600 | 1.. | high | read-only | no | Segment size of the topic that keeps the offsets of groups.
            offsets.topic.compression.codec | int | 0 | | high | read-only | no | Compression of the topic that keeps the offsets of groups.
            offsets.retention.minutes | int | 10080 | 1.. | high | read-only | no | How long the offsets of a group without members are kept.
            offsets.retention.check.interval.ms | long | 600000 | 1.. | high | read-only | no | How often offsets are searched for those to forget.
            offsets.load.buffer.size | int | 5242880 | 1.. | high | read-only | no | How much is read at a time when the offsets of groups are loaded.
            offsets.commit.timeout.ms | int | 5000 | 1.. | high | read-only | no | How long a commit of offsets waits for its replicas.
            offset.metadata.max.bytes | int | 4096 | | high | read-only | no | The longest text that a client may commit with an offset.
            group.min.session.timeout.ms | int | 6000 | | medium | read-only | no | The shortest session timeout that a member of a classic group may ask for.
            group.max.session.timeout.ms | int | 1800000 | | medium | read-only | no | The longest session timeout that a member of a classic group may ask for.
            group.initial.rebalance.delay.ms | int | 3000 | | medium | read-only | no | How long a new classic group waits for further members.
            group.max.size | int | 2147483647 | 1.. | medium | read-only | no | Members of a classic group.
            group.coordinator.append.linger.ms | int | -1 | -1.. | medium | read-only | no | How long the coordinator collects writes; -1 adapts.
            group.coordinator.background.threads | int | 2 | 1.. | high | read-only | no | Threads for the coordinator's tasks in the background.
            group.coordinator.cached.buffer.max.bytes | int | 1048588 | 524288.. | medium | cluster-wide | no | The largest buffer that the coordinator keeps for further use.
            group.coordinator.rebalance.protocols | list | classic,consumer,streams | {consumer,classic,share,streams} not empty | medium | read-only | yes | The kinds of groups that are served.
            group.coordinator.threads | int | 4 | 1.. | high | read-only | no | Threads of the coordinator.
            group.consumer.session.timeout.ms | int | 45000 | 1.. | medium | read-only | yes | Default of a group's `consumer.session.timeout.ms`.
            group.consumer.min.session.timeout.ms | int | 45000 | 1.. | medium | read-only | yes | The least that a group's `consumer.session.timeout.ms` may be.
            group.consumer.max.session.timeout.ms | int | 60000 | 1.. | medium | read-only | yes | The most that a group's `consumer.session.timeout.ms` may be.
            group.consumer.heartbeat.interval.ms | int | 5000 | 1.. | medium | read-only | yes | Default of a group's `consumer.heartbeat.interval.ms`.
            group.consumer.min.heartbeat.interval.ms | int | 5000 | 1.. | medium | read-only | yes | The least that a group's `consumer.heartbeat.interval.ms` may be.
            group.consumer.max.heartbeat.interval.ms | int | 15000 | 1.. | medium | read-only | yes | The most that a group's `consumer.heartbeat.interval.ms` may be.
            group.consumer.assignment.interval.ms | int | 1000 | 0.. | medium | cluster-wide | yes | Default of a group's `consumer.assignment.interval.ms`.
            group.consumer.min.assignment.interval.ms | int | 0 | 0.. | medium | read-only | yes | The least that a group's `consumer.assignment.interval.ms` may be.
            group.consumer.max.assignment.interval.ms | int | 15000 | 0.. | medium | read-only | yes | The most that a group's `consumer.assignment.interval.ms` may be.
            group.consumer.max.size | int | 2147483647 | 1.. | medium | read-only | yes | Members of a consumer group.
            group.consumer.assignors | list | uniform,range | not empty | medium | read-only | yes | How partitions are shared out in consumer groups, the default first.
            group.consumer.migration.policy | string | bidirectional | {DISABLED,DOWNGRADE,UPGRADE,BIDIRECTIONAL} any case | medium | read-only | yes | Whether classic groups and consumer groups turn into each other.
            group.streams.session.timeout.ms | int | 45000 | 1.. | medium | read-only | no | Default of a group's `streams.session.timeout.ms`.
            group.streams.min.session.timeout.ms | int | 45000 | 1.. | medium | read-only | no | The least that a group's `streams.session.timeout.ms` may be.
            group.streams.max.session.timeout.ms | int | 60000 | 1.. | medium | read-only | no | The most that a group's `streams.session.timeout.ms` may be.
            group.streams.heartbeat.interval.ms | int | 5000 | 1.. | medium | read-only | no | Default of a group's `streams.heartbeat.interval.ms`.
            group.streams.min.heartbeat.interval.ms | int | 5000 | 1.. | medium | read-only | no | The least that a group's `streams.heartbeat.interval.ms` may be.
            group.streams.max.heartbeat.interval.ms | int | 15000 | 1.. | medium | read-only | no | The most that a group's `streams.heartbeat.interval.ms` may be.
            group.streams.assignment.interval.ms | int | 1000 | 0.. | medium | cluster-wide | no | Default of a group's `streams.assignment.interval.ms`.
            group.streams.min.assignment.interval.ms | int | 0 | 0.. | medium | read-only | no | The least that a group's `streams.assignment.interval.ms` may be.
            group.streams.max.assignment.interval.ms | int | 15000 | 0.. | medium | read-only | no | The most that a group's `streams.assignment.interval.ms` may be.
            group.streams.initial.rebalance.delay.ms | int | 3000 | 0.. | medium | read-only | no | Default of a group's `streams.initial.rebalance.delay.ms`.
            group.streams.num.standby.replicas | int | 0 | 0.. | medium | read-only | no | Default of a group's `streams.num.standby.replicas`.
            group.streams.max.standby.replicas | int | 2 | 0.. | medium | read-only | no | The most that a group's `streams.num.standby.replicas` may be.
            group.streams.max.size | int | 2147483647 | 1.. | medium | read-only | no | Members of a streams group.
            """);

    static GroupSettings of(SettingValues v) {
        var settings = new GroupSettings(
                v.integer("offsets.topic.num.partitions"),
                v.shortValue("offsets.topic.replication.factor"),
                v.integer("offsets.topic.segment.bytes"),
                v.integer("offsets.retention.minutes"),
                v.longValue("offsets.retention.check.interval.ms"),
                v.integer("offset.metadata.max.bytes"),
                v.integer("offsets.topic.compression.codec"),
                v.integer("offsets.commit.timeout.ms"),
                v.integer("group.coordinator.threads"),
                v.integer("group.min.session.timeout.ms"),
                v.integer("group.max.session.timeout.ms"),
                v.integer("group.initial.rebalance.delay.ms"),
                v.integer("group.max.size"));
        Check.that(
                settings.minSessionTimeoutMs <= settings.maxSessionTimeoutMs,
                "group.min.session.timeout.ms must be at most group.max.session.timeout.ms");
        return settings;
    }
}
