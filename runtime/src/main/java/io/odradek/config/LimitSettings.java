package io.odradek.config;

import java.util.List;

/**
 * Bounds of our own, beside those that Kafka's settings give.
 *
 * @param requestMemoryBytes {@code odradek.request.memory.bytes}: requests read and not yet answered, over all
 *     connections
 * @param maxOpenFiles {@code odradek.log.max.open.files}: files of logs kept open at a time
 * @param maxDecompressedBatchBytes {@code odradek.max.decompressed.batch.bytes}: what one record batch may inflate to
 * @param maxRequestPartitionSizeLimit {@code max.request.partition.size.limit}, Kafka's own: partitions in one
 *     DescribeTopicPartitions response
 */
public record LimitSettings(
        long requestMemoryBytes, int maxOpenFiles, int maxDecompressedBatchBytes, int maxRequestPartitionSizeLimit) {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            odradek.durability | string | page-cache | {page-cache,fsync} | high | cluster-wide | yes | Default of a topic's `odradek.durability`: page-cache acknowledges as Apache Kafka does, fsync only what is on disk.
            odradek.request.memory.bytes | long | 268435456 | 1048576.. | high | read-only | yes | Memory for requests that were read and are not answered yet, over all connections, where `queued.max.request.bytes` sets no other bound.
            odradek.log.max.open.files | int | 4096 | 16.. | medium | read-only | yes | Files of logs that are kept open at a time; those not used for longest are closed first.
            odradek.max.decompressed.batch.bytes | int | 134217728 | 1048576.. | medium | read-only | yes | What one compressed record batch may inflate to before it is refused.
            """);

    static LimitSettings of(SettingValues v) {
        return new LimitSettings(
                v.longValue("odradek.request.memory.bytes"),
                v.integer("odradek.log.max.open.files"),
                v.integer("odradek.max.decompressed.batch.bytes"),
                v.integer("max.request.partition.size.limit"));
    }
}
