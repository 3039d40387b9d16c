package io.odradek.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.odradek.ManualClock;
import io.odradek.api.fetch.FetchSessions;
import io.odradek.api.fetch.PartitionFetcher;
import io.odradek.api.fetch.ReadReplicas;
import io.odradek.config.BrokerConfig;
import io.odradek.config.LogConfig;
import io.odradek.config.QuotaSettings;
import io.odradek.log.AppendOrigin;
import io.odradek.log.LogStore;
import io.odradek.log.LogStoreConfig;
import io.odradek.metadata.Command;
import io.odradek.metadata.Features;
import io.odradek.metadata.InMemoryMetadataStore;
import io.odradek.metadata.TopicImage;
import io.odradek.replication.LeaderConnection;
import io.odradek.replication.PartitionLeader;
import io.odradek.replication.PartitionRegistry;
import io.odradek.replication.Replication;
import io.odradek.replication.ReplicationTraffic;
import io.odradek.security.AccessControl;
import io.odradek.security.ClientIdentity;
import io.odradek.security.Quotas;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.replica.RackAwareReplicaSelector;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Consumers that read from the replica in their rack (KIP-392), with two brokers whose replication a test drives. */
class FollowerFetchingTest {
    private static final int LATEST = ApiKeys.FETCH.latestVersion();
    /** Longer than a follower waits. */
    private static final int MAX_WAIT_MS = 10_000;

    private static final int LEADER = 1;
    private static final int FOLLOWER = 2;

    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock(1_700_000_000_000L);
    private final ScheduledExecutorService background = Executors.newScheduledThreadPool(1);
    private final InMemoryMetadataStore metadata = new InMemoryMetadataStore(LEADER);
    private final List<Node> nodes = new ArrayList<>();
    private Node leader;
    private Node follower;
    private TopicImage topic;

    private record Fetch(FetchRequest request, BiConsumer<FetchResponse, Throwable> handler) {}

    /** A broker's partitions and its Fetch. What it asks of its leaders waits until the test lets it go. */
    private final class Node implements AutoCloseable {
        final Deque<Fetch> asked = new ArrayDeque<>();
        private final LogStore logs;
        private final PartitionRegistry partitions;
        private final ApiDispatcher dispatcher;

        Node(int id) {
            logs = LogStore.open(
                    LogStoreConfig.of(List.of(directory.resolve("" + id)), "test-cluster", id, LogConfig.defaults()),
                    clock,
                    background);
            partitions = new PartitionRegistry(id, logs, (image, name) -> LogConfig.defaults(), Runnable::run);
            partitions.replicate(new Replication.Environment(
                    BrokerConfig.of(Map.of("log.dirs", "data", "listeners", "PLAINTEXT://localhost:9092"))
                            .replication(),
                    (broker, fetcher) -> new LeaderConnection() {
                        @Override
                        public void fetch(FetchRequest.Builder request, BiConsumer<FetchResponse, Throwable> handler) {
                            asked.add(new Fetch(request.build(), handler));
                        }

                        @Override
                        public void close() {}
                    },
                    proposal -> new CompletableFuture<>(),
                    clock,
                    clock,
                    new ReplicationTraffic(new QuotaSettings.Window(11, 1), clock)));
            metadata.addListener(partitions);
            partitions.start();
            dispatcher = new ApiDispatcher(List.of(new FetchHandler(
                    partitions,
                    new PartitionFetcher(
                            partitions,
                            ReadReplicas.chosenBy(new RackAwareReplicaSelector(), id, metadata::image),
                            clock,
                            () -> true),
                    new FetchSessions(10, clock, new Random(id)),
                    AccessControl.allowAll(),
                    Quotas.unlimited(),
                    () -> 1 << 20)));
        }

        CompletableFuture<Reply> send(FetchRequest request) {
            var header = new RequestHeader(ApiKeys.FETCH, request.version(), "client", 1);
            var client = ClientIdentity.anonymous(
                    DataPath.LISTENER, SecurityProtocol.PLAINTEXT, new InetSocketAddress("localhost", 1));
            return dispatcher
                    .dispatch(new RequestContext(client, header, clock.nanoseconds()), request)
                    .toCompletableFuture();
        }

        CompletableFuture<Reply> consume(int version, String rack, long offset) {
            var data = new FetchRequestData()
                    .setMaxWaitMs(MAX_WAIT_MS)
                    .setMinBytes(1)
                    .setRackId(rack)
                    .setTopics(List.of(new FetchTopic()
                            .setTopic(topic.name())
                            .setTopicId(topic.id())
                            .setPartitions(List.of(
                                    new FetchPartition().setFetchOffset(offset).setPartitionMaxBytes(1 << 20)))));
            return send(new FetchRequest(data, (short) version));
        }

        @Override
        public void close() {
            logs.close();
        }
    }

    @BeforeEach
    void start() {
        metadata.apply(new Command.InitializeCluster("test-cluster", Features.latest()));
        DataPath.register(metadata, LEADER);
        DataPath.register(metadata, FOLLOWER);
        leader = new Node(LEADER);
        follower = new Node(FOLLOWER);
        nodes.addAll(List.of(leader, follower));
        topic = metadata.apply(new Command.CreateTopic(
                Uuid.randomUuid(), "t", -1, (short) -1, Map.of(0, List.of(LEADER, FOLLOWER)), Map.of()));
    }

    @AfterEach
    void stop() {
        nodes.forEach(Node::close);
        background.shutdownNow();
    }

    private void append(String... values) {
        leader.partitions.leader("t", 0).append(Batches.of(values), AppendOrigin.CLIENT, PartitionLeader.ACKS_ALL);
        leader.partitions.leader("t", 0).wake();
    }

    /** Lets the follower's fetch that waits go to the leader, and its answer come back. */
    private void replicate() {
        var fetch = follower.asked.remove();
        var reply = leader.send(fetch.request());
        if (!reply.isDone()) {
            clock.advance(500); // gets what there is
        }
        fetch.handler().accept((FetchResponse) DataPath.response(ApiKeys.FETCH, LATEST, reply), null);
    }

    /** The follower has all there is, and knows that it is committed. */
    private void catchUp() {
        for (int i = 0; i < 3; i++) {
            replicate();
        }
    }

    private static PartitionData answer(int version, CompletableFuture<Reply> reply) {
        return ((FetchResponse) DataPath.response(ApiKeys.FETCH, version, reply))
                .data()
                .responses()
                .get(0)
                .partitions()
                .get(0);
    }

    private static List<String> values(PartitionData answer) {
        assertEquals(Errors.NONE.code(), answer.errorCode());
        return Batches.values((MemoryRecords) answer.records());
    }

    @Test
    void consumerIsSentToTheReplicaInItsRackAndReadsThere() {
        append("a", "b");
        catchUp();

        var sent = answer(LATEST, leader.consume(LATEST, "rack2", 0));
        assertEquals(FOLLOWER, sent.preferredReadReplica());
        assertEquals(List.of(), values(sent));
        assertEquals(2, sent.highWatermark());

        var read = answer(LATEST, follower.consume(LATEST, "rack2", 0));
        assertEquals(-1, read.preferredReadReplica());
        assertEquals(List.of("a", "b"), values(read));
        assertEquals(2, read.highWatermark());
    }

    @Test
    void whoIsInTheLeadersRackOrInNoneReadsFromTheLeader() {
        append("a");
        catchUp();
        for (var rack : List.of("rack1", "", "rack3")) {
            var read = answer(LATEST, leader.consume(LATEST, rack, 0));
            assertEquals(-1, read.preferredReadReplica());
            assertEquals(List.of("a"), values(read));
        }
    }

    @Test
    void olderConsumersReadFromTheLeaderAlone() {
        append("a");
        catchUp();
        assertEquals(List.of("a"), values(answer(10, leader.consume(10, "", 0))));
        assertEquals(
                Errors.NOT_LEADER_OR_FOLLOWER.code(),
                answer(10, follower.consume(10, "", 0)).errorCode());
    }

    @Test
    void followerThatDoesNotHaveTheOffsetIsNotPreferred() {
        append("a");
        catchUp();
        append("b");
        // The consumer cannot have seen b, but might have been told of it by an earlier leader.
        var waiting = leader.consume(LATEST, "rack2", 2);
        assertFalse(waiting.isDone());
        clock.advance(MAX_WAIT_MS);
        assertEquals(-1, answer(LATEST, waiting).preferredReadReplica());
    }

    @Test
    void followerThatIsNotInSyncIsNotPreferred() {
        append("a");
        catchUp();
        metadata.apply(new Command.FenceBroker(
                FOLLOWER, metadata.image().broker(FOLLOWER).orElseThrow().epoch()));
        assertEquals(List.of("a"), values(answer(LATEST, leader.consume(LATEST, "rack2", 0))));
    }

    @Test
    void consumerWaitsAtTheFollowerUntilItKnowsThatMoreIsCommitted() {
        append("a");
        catchUp();
        var waiting = follower.consume(LATEST, "rack2", 1);
        append("b");
        replicate(); // gets b
        assertFalse(waiting.isDone(), "the leader does not know yet that the follower has it");
        assertFalse(follower.consume(LATEST, "rack2", 1).isDone(), "nor may anybody else see it");
        replicate(); // tells the leader, and hears of the high watermark
        assertEquals(List.of("b"), values(answer(LATEST, waiting)));
    }

    @Test
    void whatTheFollowerDoesNotHaveIsOutOfItsRange() {
        append("a");
        catchUp();
        assertEquals(
                Errors.OFFSET_OUT_OF_RANGE.code(),
                answer(LATEST, follower.consume(LATEST, "rack2", 5)).errorCode());
    }

    @Test
    void consumerIsToldAtOnceWhenTheFollowerIsNoneAnyMore() {
        append("a");
        catchUp();
        var waiting = follower.consume(LATEST, "rack2", 1);
        assertFalse(waiting.isDone());
        metadata.apply(new Command.DeleteTopic(topic.id()));
        assertEquals(Errors.UNKNOWN_TOPIC_ID.code(), answer(LATEST, waiting).errorCode());
    }
}
