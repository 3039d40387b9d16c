package io.odradek.coordinator;

import io.odradek.metadata.MetadataImage;
import io.odradek.replication.Timer;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.Time;

/**
 * What the shards of one internal topic have in common.
 *
 * @param types the records that it holds
 * @param factory makes a shard, which is empty as long as nothing is replayed
 * @param image the metadata as they are now
 * @param executor threads that run shards; they do not wait for disks but to append
 * @param loading threads that load shards, and wait for disks
 * @param commitTimeoutMs how long an answer waits for its records to be committed
 * @param compression of what is written
 */
public record ShardEnvironment<S extends CoordinatorShard>(
        RecordTypes types,
        Function<ShardContext, S> factory,
        Supplier<MetadataImage> image,
        Executor executor,
        Executor loading,
        Timer timer,
        Time time,
        Supplier<Uuid> newId,
        long commitTimeoutMs,
        CompressionType compression) {}
