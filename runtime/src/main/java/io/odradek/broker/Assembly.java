package io.odradek.broker;

import io.odradek.config.BrokerConfig;
import io.odradek.config.LogConfig;
import io.odradek.log.ByteQuota;
import io.odradek.log.LogMaintenance;
import io.odradek.log.LogStore;
import io.odradek.log.LogStoreConfig;
import io.odradek.metadata.Command.RegisterBroker;
import io.odradek.metadata.DynamicSettings;
import io.odradek.metadata.EffectiveConfig;
import io.odradek.metadata.Features;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataStore;
import io.odradek.network.BrokerClient;
import io.odradek.network.BrokerClientConfig;
import io.odradek.network.KafkaServer;
import io.odradek.network.NetworkConfig;
import io.odradek.network.RequestMetrics;
import io.odradek.raft.RaftConfig;
import io.odradek.raft.RaftException;
import io.odradek.raft.RaftMetadata;
import io.odradek.replication.PartitionRegistry;
import io.odradek.replication.Replication;
import io.odradek.replication.ReplicationTraffic;
import io.odradek.replication.SchedulerTimer;
import io.odradek.replication.Timer;
import java.io.IOException;
import java.util.Deque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/**
 * Makes the parts of one broker from its settings. Each part, once made, is put on {@code closing} with how it is
 * closed, so that a start that fails half way leaves nothing behind. Used by the thread that starts the broker.
 */
final class Assembly {
    /** Below {@code metadata.log.dir}. No partition's directory has such a name: those end with a number. */
    private static final String METADATA_DIRECTORY = "metadata";

    /** Two, so that one long flush of idle logs does not hold up checkpoints and retention. */
    private static final int BACKGROUND_THREADS = 2;

    /** Threads for reads that may wait for a disk. */
    private static final int BLOCKING_THREADS = 4;

    /** Reads that wait for one of those threads; beyond it clients are told to try again. */
    private static final int BLOCKING_QUEUE = 1000;

    private final BrokerConfig config;
    private final Deque<Runnable> closing;

    Assembly(BrokerConfig config, Deque<Runnable> closing) {
        this.config = config;
        this.closing = closing;
    }

    /** Retention, checkpoints, closing idle files, deleting files: nothing that a client waits for. */
    ScheduledExecutorService background() {
        var executor = new ScheduledThreadPoolExecutor(BACKGROUND_THREADS, threads("background"));
        executor.setRemoveOnCancelPolicy(true);
        closing.push(executor::shutdownNow);
        return executor;
    }

    /** For reads that may wait for a disk. Its threads go when there is nothing to do. */
    ExecutorService blocking() {
        var executor = new ThreadPoolExecutor(
                BLOCKING_THREADS,
                BLOCKING_THREADS,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(BLOCKING_QUEUE),
                threads("blocking"));
        executor.allowCoreThreadTimeOut(true);
        closing.push(executor::shutdownNow);
        return executor;
    }

    SchedulerTimer timer() {
        var timer = new SchedulerTimer(threads("timer"));
        closing.push(timer::close);
        return timer;
    }

    private ThreadFactory threads(String purpose) {
        var count = new AtomicInteger();
        return task -> {
            var thread = new Thread(task, "odradek-" + config.nodeId() + "-" + purpose + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    ChosenPlugins plugins() {
        var plugins = ChosenPlugins.load(config);
        closing.push(plugins::close);
        return plugins;
    }

    KafkaServer bind(ChosenPlugins plugins, RequestMetrics metrics) throws IOException {
        var server = KafkaServer.bind(NetworkConfig.of(config), plugins.identities, metrics);
        closing.push(server::close);
        return server;
    }

    /** The log directories are ours from now on; their logs are still to be loaded. */
    LogStore logDirectories(String clusterId, ScheduledExecutorService background) {
        var settings = config.log();
        var logs = LogStore.lock(
                new LogStoreConfig(
                        settings.logDirs(),
                        clusterId,
                        config.nodeId(),
                        config.topicDefaults(),
                        settings.numRecoveryThreadsPerDataDir(),
                        config.limits().maxOpenFiles(),
                        settings.flushOffsetCheckpointIntervalMs(),
                        settings.producerIdExpirationMs(),
                        LogStoreConfig.DEFAULT_IDLE_CLOSE_MS,
                        config.limits().maxDecompressedBatchBytes()),
                Time.SYSTEM,
                background);
        closing.push(logs::close);
        return logs;
    }

    /** Loads the logs, which need the settings that are in force for their recovery, and begins to look after them. */
    void maintain(LogStore logs, DynamicSettings settings, ScheduledExecutorService background) {
        settings.whenChanged((before, after) -> logs.reconfigure(after.log()));
        logs.requireVerification(() -> settings.current().transactions().partitionVerificationEnable());
        var moves = new ByteQuota(config.quotas().alterLogDirs(), Time.SYSTEM);
        settings.whenChanged(
                (before, after) -> moves.limit(after.replicationRates().alterLogDirs()));
        logs.moveWith(config.log().numReplicaAlterLogDirsThreads(), moves);
        logs.load();
        var maintenance = LogMaintenance.start(logs, settings.current().log(), Time.SYSTEM, background);
        closing.push(maintenance::close);
        settings.whenChanged((before, after) -> maintenance.reconfigure(after.log()));
    }

    /** Has the network heed the settings as they are now, and whenever they change. */
    void follow(KafkaServer server, DynamicSettings settings) {
        settings.checkedBy((before, after) -> server.check(NetworkConfig.of(after)));
        settings.whenChanged((before, after) -> server.reconfigure(NetworkConfig.of(after)));
    }

    RaftMetadata metadata(String clusterId, Consumer<RaftException> onFailure, CompletableFuture<?> abandoned) {
        var settings = config.metadata();
        var directory = settings.logDir().orElse(config.log().logDirs().get(0)).resolve(METADATA_DIRECTORY);
        var alone = new RaftConfig(
                directory,
                clusterId,
                config.nodeId(),
                settings.snapshotMaxNewRecordBytes(),
                Math.min(settings.segmentBytes(), RaftConfig.DEFAULT_SEGMENT_BYTES));
        var metadata =
                RaftMetadata.start(QuorumMembership.of(config).map(alone::in).orElse(alone), onFailure, abandoned);
        closing.push(metadata::close);
        return metadata;
    }

    PartitionRegistry partitions(LogStore logs, MetadataStore metadata, ScheduledExecutorService background) {
        var partitions = new PartitionRegistry(config.nodeId(), logs, this::logConfig, background);
        metadata.addListener(partitions);
        return partitions;
    }

    private LogConfig logConfig(MetadataImage image, String topic) {
        return image.topics()
                .byName(topic)
                .map(t -> EffectiveConfig.logConfig(config, image, t))
                .orElse(config.topicDefaults());
    }

    /** The settings as they are changed while the broker runs. */
    DynamicSettings settings(MetadataStore metadata) {
        var settings = new DynamicSettings(config);
        metadata.addListener(settings);
        return settings;
    }

    /** How this broker speaks to others. */
    BrokerClient client(DynamicSettings settings, MetadataStore metadata) {
        var listener = config.listeners().interBrokerListenerName();
        var client = BrokerClient.start(
                BrokerClientConfig.of(settings.current()),
                broker -> metadata.image().broker(broker).flatMap(b -> b.endpoint(listener)));
        closing.push(client::close);
        settings.whenChanged((before, after) -> client.reconfigure(BrokerClientConfig.of(after)));
        metadata.addListener(client);
        return client;
    }

    /** Has partitions follow and be followed. */
    void replicate(
            PartitionRegistry partitions,
            BrokerClient client,
            DynamicSettings settings,
            MetadataStore metadata,
            Timer timer) {
        client.requireUsable();
        var clientId = "broker-" + config.nodeId() + "-fetcher-";
        var traffic = new ReplicationTraffic(config.quotas().replication(), Time.SYSTEM);
        settings.whenChanged((before, after) -> traffic.limit(after.replicationRates()));
        var replication = partitions.replicate(new Replication.Environment(
                settings.current().replication(),
                (leader, fetcher) -> client.connectTo(leader, clientId + fetcher),
                new AlterPartitions(metadata, config.nodeId()),
                Time.SYSTEM,
                timer,
                traffic));
        closing.push(replication::close);
        settings.whenChanged((before, after) ->
                replication.resizeFetchers(after.replication().numReplicaFetchers()));
    }

    Coordinators coordinators(
            DynamicSettings settings,
            MetadataStore metadata,
            PartitionRegistry partitions,
            BrokerClient client,
            ScheduledExecutorService background,
            Timer timer) {
        var executor = new ThreadPoolExecutor(
                config.groups().coordinatorThreads(),
                config.groups().coordinatorThreads(),
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                threads("coordinator"));
        executor.allowCoreThreadTimeOut(true);
        closing.push(executor::shutdown);
        var coordinators = new Coordinators(settings, metadata, partitions, client, executor, background, timer);
        closing.push(coordinators::close);
        return coordinators;
    }

    BrokerRegistration registration(MetadataStore metadata, Timer timer) {
        var registration = new BrokerRegistration(metadata, config.nodeId(), timer);
        closing.push(registration::close);
        return registration;
    }

    /** The duties of the active controller, for when this node is that. */
    void controller(RaftMetadata metadata, Timer timer) {
        var controller = new Controller(metadata, config.controller(), timer);
        closing.push(controller::close);
        metadata.addListener(controller);
        metadata.addMembersListener(controller);
    }

    RegisterBroker asRegistered(LogStore logs, DynamicSettings settings, KafkaServer server) {
        return new RegisterBroker(
                config.nodeId(),
                Uuid.randomUuid(),
                Endpoints.of(settings.current().listeners().listeners(), server.ports()),
                config.rack(),
                Features.supported(),
                logs.previousBrokerEpoch());
    }
}
