package io.odradek.config;

import java.util.List;

/** Settings of compaction. */
final class CompactionSettings {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            log.cleaner.enable | boolean | true | | medium | read-only | no | Whether compaction runs at all: it always does.
            log.cleaner.threads | int | 1 | 0.. | medium | cluster-wide | yes | Threads that compact logs.
            log.cleaner.io.max.bytes.per.second | double | 1.7976931348623157E308 | | medium | cluster-wide | yes | Reads and writes of compaction a second, over all its threads.
            log.cleaner.dedupe.buffer.size | long | 134217728 | | medium | cluster-wide | yes | Memory for the map from key to offset, over all threads of compaction.
            log.cleaner.io.buffer.size | int | 524288 | 0.. | medium | cluster-wide | yes | Memory for buffers, over all threads of compaction.
            log.cleaner.io.buffer.load.factor | double | 0.9 | | medium | cluster-wide | yes | How full the map from key to offset may become.
            log.cleaner.backoff.ms | long | 15000 | 0.. | medium | cluster-wide | yes | How long compaction rests when it found nothing to do.
            """);

    private CompactionSettings() {}
}
