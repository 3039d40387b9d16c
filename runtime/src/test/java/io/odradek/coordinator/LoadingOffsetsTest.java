package io.odradek.coordinator;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.odradek.ManualClock;
import io.odradek.config.BrokerConfig;
import io.odradek.group.GroupCoordinator;
import io.odradek.group.GroupShard;
import io.odradek.group.classic.ClassicGroups;
import io.odradek.group.message.OffsetCommitKey;
import io.odradek.group.message.OffsetCommitValue;
import io.odradek.metadata.MetadataImage;
import io.odradek.replication.Subscription;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.CoordinatorLoadInProgressException;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A shard with a million records of offsets: its groups wait until it is loaded, others do not. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LoadingOffsetsTest {
    private static final int ROUNDS = 10;
    private static final int GROUPS = 100;
    private static final int PARTITIONS = 1_000;

    private final ExecutorService running = Executors.newFixedThreadPool(1);
    private final ExecutorService loading = Executors.newFixedThreadPool(2);
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch mayGoOn = new CountDownLatch(1);

    @AfterEach
    void stop() {
        mayGoOn.countDown();
        running.shutdown();
        loading.shutdown();
    }

    /** Stops after the first batch until it may go on. */
    private final class SlowLog implements ShardLog {
        private final ShardLog log;

        SlowLog(ShardLog log) {
            this.log = log;
        }

        @Override
        public void replay(Consumer<RecordBatch> batches) throws IOException {
            log.replay(batch -> {
                batches.accept(batch);
                begun.countDown();
                try {
                    mayGoOn.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
        }

        @Override
        public String name() {
            return log.name();
        }

        @Override
        public int epoch() {
            return log.epoch();
        }

        @Override
        public int maxBatchBytes() {
            return log.maxBatchBytes();
        }

        @Override
        public void requireWritable() {
            log.requireWritable();
        }

        @Override
        public long append(MemoryRecords records, short transactionVersion) {
            return log.append(records, transactionVersion);
        }

        @Override
        public long committedEnd() {
            return log.committedEnd();
        }

        @Override
        public long end() {
            return log.end();
        }

        @Override
        public Subscription onProgress(Runnable callback) {
            return log.onProgress(callback);
        }
    }

    private static ShardLog aMillionCommits() {
        var log = new InMemoryShardLog();
        for (int round = 0; round < ROUNDS; round++) {
            for (int group = 0; group < GROUPS; group++) {
                var records = new ArrayList<SimpleRecord>();
                for (int partition = 0; partition < PARTITIONS; partition++) {
                    records.add(RecordCodec.encode(
                            CoordinatorRecord.of(
                                    new OffsetCommitKey()
                                            .setGroup("group-" + group)
                                            .setTopic("topic")
                                            .setPartition(partition),
                                    new OffsetCommitValue().setOffset(round),
                                    4),
                            1));
                }
                log.append(
                        MemoryRecords.withRecords(Compression.NONE, records.toArray(SimpleRecord[]::new)), (short) 0);
            }
        }
        return log;
    }

    private ShardActor<GroupShard> load(ShardLog log) {
        var clock = new ManualClock(1);
        var config = BrokerConfig.of(Map.of());
        var environment = new ShardEnvironment<>(
                GroupCoordinator.recordTypes(),
                GroupCoordinator.shards(List.of(ClassicGroups::new), ClassicGroups::simple, () -> config),
                () -> MetadataImage.EMPTY,
                running,
                loading,
                clock,
                clock,
                Uuid::randomUuid,
                5_000,
                CompressionType.NONE);
        var actor = new ShardActor<>(log, environment, 0, () -> {});
        actor.load(loading);
        return actor;
    }

    private static int offsetsOf(ShardActor<GroupShard> actor, String group) {
        var request = new OffsetFetchRequestGroup().setGroupId(group).setTopics(null);
        return actor.read(shard -> shard.offsets().fetch(request, false)).toCompletableFuture().join().topics().stream()
                .mapToInt(topic -> (int) topic.partitions().stream()
                        .filter(p -> p.committedOffset() == ROUNDS - 1)
                        .count())
                .sum();
    }

    private static short commit(ShardActor<GroupShard> actor) {
        var request = new OffsetCommitRequestData()
                .setGroupId("group")
                .setTopics(List.of(new OffsetCommitRequestTopic()
                        .setName("topic")
                        .setPartitions(List.of(new OffsetCommitRequestPartition().setCommittedOffset(5)))));
        return actor.write(shard -> shard.commitOffsets(request, (short) 9))
                .toCompletableFuture()
                .join()
                .topics()
                .get(0)
                .partitions()
                .get(0)
                .errorCode();
    }

    @Test
    void blocksItsOwnGroupsOnly() throws Exception {
        var large = load(new SlowLog(aMillionCommits()));
        begun.await();
        var small = load(new InMemoryShardLog());
        await().ignoreException(CompletionException.class).until(() -> commit(small) == 0);
        var refused = assertThrows(CompletionException.class, () -> offsetsOf(large, "group-0"));
        assertEquals(
                CoordinatorLoadInProgressException.class, refused.getCause().getClass());

        mayGoOn.countDown();
        await().atMost(1, TimeUnit.MINUTES)
                .ignoreException(CompletionException.class)
                .until(() -> offsetsOf(large, "group-0") == PARTITIONS);
        assertEquals(PARTITIONS, offsetsOf(large, "group-" + (GROUPS - 1)));
        assertEquals(
                GROUPS,
                large.read(shard -> shard.groups().all().size())
                        .toCompletableFuture()
                        .join());
        assertEquals(0, commit(large));
    }
}
