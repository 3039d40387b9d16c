package io.odradek.api;

import io.odradek.ManualClock;
import io.odradek.api.fetch.FetchSessions;
import io.odradek.api.fetch.PartitionFetcher;
import io.odradek.api.fetch.ReadReplicas;
import io.odradek.config.LogConfig;
import io.odradek.log.LogSlice;
import io.odradek.log.LogStore;
import io.odradek.log.LogStoreConfig;
import io.odradek.metadata.Command;
import io.odradek.metadata.Endpoint;
import io.odradek.metadata.Features;
import io.odradek.metadata.InMemoryMetadataStore;
import io.odradek.metadata.TopicImage;
import io.odradek.replication.PartitionLeader;
import io.odradek.replication.PartitionRegistry;
import io.odradek.replication.Replication;
import io.odradek.security.AccessControl;
import io.odradek.security.ClientIdentity;
import io.odradek.security.Quotas;
import io.odradek.spi.Authorizer;
import io.odradek.spi.QuotaEnforcer;
import io.odradek.transaction.NoTransactions;
import io.odradek.transaction.TransactionVerifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * The handlers that read and write partitions, over real logs and metadata without Raft, by a clock that stands still.
 * Requests and responses go through their encoding, as over a socket.
 */
final class DataPath implements AutoCloseable {
    static final int NODE = 1;
    static final int OTHER = 2;
    static final String LISTENER = "PLAINTEXT";
    /** {@code fetch.max.bytes}. */
    static final int FETCH_MAX_BYTES = 1 << 20;

    final ManualClock clock;
    final InMemoryMetadataStore metadata;
    final LogStore logs;
    final PartitionRegistry partitions;
    private final List<Path> directories;
    private final ScheduledExecutorService background = Executors.newScheduledThreadPool(1);
    final ApiDispatcher dispatcher;
    TransactionVerifier transactions;
    /** Whether this broker sees who leads the metadata. */
    boolean metadataLeaderKnown = true;

    private String clientId = "client";

    /** A new broker with its data below {@code directory}. */
    static DataPath create(Path directory) {
        return create(List.of(directory), Authorizer.allowAll(), QuotaEnforcer.unlimited());
    }

    static DataPath create(List<Path> directories, Authorizer authorizer, QuotaEnforcer quotas) {
        var metadata = new InMemoryMetadataStore(NODE);
        metadata.apply(new Command.InitializeCluster("test-cluster", Features.latest()));
        register(metadata, NODE);
        return new DataPath(
                directories, metadata, authorizer, quotas, new ManualClock(1_700_000_000_000L), Optional.empty());
    }

    /** Over this metadata, in which it is registered; with followers, whom it takes into the ISR and out of it. */
    static DataPath replicating(
            Path directory, InMemoryMetadataStore metadata, ManualClock clock, Replication.Environment environment) {
        return new DataPath(
                List.of(directory),
                metadata,
                Authorizer.allowAll(),
                QuotaEnforcer.unlimited(),
                clock,
                Optional.of(environment));
    }

    private DataPath(
            List<Path> directories,
            InMemoryMetadataStore metadata,
            Authorizer authorizer,
            QuotaEnforcer enforcer,
            ManualClock clock,
            Optional<Replication.Environment> environment) {
        this.clock = clock;
        this.directories = directories;
        this.metadata = metadata;
        logs = LogStore.open(
                LogStoreConfig.of(directories, "test-cluster", NODE, LogConfig.defaults()), clock, background);
        partitions = new PartitionRegistry(
                NODE,
                logs,
                (image, topic) ->
                        LogConfig.of(image.topics().byName(topic).orElseThrow().configs()),
                Runnable::run);
        environment.ifPresent(partitions::replicate);
        metadata.addListener(partitions);
        partitions.start();
        transactions = NoTransactions.verifier(partitions);
        var access = new AccessControl(authorizer);
        var quotas = new Quotas(enforcer, clock::nanoseconds);
        dispatcher = new ApiDispatcher(List.of(
                new ProduceHandler(
                        partitions,
                        access,
                        quotas,
                        clock,
                        (id, producer, epoch, batches, support) ->
                                transactions.verifyOrAdd(id, producer, epoch, batches, support),
                        () -> metadataLeaderKnown),
                new FetchHandler(
                        partitions,
                        new PartitionFetcher(partitions, ReadReplicas.leadersOnly(), clock, () -> metadataLeaderKnown),
                        new FetchSessions(10, clock, new Random(7)),
                        access,
                        quotas,
                        () -> FETCH_MAX_BYTES),
                new ListOffsetsHandler(partitions, access, Runnable::run),
                new DeleteRecordsHandler(partitions, access, clock, Runnable::run),
                new InitProducerIdHandler(new ProducerIds(metadata, NODE), NoTransactions.coordinator(), access),
                new OffsetForLeaderEpochHandler(partitions, access),
                new DescribeProducersHandler(partitions, access),
                new AlterReplicaLogDirsHandler(partitions, access, Runnable::run),
                new DescribeLogDirsHandler(logs, access, List::of, Runnable::run)));
    }

    /** Stops this one and starts another over the same data. */
    DataPath restart() {
        close();
        return new DataPath(
                directories,
                new InMemoryMetadataStore(NODE, metadata.image()),
                Authorizer.allowAll(),
                QuotaEnforcer.unlimited(),
                new ManualClock(1_700_000_000_000L),
                Optional.empty());
    }

    static void register(InMemoryMetadataStore metadata, int id) {
        metadata.apply(new Command.RegisterBroker(
                id,
                Uuid.randomUuid(),
                List.of(new Endpoint(LISTENER, "host" + id, 9090 + id, SecurityProtocol.PLAINTEXT)),
                Optional.of("rack" + id),
                Features.supported()));
    }

    /** Takes another broker into service, which never fetches anything. */
    void registerOther() {
        register(metadata, OTHER);
    }

    void fence(int broker) {
        metadata.apply(new Command.FenceBroker(
                broker, metadata.image().broker(broker).orElseThrow().epoch()));
    }

    TopicImage createTopic(String name, int partitions, Map<String, String> configs) {
        return metadata.apply(
                new Command.CreateTopic(Uuid.randomUuid(), name, partitions, (short) 1, Map.of(), configs));
    }

    TopicImage createTopic(String name) {
        return createTopic(name, 1, Map.of());
    }

    /** One partition on both brokers, led by this one. */
    TopicImage createReplicatedTopic(String name, Map<String, String> configs) {
        return metadata.apply(new Command.CreateTopic(
                Uuid.randomUuid(), name, -1, (short) -1, Map.of(0, List.of(NODE, OTHER)), configs));
    }

    void deleteTopic(String name) {
        metadata.apply(new Command.DeleteTopic(
                metadata.image().topics().byName(name).orElseThrow().id()));
    }

    PartitionLeader leader(String topic, int partition) {
        return partitions.leader(topic, partition);
    }

    DataPath as(String client) {
        clientId = client;
        return this;
    }

    /** Sends a request; the future completes when the handler has answered. */
    CompletableFuture<Reply> send(ApiKeys api, int version, ApiMessage request) {
        short v = (short) version;
        var bytes = MessageUtil.toByteBufferAccessor(request, v);
        var header = new RequestHeader(api, v, clientId, 1);
        var client = ClientIdentity.anonymous(
                LISTENER, SecurityProtocol.PLAINTEXT, InetSocketAddress.createUnresolved("client", 1));
        return dispatcher
                .dispatch(
                        new RequestContext(client, header, clock.nanoseconds()),
                        AbstractRequest.parseRequest(api, v, bytes).request)
                .toCompletableFuture();
    }

    /** Sends a request that is answered at once. */
    AbstractResponse call(ApiKeys api, int version, ApiMessage request) {
        return response(api, version, send(api, version, request));
    }

    static AbstractResponse response(ApiKeys api, int version, CompletableFuture<Reply> reply) {
        if (!reply.isDone()) {
            throw new AssertionError(api + " is not answered yet");
        }
        if (!(reply.join() instanceof Reply.Respond respond)) {
            throw new AssertionError("no response but " + reply.join());
        }
        if (respond.response().data() instanceof FetchResponseData fetch) {
            loadRecords(fetch);
        }
        var bytes = MessageUtil.toByteBufferAccessor(respond.response().data(), (short) version);
        return AbstractResponse.parseResponse(api, bytes, (short) version);
    }

    /** What the network does with file slices, less fast. */
    private static void loadRecords(FetchResponseData fetch) {
        for (var topic : fetch.responses()) {
            for (var partition : topic.partitions()) {
                if (partition.records() instanceof LogSlice slice) {
                    try (slice) {
                        partition.setRecords(slice.load());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                } else if (partition.records() == null) {
                    partition.setRecords(MemoryRecords.EMPTY);
                }
            }
        }
    }

    @Override
    public void close() {
        logs.close();
        background.shutdownNow();
    }
}
