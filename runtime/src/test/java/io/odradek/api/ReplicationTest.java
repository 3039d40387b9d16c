package io.odradek.api;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.ManualClock;
import io.odradek.config.LogConfig;
import io.odradek.config.QuotaSettings;
import io.odradek.config.ReplicationRates;
import io.odradek.config.ReplicationSettings;
import io.odradek.log.AppendOrigin;
import io.odradek.log.LogId;
import io.odradek.log.LogStore;
import io.odradek.log.LogStoreConfig;
import io.odradek.log.PartitionLog;
import io.odradek.metadata.BrokerState;
import io.odradek.metadata.Command;
import io.odradek.metadata.Features;
import io.odradek.metadata.InMemoryMetadataStore;
import io.odradek.metadata.PartitionImage;
import io.odradek.metadata.TopicImage;
import io.odradek.replication.Acknowledgement;
import io.odradek.replication.IsrProposal;
import io.odradek.replication.LeaderConnection;
import io.odradek.replication.PartitionLeader;
import io.odradek.replication.PartitionRegistry;
import io.odradek.replication.Replication;
import io.odradek.replication.ReplicationTraffic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ReplicaState;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.DeleteRecordsResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that follows another one: real logs, the real handler of Fetch, no network, and a clock that stands still. */
class ReplicationTest {
    private static final int LEADER = DataPath.NODE;
    private static final int FOLLOWER = DataPath.OTHER;
    private static final int FETCH = ApiKeys.FETCH.latestVersion();
    private static final int DELETE_RECORDS = ApiKeys.DELETE_RECORDS.latestVersion();
    private static final ReplicationSettings SETTINGS = new ReplicationSettings(
            (short) 1,
            10_000,
            1,
            1 << 20,
            10 << 20,
            1,
            500,
            1_000,
            30_000,
            1 << 16,
            5_000,
            50 << 20,
            1_000,
            Optional.empty(),
            false);

    @TempDir
    Path directory;

    private final InMemoryMetadataStore metadata = new InMemoryMetadataStore(LEADER);
    private final ScheduledExecutorService background = Executors.newScheduledThreadPool(1);
    private final List<FetchRequestData> requests = new ArrayList<>();
    private final ManualClock clock = new ManualClock(1_700_000_000_000L);
    private final Map<Integer, ReplicationTraffic> traffic = Map.of(
            LEADER, new ReplicationTraffic(new QuotaSettings.Window(11, 1), clock),
            FOLLOWER, new ReplicationTraffic(new QuotaSettings.Window(11, 1), clock));
    private DataPath leader;
    private LogStore logs;
    private PartitionRegistry follower;
    private Replication replication;
    private boolean cut;

    @BeforeEach
    void start() {
        metadata.apply(new Command.InitializeCluster("test-cluster", Features.latest()));
        DataPath.register(metadata, LEADER);
        DataPath.register(metadata, FOLLOWER);
        leader = DataPath.replicating(directory.resolve("leader"), metadata, clock, environment(LEADER));
        logs = LogStore.open(
                LogStoreConfig.of(
                        List.of(directory.resolve("follower")), "test-cluster", FOLLOWER, LogConfig.defaults()),
                clock,
                background);
        follower = new PartitionRegistry(
                FOLLOWER,
                logs,
                (image, topic) ->
                        LogConfig.of(image.topics().byName(topic).orElseThrow().configs()),
                Runnable::run);
        replication = follower.replicate(environment(FOLLOWER));
        metadata.addListener(follower);
        follower.start();
    }

    @AfterEach
    void stop() {
        replication.close();
        leader.close();
        logs.close();
        background.shutdownNow();
    }

    private Replication.Environment environment(int broker) {
        return new Replication.Environment(
                SETTINGS,
                (to, fetcher) -> new Direct(),
                proposal -> propose(broker, proposal),
                clock,
                clock,
                traffic.get(broker));
    }

    private CompletionStage<PartitionImage> propose(int broker, IsrProposal proposal) {
        return metadata.propose(new Command.AlterPartition(
                broker,
                metadata.image().broker(broker).orElseThrow().epoch(),
                proposal.topicId(),
                proposal.partition(),
                proposal.leaderEpoch(),
                proposal.partitionEpoch(),
                proposal.members().stream()
                        .map(m -> new BrokerState(m.brokerId(), m.brokerEpoch()))
                        .toList()));
    }

    private final class Direct implements LeaderConnection {
        @Override
        public void fetch(FetchRequest.Builder builder, BiConsumer<FetchResponse, Throwable> handler) {
            var request = builder.build().data();
            requests.add(request);
            if (cut) {
                handler.accept(null, new DisconnectException("cut"));
                return;
            }
            var reply = leader.send(ApiKeys.FETCH, FETCH, request);
            reply.whenComplete((answer, failure) -> {
                if (failure != null) {
                    handler.accept(null, failure);
                } else {
                    handler.accept((FetchResponse) DataPath.response(ApiKeys.FETCH, FETCH, reply), null);
                }
            });
        }

        @Override
        public void close() {}
    }

    private TopicImage create(String name, int partitions, Map<String, String> configs) {
        var assignments = new TreeMap<Integer, List<Integer>>();
        for (int i = 0; i < partitions; i++) {
            assignments.put(i, List.of(LEADER, FOLLOWER));
        }
        return metadata.apply(new Command.CreateTopic(Uuid.randomUuid(), name, -1, (short) -1, assignments, configs));
    }

    private PartitionLog followers(TopicImage topic, int partition) {
        return logs.get(new LogId(topic.name(), partition, topic.id())).orElseThrow();
    }

    private long append(String topic, int partition) {
        return append(topic, partition, 1);
    }

    private long append(String topic, int partition, int bytes) {
        var to = leader.leader(topic, partition);
        long offset = to.append(
                        MemoryRecords.withRecords(
                                Compression.NONE,
                                new SimpleRecord(clock.milliseconds(), "k".getBytes(), new byte[bytes])),
                        AppendOrigin.CLIENT,
                        PartitionLeader.ACKS_ALL)
                .lastOffset();
        to.wake();
        return offset;
    }

    private PartitionImage state(TopicImage topic, int partition) {
        return metadata.image()
                .topics()
                .byId(topic.id())
                .orElseThrow()
                .partition(partition)
                .orElseThrow();
    }

    @Test
    void whatIsAppendedIsOnTheFollowerAndCommitted() {
        var topic = create("t", 1, Map.of("min.insync.replicas", "2"));

        long offset = append("t", 0);

        var to = leader.leader("t", 0);
        assertEquals(Acknowledgement.GIVEN, to.acknowledgement(PartitionLeader.ACKS_ALL, offset));
        assertEquals(1, followers(topic, 0).logEndOffset());
        append("t", 0);
        append("t", 0);
        assertEquals(3, followers(topic, 0).logEndOffset());
        assertEquals(3, to.highWatermark());
        clock.advance(500);
        assertEquals(3, followers(topic, 0).highWatermark());
    }

    @Test
    void withoutTheFollowerNothingIsAcknowledged() {
        create("t", 1, Map.of());
        cut = true;
        clock.advance(1_000);

        long offset = append("t", 0);

        assertEquals(Acknowledgement.PENDING, leader.leader("t", 0).acknowledgement(PartitionLeader.ACKS_ALL, offset));
        cut = false;
        clock.advance(1_000);
        assertEquals(Acknowledgement.GIVEN, leader.leader("t", 0).acknowledgement(PartitionLeader.ACKS_ALL, offset));
    }

    @Test
    void whoLagsBehindLeavesTheIsrAndComesBack() {
        var topic = create("t", 1, Map.of());
        append("t", 0);
        cut = true;
        clock.advance(1_000);
        long offset = append("t", 0);
        clock.advance(16_000);

        assertEquals(List.of(LEADER), state(topic, 0).isr());
        assertEquals(Acknowledgement.GIVEN, leader.leader("t", 0).acknowledgement(PartitionLeader.ACKS_ALL, offset));

        cut = false;
        clock.advance(2_000);
        assertEquals(List.of(LEADER, FOLLOWER), state(topic, 0).isr());
        assertEquals(2, followers(topic, 0).logEndOffset());
    }

    @Test
    void idlePartitionsCostNoTraffic() {
        create("t", 50, Map.of());
        append("t", 7);
        clock.advance(2_000);
        requests.clear();

        append("t", 7);
        clock.advance(5_000);

        assertTrue(requests.size() <= 12, "as many as there are waits: " + requests.size());
        long named = requests.stream()
                .flatMap(r -> r.topics().stream())
                .mapToLong(t -> t.partitions().size())
                .sum();
        assertEquals(1, named, "the one with another offset");
    }

    @Test
    void whatIsNewIsFetchedAtOnceAlthoughTheLeaderHoldsARequest() {
        create("a", 1, Map.of());
        append("a", 0);

        var topic = create("b", 1, Map.of());
        append("b", 0);

        assertEquals(1, followers(topic, 0).logEndOffset());
        create("c", 1, Map.of());
        create("d", 1, Map.of());
        var last = create("e", 1, Map.of());
        append("e", 0);
        assertEquals(1, followers(last, 0).logEndOffset(), "the request that is overtaken makes room for the next");
    }

    @Test
    void theNewLeaderHasEverything() {
        var topic = create("t", 1, Map.of());
        for (int i = 0; i < 5; i++) {
            append("t", 0);
        }
        var before = leader.leader("t", 0);

        leader.fence(LEADER);

        assertEquals(FOLLOWER, state(topic, 0).leader());
        assertEquals(5, follower.leader("t", 0).log().logEndOffset());
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER, before.resignedBecause());
    }

    @Test
    void aBranchThatWasNeverCommittedIsCutOff() {
        var topic = create("t", 1, Map.of());
        append("t", 0);
        clock.advance(1_000);
        cut = true;
        clock.advance(1_000);
        append("t", 0);
        leader.fence(LEADER);
        var other = follower.leader("t", 0);
        assertEquals(1, other.log().logEndOffset());
        other.append(
                MemoryRecords.withRecords(
                        Compression.NONE, new SimpleRecord(clock.milliseconds(), "o".getBytes(), "o".getBytes())),
                AppendOrigin.CLIENT,
                PartitionLeader.ACKS_ALL);

        // The former leader leads again, uncleanly as it were: its branch is the truth now.
        DataPath.register(metadata, LEADER);
        metadata.apply(new Command.IncrementalAlterConfigs(
                new ConfigResource(ConfigResource.Type.TOPIC, "t"),
                List.of(new Command.ConfigChange("unclean.leader.election.enable", OpType.SET, Optional.of("true")))));
        leader.fence(FOLLOWER);
        assertEquals(LEADER, state(topic, 0).leader());
        cut = false;
        DataPath.register(metadata, FOLLOWER);
        append("t", 0);
        clock.advance(1_000);

        assertEquals(3, followers(topic, 0).logEndOffset());
        assertEquals(
                leader.leader("t", 0).log().endOffsetForEpoch(0),
                followers(topic, 0).endOffsetForEpoch(0));
        assertEquals(List.of(LEADER, FOLLOWER), state(topic, 0).isr());
    }

    @Test
    void aFollowerBelowTheLogStartBeginsThere() {
        var topic = create("t", 1, Map.of());
        cut = true;
        clock.advance(1_000);
        append("t", 0);
        append("t", 0);
        clock.advance(16_000);
        assertEquals(2, leader.leader("t", 0).deleteRecordsBefore(-1));
        append("t", 0);
        cut = false;
        clock.advance(2_000);

        assertEquals(2, followers(topic, 0).logStartOffset());
        assertEquals(3, followers(topic, 0).logEndOffset());
        assertEquals(List.of(LEADER, FOLLOWER), state(topic, 0).isr());
    }

    @Test
    void deletedRecordsAreDeletedOnTheFollower() {
        var topic = create("t", 1, Map.of());
        append("t", 0);
        append("t", 0);
        clock.advance(500);
        leader.leader("t", 0).deleteRecordsBefore(1);
        assertEquals(0, leader.leader("t", 0).lowWatermark());

        clock.advance(1_000);

        assertEquals(1, followers(topic, 0).logStartOffset());
        assertEquals(1, leader.leader("t", 0).lowWatermark());
    }

    @Test
    void aFollowerBeginsInTheMiddleOfABatch() {
        var topic = create("t", 1, Map.of());
        cut = true;
        clock.advance(1_000);
        leader.leader("t", 0).append(Batches.of("a", "b", "c"), AppendOrigin.CLIENT, PartitionLeader.ACKS_ALL);
        clock.advance(16_000);
        leader.leader("t", 0).deleteRecordsBefore(1);
        cut = false;
        clock.advance(2_000);

        assertEquals(1, followers(topic, 0).logStartOffset());
        assertEquals(3, followers(topic, 0).logEndOffset());
        assertEquals(List.of(LEADER, FOLLOWER), state(topic, 0).isr());
    }

    private CompletableFuture<Reply> delete(long offset, int timeoutMs) {
        return leader.send(
                        ApiKeys.DELETE_RECORDS,
                        DELETE_RECORDS,
                        new DeleteRecordsRequestData()
                                .setTimeoutMs(timeoutMs)
                                .setTopics(List.of(new DeleteRecordsTopic()
                                        .setName("t")
                                        .setPartitions(List.of(new DeleteRecordsPartition().setOffset(offset))))))
                .toCompletableFuture();
    }

    private static DeleteRecordsPartitionResult deleted(CompletableFuture<Reply> reply) {
        var response = (DeleteRecordsResponse) DataPath.response(ApiKeys.DELETE_RECORDS, DELETE_RECORDS, reply);
        return response.data().topics().find("t").partitions().find(0);
    }

    @Test
    void aDeletionIsAnsweredWhenAllReplicasHaveIt() {
        create("t", 1, Map.of());
        append("t", 0);
        append("t", 0);
        clock.advance(600);

        var reply = delete(1, 30_000);
        assertFalse(reply.isDone(), "the follower has not heard of it");
        clock.advance(1_000);

        assertTrue(reply.isDone());
        assertEquals(Errors.NONE.code(), deleted(reply).errorCode());
        assertEquals(1, deleted(reply).lowWatermark());
    }

    @Test
    void aDeletionThatDoesNotReachAReplicaTimesOut() {
        create("t", 1, Map.of());
        append("t", 0);
        append("t", 0);
        clock.advance(1_000);
        cut = true;

        var reply = delete(-1, 5_000);
        clock.advance(4_900);
        assertFalse(reply.isDone());
        clock.advance(100);

        assertEquals(Errors.REQUEST_TIMED_OUT.code(), deleted(reply).errorCode());
        assertEquals(0, deleted(reply).lowWatermark());
        assertEquals(2, leader.leader("t", 0).logStartOffset(), "the leader has deleted them");
    }

    @Test
    void aDeletionDoesNotWaitForAReplicaThatIsOutOfService() {
        create("t", 1, Map.of());
        append("t", 0);
        clock.advance(1_000);
        cut = true;

        var reply = delete(1, 30_000);
        assertFalse(reply.isDone());
        leader.fence(FOLLOWER);

        assertEquals(Errors.NONE.code(), deleted(reply).errorCode());
        assertEquals(1, deleted(reply).lowWatermark());
    }

    @Test
    void aDeletionEndsWithTheLeadership() {
        create("t", 1, Map.of());
        append("t", 0);
        clock.advance(1_000);
        cut = true;

        var reply = delete(1, 30_000);
        leader.fence(LEADER);

        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER.code(), deleted(reply).errorCode());
    }

    @Test
    void aTopicThatIsDeletedIsNotFetchedAnyMore() {
        create("t", 2, Map.of());
        append("t", 0);
        leader.deleteTopic("t");
        clock.advance(2_000);
        requests.clear();
        clock.advance(10_000);

        assertEquals(List.of(), requests);
        assertEquals(0, follower.followerCount());
    }

    @Test
    void anEarlierIncarnationAndAStrangerAreRefused() {
        var topic = create("t", 1, Map.of());
        append("t", 0);
        long epoch = metadata.image().broker(FOLLOWER).orElseThrow().epoch();
        assertEquals(Errors.NONE, fetchAs(topic, FOLLOWER, epoch));
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER, fetchAs(topic, FOLLOWER, epoch - 1));
        assertEquals(Errors.UNKNOWN_LEADER_EPOCH, fetchAs(topic, 3, 1));
    }

    private Errors fetchAs(TopicImage topic, int broker, long epoch) {
        var request = new FetchRequestData()
                .setReplicaState(new ReplicaState().setReplicaId(broker).setReplicaEpoch(epoch))
                .setSessionEpoch(-1)
                .setMaxBytes(1_000);
        request.topics()
                .add(new FetchTopic()
                        .setTopicId(topic.id())
                        .setPartitions(List.of(new FetchPartition()
                                .setPartition(0)
                                .setPartitionMaxBytes(1_000)
                                .setCurrentLeaderEpoch(0)
                                .setFetchOffset(1))));
        var response = (FetchResponse) leader.call(ApiKeys.FETCH, FETCH, request);
        return Errors.forCode(
                response.data().responses().get(0).partitions().get(0).errorCode());
    }

    /** A follower that is far behind, and may catch up at 200,000 bytes a second. */
    private void throttle(String config, int broker, ReplicationRates rates) {
        var topic = create("t", 1, Map.of(config, "0:" + broker));
        append("t", 0);
        cut = true;
        clock.advance(1_000);
        for (int i = 0; i < 40; i++) {
            append("t", 0, 100_000);
        }
        clock.advance(20_000);
        assertEquals(List.of(LEADER), state(topic, 0).isr());
        traffic.get(broker).limit(rates);
        long sent = traffic.get(LEADER).bytesOut();
        cut = false;

        for (int second = 1; second <= 6; second++) {
            clock.advance(1_000);
            long bytes = traffic.get(LEADER).bytesOut() - sent;
            // It is only known afterwards what was too much.
            assertTrue(bytes <= 200_000L * second + 1_100_000, bytes + " bytes in " + second + " s");
        }
        assertEquals(List.of(LEADER), state(topic, 0).isr());
        append("t", 0);
        clock.advance(30_000);

        assertEquals(List.of(LEADER, FOLLOWER), state(topic, 0).isr());
        assertEquals(42, followers(topic, 0).logEndOffset());
        assertEquals(traffic.get(LEADER).bytesOut(), traffic.get(FOLLOWER).bytesIn());
        traffic.get(broker).limit(new ReplicationRates(1, 1, 1));
        for (int i = 0; i < 5; i++) {
            append("t", 0, 100_000);
        }
        assertEquals(47, followers(topic, 0).logEndOffset(), "who is in sync does not wait");
    }

    @Test
    void aThrottledLeaderSendsSoMuchASecond() {
        throttle(
                "leader.replication.throttled.replicas",
                LEADER,
                new ReplicationRates(200_000, Long.MAX_VALUE, Long.MAX_VALUE));
    }

    @Test
    void aThrottledFollowerFetchesSoMuchASecond() {
        throttle(
                "follower.replication.throttled.replicas",
                FOLLOWER,
                new ReplicationRates(Long.MAX_VALUE, 200_000, Long.MAX_VALUE));
    }

    @Test
    void withFsyncTheFollowersDiskCounts() {
        create("t", 1, Map.of("odradek.durability", "fsync"));
        var to = leader.leader("t", 0);

        long offset = append("t", 0);

        await().until(() -> to.acknowledgement(PartitionLeader.ACKS_ALL, offset) == Acknowledgement.GIVEN);
    }
}
