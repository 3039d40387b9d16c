package io.odradek.config;

import java.util.List;

/** Settings that Kafka keeps to itself. */
final class InternalSettings {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            log.initial.task.delay.ms | long | 30000 | 0.. | low | read-only | yes | How long tasks of the logs wait after the start.
            producer.id.expiration.check.interval.ms | int | 600000 | 1.. | low | read-only | no | How often producers' states are searched for those to forget.
            controller.performance.always.log.threshold.ms | long | 2000 | 0.. | medium | read-only | no | A change of the metadata that takes longer is logged.
            controller.performance.sample.period.ms | long | 60000 | 100.. | medium | read-only | no | How often the speed of the controller is logged.
            group.consumer.regex.refresh.interval.ms | int | 600000 | 10000.. | medium | read-only | yes | How often the topics of a group's regular expression are looked up.
            group.share.initialize.retry.interval.ms | int | 30000 | 1.. | low | read-only | no | Pause before a share partition is initialized again.
            group.share.persister.class.name | string | org.apache.kafka.server.share.persister.DefaultStatePersister | | medium | read-only | no | A class that keeps the state of share groups.
            internal.metadata.delete.delay.millis | long | 60000 | | low | read-only | no | How long files of the metadata stay after they were deleted.
            internal.metadata.log.segment.bytes | int | - | | low | read-only | no | Size of a file of the metadata log, in tests.
            internal.metadata.max.batch.size.in.bytes | int | 8388608 | | low | read-only | no | The largest batch of metadata.
            remote.log.index.file.cache.ttl.ms | long | 900000 | -1.. | low | read-only | no | How long an index of a segment kept elsewhere stays.
            remote.log.manager.task.retry.backoff.max.ms | long | 30000 | 1.. | low | read-only | no | The longest pause before a copy is tried again.
            remote.log.manager.task.retry.backoff.ms | long | 500 | 1.. | low | read-only | no | Pause before a copy is tried again.
            remote.log.manager.task.retry.jitter | double | 0.2 | 0..0.5 | low | read-only | no | How far that pause is changed at random.
            server.max.startup.time.ms | long | 9223372036854775807 | 0.. | medium | read-only | no | How long the start may take.
            share.coordinator.cold.partition.snapshot.interval.ms | int | 300000 | 1.. | low | read-only | no | How often an unused share partition is written in full.
            share.coordinator.state.topic.prune.interval.ms | int | 300000 | 1.. | low | read-only | no | How often the state of share groups is pruned.
            unclean.leader.election.interval.ms | long | 300000 | 1.. | medium | read-only | no | How often the controller looks for partitions to elect an unclean leader for.
            unstable.api.versions.enable | boolean | false | | high | read-only | no | Whether API versions in the making are served.
            unstable.feature.versions.enable | boolean | false | | high | read-only | no | Whether feature levels in the making are served.
            """, true);

    private InternalSettings() {}
}
