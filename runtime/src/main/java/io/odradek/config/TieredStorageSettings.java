package io.odradek.config;

import java.util.List;

/** Settings of tiered storage, which is not offered. */
final class TieredStorageSettings {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            remote.log.storage.system.enable | boolean | false | | medium | read-only | refuse | Whether tiered storage is on: it is not offered.
            remote.log.storage.manager.class.name | string | - | not empty | medium | read-only | no | A class that keeps segments elsewhere.
            remote.log.storage.manager.class.path | string | - | | medium | read-only | no | Where that class is.
            remote.log.storage.manager.impl.prefix | string | rsm.config. | not empty | medium | read-only | no | The prefix of that class' own settings.
            remote.log.metadata.manager.class.name | string | org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager | not empty | medium | read-only | no | A class that knows where segments are.
            remote.log.metadata.manager.class.path | string | - | | medium | read-only | no | Where that class is.
            remote.log.metadata.manager.impl.prefix | string | rlmm.config. | not empty | medium | read-only | no | The prefix of that class' own settings.
            remote.log.metadata.manager.listener.name | string | - | not empty | medium | read-only | no | The listener that that class uses.
            remote.log.metadata.custom.metadata.max.bytes | int | 128 | 0.. | low | read-only | no | The most that a storage may note with a segment.
            remote.log.index.file.cache.total.size.bytes | long | 1073741824 | 1.. | low | cluster-wide | no | Disk for indexes of segments kept elsewhere.
            remote.log.manager.thread.pool.size | int | 2 | 1.. | medium | read-only | no | Threads that copy, expire and follow segments.
            remote.log.manager.copier.thread.pool.size | int | 10 | 1.. | medium | cluster-wide | no | Threads that copy segments.
            remote.log.manager.expiration.thread.pool.size | int | 10 | 1.. | medium | cluster-wide | no | Threads that expire segments kept elsewhere.
            remote.log.manager.follower.thread.pool.size | int | 2 | 1.. | medium | cluster-wide | no | Threads that follow what leaders copied.
            remote.log.manager.task.interval.ms | long | 30000 | 1.. | low | read-only | no | How often there is a search for segments to copy.
            remote.log.manager.copy.max.bytes.per.second | long | 9223372036854775807 | 1.. | medium | cluster-wide | no | How much is copied a second.
            remote.log.manager.copy.quota.window.num | int | 11 | 1.. | medium | read-only | no | Samples over which copying is measured.
            remote.log.manager.copy.quota.window.size.seconds | int | 1 | 1.. | medium | read-only | no | Length of a sample of copying.
            remote.log.manager.fetch.max.bytes.per.second | long | 9223372036854775807 | 1.. | medium | cluster-wide | no | How much is fetched from elsewhere a second.
            remote.log.manager.fetch.quota.window.num | int | 11 | 1.. | medium | read-only | no | Samples over which fetching from elsewhere is measured.
            remote.log.manager.fetch.quota.window.size.seconds | int | 1 | 1.. | medium | read-only | no | Length of a sample of fetching from elsewhere.
            remote.log.reader.threads | int | 10 | 1.. | medium | cluster-wide | no | Threads that read segments kept elsewhere.
            remote.log.reader.max.pending.tasks | int | 100 | 1.. | medium | read-only | no | Reads of segments kept elsewhere that may wait.
            remote.fetch.max.wait.ms | int | 500 | 1.. | medium | cluster-wide | no | How long a fetch waits for a segment kept elsewhere.
            remote.list.offsets.request.timeout.ms | long | 30000 | 1.. | medium | cluster-wide | no | How long ListOffsets waits for an index kept elsewhere.
            """);

    private TieredStorageSettings() {}
}
