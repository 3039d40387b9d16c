package io.odradek.replication;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.ManualClock;
import io.odradek.config.LogConfig;
import io.odradek.log.AppendOrigin;
import io.odradek.log.LogId;
import io.odradek.log.LogStore;
import io.odradek.log.LogStoreConfig;
import io.odradek.metadata.Command;
import io.odradek.metadata.Features;
import io.odradek.metadata.InMemoryMetadataStore;
import io.odradek.metadata.TopicImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.FencedLeaderEpochException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.UnknownLeaderEpochException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionRegistryTest {
    private static final int NODE = 1;
    private static final int OTHER = 2;

    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock(1_700_000_000_000L);
    private final ScheduledExecutorService background = Executors.newScheduledThreadPool(1);
    private InMemoryMetadataStore metadata;
    private LogStore logs;
    private PartitionRegistry registry;

    @BeforeEach
    void start() {
        metadata = new InMemoryMetadataStore(NODE);
        metadata.apply(new Command.InitializeCluster("test-cluster", Features.latest()));
        register(NODE);
        open();
        registry.start();
    }

    @AfterEach
    void stop() {
        logs.close();
        background.shutdownNow();
    }

    private void open() {
        open(List.of(directory));
    }

    private void open(List<Path> directories) {
        logs = LogStore.open(
                LogStoreConfig.of(directories, "test-cluster", NODE, LogConfig.defaults()), clock, background);
        registry = new PartitionRegistry(
                NODE,
                logs,
                (image, topic) ->
                        LogConfig.of(image.topics().byName(topic).orElseThrow().configs()),
                Runnable::run);
        metadata.addListener(registry);
    }

    /** Stops the broker; metadata may change until {@link #open()}. */
    private void shutDown() {
        logs.close();
        metadata = new InMemoryMetadataStore(NODE, metadata.image());
    }

    @Test
    void leadsWhatItIsGivenAndKnowsNothingElse() {
        var topic = create("t", 2);

        assertEquals(new LogId("t", 1, topic.id()), registry.leader("t", 1).id());
        assertSame(registry.leader("t", 1), registry.leader(topic.id(), 1, 0));
        assertThrows(UnknownTopicOrPartitionException.class, () -> registry.leader("t", 2));
        assertThrows(UnknownTopicOrPartitionException.class, () -> registry.leader("t", -1));
        assertThrows(UnknownTopicOrPartitionException.class, () -> registry.leader("u", 0));
        assertThrows(UnknownTopicIdException.class, () -> registry.leader(Uuid.randomUuid(), 0, -1));
    }

    @Test
    void checksTheLeaderEpochThatTheClientKnows() {
        create("t", 1);
        restartOfBroker(NODE);

        assertEquals(2, registry.leader("t", 0, 2).leaderEpoch());
        assertThrows(FencedLeaderEpochException.class, () -> registry.leader("t", 0, 1));
        assertThrows(UnknownLeaderEpochException.class, () -> registry.leader("t", 0, 3));
    }

    @Test
    void isNoLeaderOfWhatOthersLead() {
        register(OTHER);
        register(3);
        var topic = create("t", List.of(OTHER, NODE), List.of(OTHER, 3));

        assertThrows(NotLeaderOrFollowerException.class, () -> registry.leader("t", 0));
        assertThrows(NotLeaderOrFollowerException.class, () -> registry.leader("t", 1));
        assertThrows(NotLeaderOrFollowerException.class, () -> registry.leader(topic.id(), 1, -1));
        assertThrows(UnknownLeaderEpochException.class, () -> registry.leader("t", 0, 1));
        assertTrue(logs.get(new LogId("t", 0, topic.id())).isPresent(), "a replica");
        assertFalse(logs.get(new LogId("t", 1, topic.id())).isPresent());
    }

    @Test
    void aNewEpochIsANewLeaderOverTheSameLog() {
        create("t", 1);
        var before = registry.leader("t", 0);
        append(before);
        register(OTHER);
        restartOfBroker(NODE);

        var after = registry.leader("t", 0);

        assertNotSame(before, after);
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER, before.resignedBecause());
        assertThrows(NotLeaderOrFollowerException.class, () -> append(before));
        assertEquals(1, after.highWatermark());
        append(after);
        assertEquals(0, after.log().epochForOffset(0));
        assertEquals(2, after.log().epochForOffset(1));
    }

    @Test
    void aDeletedTopicIsUnknownAtOnceAndItsNameFree() {
        var first = create("t", 1);
        var leader = registry.leader("t", 0);
        append(leader);

        metadata.apply(new Command.DeleteTopic(first.id()));

        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, leader.resignedBecause());
        assertThrows(UnknownTopicOrPartitionException.class, () -> registry.leader("t", 0));
        assertThrows(UnknownTopicIdException.class, () -> registry.leader(first.id(), 0, -1));
        assertEquals(List.of(), List.copyOf(logs.list()));

        create("t", 1);
        assertEquals(0, registry.leader("t", 0).highWatermark());
    }

    @Test
    void addedPartitionsAreLedAndTheOthersGoOn() {
        create("t", 1);
        var first = registry.leader("t", 0);

        metadata.apply(new Command.CreatePartitions("t", 3, Optional.empty()));

        assertSame(first, registry.leader("t", 0));
        append(registry.leader("t", 2));
    }

    @Test
    void configsChangeAtRunTime() {
        create("t", 1);
        var leader = registry.leader("t", 0);

        metadata.apply(new Command.IncrementalAlterConfigs(
                new ConfigResource(ConfigResource.Type.TOPIC, "t"),
                List.of(new Command.ConfigChange("retention.ms", OpType.SET, Optional.of("1234")))));

        assertSame(leader, registry.leader("t", 0));
        assertEquals(1234, leader.log().config().retentionMs());
    }

    @Test
    void afterARestartRecordsAndHighWatermarkAreBack() {
        create("t", 1);
        append(registry.leader("t", 0));
        shutDown();
        open();
        registry.start();

        assertEquals(1, registry.leader("t", 0).highWatermark());
    }

    @Test
    void logsOfTopicsDeletedMeanwhileGoAndTheirSuccessorsStartEmpty() {
        var gone = create("gone", 1);
        var replaced = create("replaced", 1);
        create("stays", 1);
        for (var topic : List.of("gone", "replaced", "stays")) {
            append(registry.leader(topic, 0));
        }
        shutDown();
        metadata.apply(new Command.DeleteTopic(gone.id()));
        metadata.apply(new Command.DeleteTopic(replaced.id()));
        create("replaced", 1);
        open();
        assertEquals(3, logs.list().size(), "nothing is touched before the metadata is known to be current");

        registry.start();

        assertEquals(2, logs.list().size());
        assertEquals(0, registry.leader("replaced", 0).highWatermark());
        assertEquals(1, registry.leader("stays", 0).highWatermark());
    }

    @Test
    void aBrokenDirectoryTakesItsOwnPartitionsOffline() throws Exception {
        shutDown();
        var other = directory.resolveSibling(directory.getFileName() + "-2");
        open(List.of(directory, other));
        registry.start();
        create("t", 2);
        int broken = Files.exists(other.resolve("t-0")) ? 0 : 1;
        var leader = registry.leader("t", broken);
        var woken = new AtomicInteger();
        leader.subscribe(() -> woken.incrementAndGet());
        replaceByFile(other.resolve("t-" + broken));

        assertThrows(KafkaStorageException.class, () -> append(leader));

        await().until(() -> woken.get() == 1);
        assertThrows(KafkaStorageException.class, () -> registry.leader("t", broken));
        assertEquals(Errors.KAFKA_STORAGE_ERROR, leader.resignedBecause());
        append(registry.leader("t", 1 - broken));
        restartOfBroker(NODE);
        assertThrows(KafkaStorageException.class, () -> registry.leader("t", broken), "for good");
        append(registry.leader("t", 1 - broken));
    }

    private static void replaceByFile(Path logDirectory) throws IOException {
        try (var files = Files.list(logDirectory)) {
            for (var file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(logDirectory);
        Files.writeString(logDirectory, "no directory");
    }

    @Test
    void thousandsOfPartitionsAreCheapUntilTheyAreUsed() {
        create("t", 2_000);

        assertEquals(2_000, registry.leaderCount());
        append(registry.leader("t", 1_999));
        assertEquals(1, registry.leader("t", 1_999).highWatermark());
    }

    @Test
    void waitersAreWokenUntilTheyGo() {
        create("t", 1);
        var leader = registry.leader("t", 0);
        var woken = new ArrayList<String>();
        var a = leader.subscribe(() -> woken.add("a"));
        var b = leader.subscribe(() -> {
            throw new IllegalStateException("a waiter's own fault");
        });
        var c = leader.subscribe(() -> woken.add("c"));

        append(leader);
        assertEquals(List.of(), woken, "the caller wakes them when it is done");
        leader.wake();
        assertEquals(List.of("c", "a"), woken);

        b.close();
        b.close();
        a.close();
        leader.wake();
        c.close();
        leader.wake();
        assertEquals(List.of("c", "a", "c"), woken);
    }

    @Test
    void aWaiterMayGoWhileItIsWoken() {
        create("t", 1);
        var leader = registry.leader("t", 0);
        var woken = new ArrayList<Integer>();
        var subscriptions = new ArrayList<Subscription>();
        for (int i = 0; i < 3; i++) {
            int n = i;
            subscriptions.add(leader.subscribe(() -> {
                woken.add(n);
                subscriptions.forEach(Subscription::close);
            }));
        }

        leader.wake();
        leader.wake();

        assertEquals(3, woken.size());
    }

    private void append(PartitionLeader leader) {
        leader.append(
                MemoryRecords.withRecords(
                        Compression.NONE, new SimpleRecord(clock.milliseconds(), "k".getBytes(), "v".getBytes())),
                AppendOrigin.CLIENT,
                PartitionLeader.ACKS_ALL);
    }

    private void restartOfBroker(int id) {
        metadata.apply(new Command.FenceBroker(
                id, metadata.image().broker(id).orElseThrow().epoch()));
        register(id);
    }

    private void register(int id) {
        metadata.apply(
                new Command.RegisterBroker(id, Uuid.randomUuid(), List.of(), Optional.empty(), Features.supported()));
    }

    private TopicImage create(String name, int partitions) {
        return metadata.apply(
                new Command.CreateTopic(Uuid.randomUuid(), name, partitions, (short) 1, Map.of(), Map.of()));
    }

    @SafeVarargs
    private TopicImage create(String name, List<Integer>... replicas) {
        var assignments = new HashMap<Integer, List<Integer>>();
        for (int i = 0; i < replicas.length; i++) {
            assignments.put(i, replicas[i]);
        }
        return metadata.apply(new Command.CreateTopic(Uuid.randomUuid(), name, -1, (short) -1, assignments, Map.of()));
    }
}
