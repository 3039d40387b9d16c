package io.odradek.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.ManualClock;
import io.odradek.config.BrokerConfig;
import io.odradek.config.QuotaSettings;
import io.odradek.log.AppendOrigin;
import io.odradek.metadata.BrokerState;
import io.odradek.metadata.Command;
import io.odradek.metadata.Features;
import io.odradek.metadata.InMemoryMetadataStore;
import io.odradek.metadata.PartitionImage;
import io.odradek.replication.IsrProposal;
import io.odradek.replication.LeaderConnection;
import io.odradek.replication.Replication;
import io.odradek.replication.ReplicationTraffic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ReplicaState;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fetch in a session looks only at partitions that something has happened to. Nothing that happens may be missed: what a
 * client has been told in its session is what a fetch of everything would tell it.
 */
class FetchSessionProgressTest {
    private static final int FETCH = ApiKeys.FETCH.latestVersion();
    private static final int PARTITIONS = 5;
    private static final int SEEDS = 60;
    private static final int STEPS = 60;
    private static final int MAX_WAIT_MS = 500;
    private static final int CONSUMER = -1;
    private static final int FULL = 0;
    private static final int FINAL = -1;

    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock(1_700_000_000_000L);
    private final InMemoryMetadataStore metadata = new InMemoryMetadataStore(DataPath.NODE);
    private DataPath data;

    private void open(Path at) {
        metadata.apply(new Command.InitializeCluster("test-cluster", Features.latest()));
        DataPath.register(metadata, DataPath.NODE);
        DataPath.register(metadata, DataPath.OTHER);
        var settings = BrokerConfig.of(Map.of("log.dirs", "data", "listeners", "PLAINTEXT://localhost:9092"))
                .replication();
        data = DataPath.replicating(
                at,
                metadata,
                clock,
                new Replication.Environment(
                        settings,
                        (leader, fetcher) -> new Silent(),
                        this::propose,
                        clock,
                        clock,
                        new ReplicationTraffic(new QuotaSettings.Window(11, 1), clock)));
    }

    private CompletionStage<PartitionImage> propose(IsrProposal proposal) {
        return metadata.propose(new Command.AlterPartition(
                DataPath.NODE,
                epochOf(DataPath.NODE),
                proposal.topicId(),
                proposal.partition(),
                proposal.leaderEpoch(),
                proposal.partitionEpoch(),
                proposal.members().stream()
                        .map(m -> new BrokerState(m.brokerId(), m.brokerEpoch()))
                        .toList()));
    }

    private long epochOf(int broker) {
        return metadata.image().broker(broker).orElseThrow().epoch();
    }

    /** The other broker never answers. */
    private static final class Silent implements LeaderConnection {
        @Override
        public void fetch(FetchRequest.Builder request, BiConsumer<FetchResponse, Throwable> handler) {}

        @Override
        public void close() {}
    }

    private Uuid create(String topic) {
        var assignments = new TreeMap<Integer, List<Integer>>();
        for (int i = 0; i < PARTITIONS; i++) {
            assignments.put(i, List.of(DataPath.NODE, DataPath.OTHER));
        }
        return metadata.apply(new Command.CreateTopic(Uuid.randomUuid(), topic, -1, (short) -1, assignments, Map.of()))
                .id();
    }

    /** What a client knows of a partition. */
    private record View(Errors error, long highWatermark, long logStartOffset) {}

    /** One that keeps to the protocol: names in its session only what has changed. */
    private final class Client {
        private final int replica;
        private final Uuid topic;
        private final long[] offsets = new long[PARTITIONS];
        private final View[] views = new View[PARTITIONS];
        private final TreeSet<Integer> changed = new TreeSet<>();
        private int maxBytes = 1;
        private int session;
        private int epoch;
        private long brokerEpoch;

        Client(int replica, Uuid topic) {
            this.replica = replica;
            this.topic = topic;
            this.brokerEpoch = replica == CONSUMER ? -1 : epochOf(replica);
        }

        /** The next fetch of its session. */
        CompletableFuture<Reply> send(int maxWaitMs) {
            var named = epoch == FULL ? all() : List.copyOf(changed);
            changed.clear();
            return data.send(ApiKeys.FETCH, FETCH, request(session, epoch, maxWaitMs, named));
        }

        private List<Integer> all() {
            return Stream.iterate(0, i -> i + 1).limit(PARTITIONS).toList();
        }

        private FetchRequestData request(int session, int epoch, int maxWaitMs, List<Integer> named) {
            var request = new FetchRequestData()
                    .setSessionId(session)
                    .setSessionEpoch(epoch)
                    .setMaxWaitMs(maxWaitMs)
                    .setMinBytes(1)
                    .setMaxBytes(maxBytes)
                    .setForgottenTopicsData(new ArrayList<>());
            if (replica != CONSUMER) {
                request.setReplicaState(new ReplicaState().setReplicaId(replica).setReplicaEpoch(brokerEpoch));
            }
            if (!named.isEmpty()) {
                request.topics()
                        .add(new FetchTopic()
                                .setTopicId(topic)
                                .setPartitions(named.stream()
                                        .map(i -> new FetchPartition()
                                                .setPartition(i)
                                                .setFetchOffset(offsets[i])
                                                .setLogStartOffset(replica == CONSUMER ? -1 : start(i))
                                                .setPartitionMaxBytes(1 << 20))
                                        .toList()));
            }
            return request;
        }

        private long start(int partition) {
            return views[partition] == null ? 0 : Math.max(0, views[partition].logStartOffset);
        }

        /** Takes an answer, and has the next fetch name what has changed with it. */
        void take(CompletableFuture<Reply> reply) {
            var response = ((FetchResponse) DataPath.response(ApiKeys.FETCH, FETCH, reply)).data();
            assertEquals(Errors.NONE.code(), response.errorCode());
            session = response.sessionId();
            epoch++;
            for (int i = 0; i < PARTITIONS; i++) {
                if (views[i] != null && views[i].error != Errors.NONE) {
                    // Errors are told again and again.
                    views[i] = null;
                }
            }
            for (var told : response.responses()) {
                for (var partition : told.partitions()) {
                    take(partition);
                }
            }
        }

        private void take(PartitionData told) {
            int i = told.partitionIndex();
            long startBefore = start(i);
            views[i] = view(told);
            for (var batch : FetchResponse.recordsOrFail(told).batches()) {
                offsets[i] = batch.lastOffset() + 1;
                changed.add(i);
            }
            if (views[i].error == Errors.OFFSET_OUT_OF_RANGE) {
                try {
                    offsets[i] = data.partitions.leader(topic, i, -1).logStartOffset();
                } catch (ApiException e) {
                    return;
                }
                changed.add(i);
            }
            if (replica != CONSUMER && start(i) != startBefore) {
                changed.add(i);
            }
        }

        private View view(PartitionData told) {
            return new View(Errors.forCode(told.errorCode()), told.highWatermark(), told.logStartOffset());
        }

        void endSession() {
            data.call(ApiKeys.FETCH, FETCH, request(session, FINAL, 0, List.of()));
        }

        /** As a fetch outside of sessions would have it. */
        void check(String when) {
            var request = request(0, FINAL, 0, all());
            var full = (FetchResponse) data.call(ApiKeys.FETCH, FETCH, request);
            for (var told : full.data().responses()) {
                for (var partition : told.partitions()) {
                    int i = partition.partitionIndex();
                    assertEquals(view(partition), views[i], "partition " + i + " for " + replica + " " + when);
                    assertEquals(0, FetchResponse.recordsSize(partition), "records of " + i + " " + when);
                }
            }
        }
    }

    @Test
    void aSessionTellsWhatAFullFetchWouldTell() {
        open(directory);
        for (int seed = 0; seed < SEEDS; seed++) {
            run(new Random(seed), "topic" + seed);
        }
        data.close();
    }

    private void run(Random random, String name) {
        var topic = create(name);
        var clients = List.of(new Client(CONSUMER, topic), new Client(DataPath.OTHER, topic));
        for (int step = 0; step < STEPS; step++) {
            // Now and then the follower does not ask.
            var asking = step > 0 && random.nextInt(3) == 0 ? clients.subList(0, 1) : clients;
            var held = new ArrayList<CompletableFuture<Reply>>();
            for (var client : asking) {
                held.add(client.send(client.epoch == FULL || random.nextInt(3) == 0 ? 0 : MAX_WAIT_MS));
            }
            var when = "after step " + step + " of " + name + ": " + disturb(random, name, clients.get(1)) + ", "
                    + disturb(random, name, clients.get(1));
            clock.advance(MAX_WAIT_MS);
            for (int i = 0; i < asking.size(); i++) {
                asking.get(i).take(held.get(i));
            }
            // What one of them asks for may be news for the other. A response has room for one batch.
            for (int i = 0; i < STEPS; i++) {
                asking.forEach(client -> client.take(client.send(0)));
                if (i > 3 && asking.stream().allMatch(client -> client.changed.isEmpty())) {
                    break;
                }
            }
            if (asking == clients) {
                checkIsr(name, clients.get(1), when);
            }
            asking.forEach(client -> client.check(when));
        }
        clients.forEach(Client::endSession);
        data.deleteTopic(name);
    }

    private String disturb(Random random, String name, Client follower) {
        int partition = random.nextInt(PARTITIONS);
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> {
                return append(name, partition) ? "append to " + partition : "nobody to append to";
            }
            case 4 -> {
                try {
                    var leader = data.leader(name, partition);
                    leader.deleteRecordsBefore(leader.highWatermark());
                    return "delete from " + partition;
                } catch (ApiException e) {
                    return "nobody to delete from";
                }
            }
            case 5 -> {
                data.fence(DataPath.OTHER);
                return "fence";
            }
            case 6 -> {
                DataPath.register(metadata, DataPath.OTHER);
                follower.brokerEpoch = random.nextInt(5) == 0 ? follower.brokerEpoch : epochOf(DataPath.OTHER);
                return "register";
            }
            case 7 -> {
                data.metadata.apply(again(DataPath.OTHER));
                return "register again";
            }
            case 8 -> {
                data.fence(DataPath.NODE);
                DataPath.register(metadata, DataPath.NODE);
                return "fail over and register";
            }
            default -> {
                for (int i = 0; i < PARTITIONS; i++) {
                    elect(metadata.image().topics().byName(name).orElseThrow().id(), i);
                }
                return "elect";
            }
        }
    }

    /** It has been there all the time. */
    private Command.RegisterBroker again(int broker) {
        var known = metadata.image().broker(broker).orElseThrow();
        return new Command.RegisterBroker(
                broker, known.incarnation(), known.endpoints(), known.rack(), Features.supported());
    }

    private void elect(Uuid topic, int partition) {
        try {
            metadata.apply(new Command.ElectLeader(topic, partition, ElectionType.PREFERRED));
        } catch (ApiException e) {
            // There is no need, or nobody to be elected.
        }
    }

    private boolean append(String topic, int partition) {
        try {
            var leader = data.leader(topic, partition);
            leader.append(Batches.of("v"), AppendOrigin.CLIENT, (short) 1);
            leader.wake();
            return true;
        } catch (ApiException e) {
            return false;
        }
    }

    /** A follower that is here and has everything is in sync. */
    private void checkIsr(String name, Client follower, String when) {
        var broker = metadata.image().broker(DataPath.OTHER).orElseThrow();
        if (broker.fenced() || broker.epoch() != follower.brokerEpoch) {
            return;
        }
        for (var partition :
                metadata.image().topics().byName(name).orElseThrow().partitions()) {
            assertTrue(
                    partition.leader() != DataPath.NODE || partition.isr().contains(DataPath.OTHER),
                    () -> "the ISR of " + partition + " " + when);
        }
    }

    @Test
    void nothingIsMissedThatHappensAtTheSameTime() throws Exception {
        open(directory);
        var topic = create("t");
        var follower = new Client(DataPath.OTHER, topic);
        var consumer = new Client(CONSUMER, topic);
        consumer.maxBytes = 1_000;
        follower.maxBytes = 1_000;
        var writing = new AtomicBoolean(true);
        var writers = new ArrayList<CompletableFuture<Void>>();
        for (int i = 0; i < 2; i++) {
            int seed = i;
            writers.add(CompletableFuture.runAsync(() -> write(new Random(seed), writing)));
        }
        var fetchers = List.of(consumer, follower).stream()
                .map(client -> CompletableFuture.runAsync(() -> {
                    while (writing.get()) {
                        client.take(waitFor(client.send(client.epoch == FULL ? 0 : MAX_WAIT_MS)));
                    }
                }))
                .toList();
        writers.forEach(CompletableFuture::join);
        writing.set(false);
        fetchers.forEach(CompletableFuture::join);

        for (int calm = 0; calm < 4; calm++) {
            follower.take(follower.send(0));
            consumer.take(consumer.send(0));
            if (!follower.changed.isEmpty() || !consumer.changed.isEmpty()) {
                calm = 0;
            }
        }

        follower.check("at the end");
        consumer.check("at the end");
        data.close();
    }

    /** The clock goes on as long as a fetch waits. */
    private CompletableFuture<Reply> waitFor(CompletableFuture<Reply> reply) {
        while (!reply.isDone()) {
            Thread.onSpinWait();
            clock.advance(1);
        }
        return reply;
    }

    private void write(Random random, AtomicBoolean writing) {
        for (int i = 0; i < 4_000 && writing.get(); i++) {
            int partition = random.nextInt(PARTITIONS);
            append("t", partition);
            if (random.nextInt(10) == 0) {
                var leader = data.leader("t", partition);
                leader.deleteRecordsBefore(leader.highWatermark());
            }
        }
    }
}
