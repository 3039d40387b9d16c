package io.odradek.config;

import java.util.List;

/** Settings of share groups. */
final class ShareGroupSettings {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            group.share.session.timeout.ms | int | 45000 | 1.. | medium | read-only | no | Default of a group's `share.session.timeout.ms`.
            group.share.min.session.timeout.ms | int | 45000 | 1.. | medium | read-only | no | The least that a group's `share.session.timeout.ms` may be.
            group.share.max.session.timeout.ms | int | 60000 | 1.. | medium | read-only | no | The most that a group's `share.session.timeout.ms` may be.
            group.share.heartbeat.interval.ms | int | 5000 | 1.. | medium | read-only | no | Default of a group's `share.heartbeat.interval.ms`.
            group.share.min.heartbeat.interval.ms | int | 5000 | 1.. | medium | read-only | no | The least that a group's `share.heartbeat.interval.ms` may be.
            group.share.max.heartbeat.interval.ms | int | 15000 | 1.. | medium | read-only | no | The most that a group's `share.heartbeat.interval.ms` may be.
            group.share.assignment.interval.ms | int | 1000 | 0.. | medium | cluster-wide | no | Default of a group's `share.assignment.interval.ms`.
            group.share.min.assignment.interval.ms | int | 0 | 0.. | medium | read-only | no | The least that a group's `share.assignment.interval.ms` may be.
            group.share.max.assignment.interval.ms | int | 15000 | 0.. | medium | read-only | no | The most that a group's `share.assignment.interval.ms` may be.
            group.share.delivery.count.limit | int | 5 | 2..10 | medium | read-only | no | Default of a group's `share.delivery.count.limit`.
            group.share.min.delivery.count.limit | int | 2 | 2..5 | medium | read-only | no | The least that a group's `share.delivery.count.limit` may be.
            group.share.max.delivery.count.limit | int | 10 | 5..25 | medium | read-only | no | The most that a group's `share.delivery.count.limit` may be.
            group.share.record.lock.duration.ms | int | 30000 | 1000..3600000 | medium | read-only | no | Default of a group's `share.record.lock.duration.ms`.
            group.share.min.record.lock.duration.ms | int | 15000 | 1000..30000 | medium | read-only | no | The least that a group's `share.record.lock.duration.ms` may be.
            group.share.max.record.lock.duration.ms | int | 60000 | 30000..3600000 | medium | read-only | no | The most that a group's `share.record.lock.duration.ms` may be.
            group.share.partition.max.record.locks | int | 2000 | 100..10000 | medium | read-only | no | Default of a group's `share.partition.max.record.locks`.
            group.share.min.partition.max.record.locks | int | 100 | 100..2000 | medium | read-only | no | The least that a group's `share.partition.max.record.locks` may be.
            group.share.max.partition.max.record.locks | int | 4000 | 2000..10000 | medium | read-only | no | The most that a group's `share.partition.max.record.locks` may be.
            group.share.max.share.sessions | int | 2000 | 1.. | medium | read-only | no | Share sessions of a broker.
            group.share.max.size | int | 200 | 1..1000 | medium | read-only | no | Members of a share group.
            group.share.assignors | list | simple | not empty | medium | read-only | no | How partitions are shared out in share groups.
            share.coordinator.append.linger.ms | int | -1 | -1.. | medium | read-only | no | How long the share coordinator collects writes; -1 adapts.
            share.coordinator.cached.buffer.max.bytes | int | 1048588 | 524288.. | medium | cluster-wide | no | The largest buffer that the share coordinator keeps for further use.
            share.coordinator.load.buffer.size | int | 5242880 | 1.. | high | read-only | no | How much is read at a time when the state of share groups is loaded.
            share.coordinator.snapshot.update.records.per.snapshot | int | 500 | 0..500 | medium | read-only | no | Updates of the state of a share group between two snapshots of it.
            share.coordinator.state.topic.compression.codec | int | 0 | | high | read-only | no | Compression of the topic that keeps the state of share groups.
            share.coordinator.state.topic.min.isr | short | 2 | 1.. | high | read-only | no | In-sync replicas that a write to the state of share groups needs.
            share.coordinator.state.topic.num.partitions | int | 50 | 1.. | high | read-only | no | Partitions of the topic that keeps the state of share groups.
            share.coordinator.state.topic.replication.factor | short | 3 | 1.. | high | read-only | no | Replicas of the topic that keeps the state of share groups.
            share.coordinator.state.topic.segment.bytes | int | 104857600 | 1.. | high | read-only | no | Segment size of the topic that keeps the state of share groups.
            share.coordinator.threads | int | 1 | 1.. | medium | read-only | no | Threads of the share coordinator.
            share.coordinator.write.timeout.ms | int | 5000 | 1.. | high | read-only | no | How long a write to the state of share groups may take.
            share.fetch.purgatory.purge.interval.requests | int | 1000 | | medium | read-only | no | How often waiting fetches of share groups are swept.
            """);

    private ShareGroupSettings() {}
}
