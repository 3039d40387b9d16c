package io.odradek.broker;

import io.odradek.api.ApiDispatcher;
import io.odradek.api.ApiHandler;
import io.odradek.api.ApiVersionsHandler;
import io.odradek.api.CreateTopicsHandler;
import io.odradek.api.DeleteRecordsHandler;
import io.odradek.api.DescribeLogDirsHandler;
import io.odradek.api.DescribeProducersHandler;
import io.odradek.api.FetchHandler;
import io.odradek.api.InitProducerIdHandler;
import io.odradek.api.ListOffsetsHandler;
import io.odradek.api.MetadataHandler;
import io.odradek.api.OffsetForLeaderEpochHandler;
import io.odradek.api.ProduceHandler;
import io.odradek.api.ProducerIds;
import io.odradek.api.TopicAutoCreation;
import io.odradek.api.fetch.FetchSessions;
import io.odradek.api.fetch.PartitionFetcher;
import io.odradek.config.BrokerConfig;
import io.odradek.config.LogConfig;
import io.odradek.log.LogStore;
import io.odradek.log.LogStoreConfig;
import io.odradek.metadata.Command;
import io.odradek.metadata.Endpoint;
import io.odradek.metadata.Features;
import io.odradek.metadata.InMemoryMetadataStore;
import io.odradek.network.IdentityResolver;
import io.odradek.network.KafkaServer;
import io.odradek.network.ListenerConfig;
import io.odradek.network.NetworkConfig;
import io.odradek.network.RequestMetrics;
import io.odradek.replication.PartitionRegistry;
import io.odradek.replication.SchedulerTimer;
import io.odradek.security.AccessControl;
import io.odradek.security.Quotas;
import io.odradek.transaction.NoTransactions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.utils.Time;

/** Network, handlers and logs on a real port; only the metadata is not replicated but in memory. */
final class OneNode implements AutoCloseable {
    private static final int ID = 1;
    private static final String LISTENER = "PLAINTEXT";

    private final Path directory;
    private final InMemoryMetadataStore metadata;
    private final ScheduledExecutorService background = Executors.newScheduledThreadPool(1);
    private final ExecutorService blocking = Executors.newFixedThreadPool(1);
    private final SchedulerTimer timer = new SchedulerTimer(task -> new Thread(task, "timer"));
    private final LogStore logs;
    private final KafkaServer server;

    static OneNode create(Path directory) throws IOException {
        var metadata = new InMemoryMetadataStore(ID);
        metadata.apply(new Command.InitializeCluster("test-cluster", Features.latest()));
        return new OneNode(directory, metadata);
    }

    private OneNode(Path directory, InMemoryMetadataStore metadata) throws IOException {
        this.directory = directory;
        this.metadata = metadata;
        server = KafkaServer.bind(
                NetworkConfig.builder()
                        .listener(ListenerConfig.plaintext(LISTENER, "localhost", 0))
                        .networkThreads(2)
                        .build(),
                IdentityResolver.ofTransport(),
                RequestMetrics.NONE);
        logs = LogStore.open(
                LogStoreConfig.of(List.of(directory), "test-cluster", ID, LogConfig.defaults()),
                Time.SYSTEM,
                background);
        var partitions = new PartitionRegistry(
                ID,
                logs,
                (image, topic) ->
                        LogConfig.of(image.topics().byName(topic).orElseThrow().configs()),
                background);
        metadata.addListener(partitions);
        metadata.apply(new Command.RegisterBroker(
                ID,
                Uuid.randomUuid(),
                List.of(new Endpoint(LISTENER, "localhost", server.port(LISTENER), SecurityProtocol.PLAINTEXT)),
                Optional.empty(),
                Features.supported()));
        partitions.start();
        server.serve(dispatcher(partitions));
    }

    private ApiDispatcher dispatcher(PartitionRegistry partitions) {
        var config = BrokerConfig.of(Map.of(
                "node.id", "" + ID, "log.dirs", directory.toString(), "listeners", "PLAINTEXT://localhost:9092"));
        var access = AccessControl.allowAll();
        var quotas = Quotas.unlimited();
        var handlers = new ArrayList<ApiHandler<?>>(List.of(
                new ProduceHandler(partitions, access, quotas, timer, NoTransactions.verifier(partitions), () -> true),
                new FetchHandler(
                        partitions,
                        new PartitionFetcher(partitions, timer),
                        new FetchSessions(100, Time.SYSTEM, new Random(1)),
                        access,
                        quotas,
                        () -> config.replication().fetchMaxBytes()),
                new ListOffsetsHandler(partitions, access, blocking),
                new DeleteRecordsHandler(partitions, access, timer, blocking),
                new InitProducerIdHandler(new ProducerIds(metadata, ID), NoTransactions.coordinator(), access),
                new OffsetForLeaderEpochHandler(partitions, access),
                new DescribeProducersHandler(partitions, access),
                new DescribeLogDirsHandler(logs, access, List::of, blocking),
                new CreateTopicsHandler(metadata, config, access, quotas, Uuid::randomUuid),
                new MetadataHandler(
                        metadata,
                        new TopicAutoCreation(metadata, config, quotas, List.of(), Uuid::randomUuid),
                        access)));
        var served = handlers.stream().map(ApiHandler::apiKey).collect(Collectors.toSet());
        handlers.add(new ApiVersionsHandler(served, metadata, ID));
        return new ApiDispatcher(handlers);
    }

    String bootstrapServers() {
        return "localhost:" + server.port(LISTENER);
    }

    /** Stops this one and starts another over the same data, on another port. */
    OneNode restart() throws IOException {
        close();
        return new OneNode(directory, new InMemoryMetadataStore(ID, metadata.image()));
    }

    @Override
    public void close() {
        server.close();
        timer.close();
        logs.close();
        blocking.shutdownNow();
        background.shutdownNow();
    }
}
