package io.odradek.config;

import java.util.List;

/** Settings of what a topic has that overrides nothing; the names are Kafka's older ones. */
final class TopicDefaultSettings {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            log.segment.bytes | int | 1073741824 | 1048576.. | high | cluster-wide | yes | Default of a topic's `segment.bytes`.
            log.roll.ms | long | - | | high | cluster-wide | yes | Default of a topic's `segment.ms`; wins over `log.roll.hours`.
            log.roll.hours | int | 168 | 1.. | high | read-only | yes | Default of a topic's `segment.ms`, in hours.
            log.roll.jitter.ms | long | - | | high | cluster-wide | yes | Default of a topic's `segment.jitter.ms`; wins over `log.roll.jitter.hours`.
            log.roll.jitter.hours | int | 0 | 0.. | high | read-only | yes | Default of a topic's `segment.jitter.ms`, in hours.
            log.index.size.max.bytes | int | 10485760 | 4.. | medium | cluster-wide | yes | Default of a topic's `segment.index.bytes`.
            log.index.interval.bytes | int | 4096 | 0.. | medium | cluster-wide | yes | Default of a topic's `index.interval.bytes`.
            log.flush.interval.messages | long | 9223372036854775807 | 1.. | high | cluster-wide | yes | Default of a topic's `flush.messages`.
            log.flush.interval.ms | long | - | | high | cluster-wide | yes | Default of a topic's `flush.ms`; without it, `log.flush.scheduler.interval.ms`.
            log.retention.bytes | long | -1 | | high | cluster-wide | yes | Default of a topic's `retention.bytes`.
            log.retention.ms | long | - | | high | cluster-wide | yes | Default of a topic's `retention.ms`; wins over the minutes and hours.
            log.retention.minutes | int | - | | high | read-only | yes | Default of a topic's `retention.ms`, in minutes; wins over the hours.
            log.retention.hours | int | 168 | | high | read-only | yes | Default of a topic's `retention.ms`, in hours.
            message.max.bytes | int | 1048588 | 0.. | high | cluster-wide | yes | Default of a topic's `max.message.bytes`.
            log.cleanup.policy | list | delete | {compact,delete} | medium | cluster-wide | yes | Default of a topic's `cleanup.policy`.
            log.cleaner.delete.retention.ms | long | 86400000 | 0.. | medium | cluster-wide | yes | Default of a topic's `delete.retention.ms`.
            log.cleaner.min.compaction.lag.ms | long | 0 | 0.. | medium | cluster-wide | yes | Default of a topic's `min.compaction.lag.ms`.
            log.cleaner.max.compaction.lag.ms | long | 9223372036854775807 | 1.. | medium | cluster-wide | yes | Default of a topic's `max.compaction.lag.ms`.
            log.cleaner.min.cleanable.ratio | double | 0.5 | 0..1 | medium | cluster-wide | yes | Default of a topic's `min.cleanable.dirty.ratio`.
            log.segment.delete.delay.ms | long | 60000 | 0.. | high | cluster-wide | yes | Default of a topic's `file.delete.delay.ms`.
            min.insync.replicas | int | 1 | 1.. | high | cluster-wide | yes | Default of a topic's `min.insync.replicas`.
            unclean.leader.election.enable | boolean | false | | high | cluster-wide | yes | Default of a topic's `unclean.leader.election.enable`; an election counts only what was set while brokers run.
            compression.type | string | producer | {uncompressed,zstd,lz4,snappy,gzip,producer} | high | cluster-wide | yes | Default of a topic's `compression.type`.
            compression.gzip.level | int | -1 | gzip level | medium | cluster-wide | yes | Default of a topic's `compression.gzip.level`.
            compression.lz4.level | int | 9 | 1..17 | medium | cluster-wide | yes | Default of a topic's `compression.lz4.level`.
            compression.zstd.level | int | 3 | -131072..22 | medium | cluster-wide | yes | Default of a topic's `compression.zstd.level`.
            log.preallocate | boolean | false | | medium | cluster-wide | yes | Default of a topic's `preallocate`.
            log.message.timestamp.type | string | CreateTime | {CreateTime,LogAppendTime} | medium | cluster-wide | yes | Default of a topic's `message.timestamp.type`.
            log.message.timestamp.before.max.ms | long | 9223372036854775807 | 0.. | medium | cluster-wide | yes | Default of a topic's `message.timestamp.before.max.ms`.
            log.message.timestamp.after.max.ms | long | 3600000 | 0.. | medium | cluster-wide | yes | Default of a topic's `message.timestamp.after.max.ms`.
            log.local.retention.bytes | long | -2 | -2.. | medium | cluster-wide | no | Default of a topic's `local.retention.bytes`, which only tiered storage has a use for.
            log.local.retention.ms | long | -2 | -2.. | medium | cluster-wide | no | Default of a topic's `local.retention.ms`, which only tiered storage has a use for.
            """);

    private TopicDefaultSettings() {}
}
