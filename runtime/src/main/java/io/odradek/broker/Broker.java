package io.odradek.broker;

import io.odradek.config.BrokerConfig;
import io.odradek.log.LogDirectoryDescription;
import io.odradek.log.LogStore;
import io.odradek.metadata.EffectiveConfig;
import io.odradek.metadata.MetadataImage;
import io.odradek.network.KafkaServer;
import io.odradek.network.RequestMetrics;
import io.odradek.raft.Members;
import io.odradek.raft.RaftMetadata;
import io.odradek.raft.RaftStatus;
import io.odradek.replication.PartitionRegistry;
import io.odradek.replication.ReplicationTraffic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigException;
import org.jboss.logging.Logger;

/**
 * A broker: storage, metadata, partitions, APIs and network, put together. Several live in one JVM. A node that is only a
 * controller ({@code process.roles=controller}) is one, too, with no partitions and no clients.
 *
 * <p>Threading: {@link #start} and {@link #close} are for one thread; the rest may be called from any.
 */
public final class Broker implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Broker.class);

    /** How long requests in flight may take to finish when the broker stops. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    /** How long handing over may take: without a quorum it cannot be done, and the others will fence this broker. */
    private static final Duration HAND_OVER = Duration.ofSeconds(5);

    private final Deque<Runnable> closing = new ArrayDeque<>();
    private final BrokerConfig config;
    private final int nodeId;
    private final boolean isBroker;
    private final boolean isOneOfSeveral;
    private final IsrChanges isrChanges;
    private KafkaServer server;
    private LogStore logs;
    private RaftMetadata metadata;
    private BrokerRegistration registration;
    private PartitionRegistry partitions;
    private volatile Members members = new Members(Set.of(), false, false);
    private volatile Count lastCount = new Count(MetadataImage.EMPTY, ClusterCensus.EMPTY);
    private volatile boolean listenersOpen;
    private volatile boolean metadataWritable = true;

    private Broker(BrokerConfig config) {
        this.config = config;
        nodeId = config.nodeId();
        isBroker = config.metadata().isBroker();
        isOneOfSeveral = !config.isAlone();
        isrChanges = new IsrChanges(nodeId);
    }

    /** As {@link #start(BrokerConfig, RequestMetrics)}, unobserved. */
    public static Broker start(BrokerConfig config) {
        return start(config, RequestMetrics.NONE);
    }

    /**
     * Starts a broker; when this returns it serves clients.
     *
     * @throws BrokerStartException in one line for the operator; nothing is left running
     */
    public static Broker start(BrokerConfig config, RequestMetrics metrics) {
        return start(config, metrics, new CompletableFuture<>());
    }

    /**
     * As {@link #start(BrokerConfig, RequestMetrics)}.
     *
     * @param abandoned once it is completed, by any thread, the start does not wait for a quorum any longer and fails; the cause is a
     *     {@link io.odradek.raft.StartAbandonedException} then
     */
    public static Broker start(BrokerConfig config, RequestMetrics metrics, CompletableFuture<?> abandoned) {
        var broker = new Broker(config);
        try {
            broker.open(metrics, abandoned);
            return broker;
        } catch (Exception e) {
            broker.close();
            throw new BrokerStartException("the broker cannot start: " + e.getMessage(), e);
        }
    }

    private void open(RequestMetrics metrics, CompletableFuture<?> abandoned) throws Exception {
        var assembly = new Assembly(config, closing);
        var plugins = assembly.plugins();
        // Before anything is written: a port in use or a certificate that cannot be read stops the start here.
        server = assembly.bind(plugins, metrics);
        var formattedFor = LogStore.clusterIdOf(config.log().logDirs());
        if (formattedFor.isEmpty()) {
            server.requireUsable(); // else the metadata may have certificates for it
        }
        var clusterId = formattedFor.or(config.metadata()::clusterId).orElseGet(() -> idOfNewCluster(config));
        var background = assembly.background();
        logs = assembly.logDirectories(clusterId, background);
        metadata = assembly.metadata(clusterId, this::onMetadataFailure, abandoned);
        metadata.addMembersListener(now -> members = now);
        var timer = assembly.timer();
        assembly.controller(metadata, timer);
        registration = assembly.registration(metadata, timer);
        var patience = config.controller().registrationTimeout();
        registration.begin(clusterId, config.topicDefaults().minInsyncReplicas(), patience);
        if (isOneOfSeveral) {
            registration.fenceEarlierLife(patience);
        }
        var settings = assembly.settings(metadata);
        assembly.follow(server, settings);
        server.requireUsable();
        assembly.maintain(logs, settings, background);
        partitions = assembly.partitions(logs, metadata, background);
        metadata.addListener(isrChanges);
        if (!isBroker) {
            LOG.infof("Node %d of cluster %s votes, and is no broker", nodeId, clusterId);
            return;
        }
        var client = assembly.client(settings, metadata);
        var coordinators = assembly.coordinators(settings, metadata, partitions, client, background, timer);
        if (isOneOfSeveral) {
            assembly.replicate(partitions, client, settings, metadata, timer);
        }
        logs.registered(registration.register(assembly.asRegistered(logs, settings, server), patience));
        partitions.start();
        var apis =
                new ServedApis(config, settings, plugins, metadata, metadata.voters(), logs, partitions, coordinators);
        server.serve(apis.dispatcher(timer, assembly.blocking()));
        listenersOpen = true;
        LOG.infof(
                "Broker %d of cluster %s serves %s",
                nodeId, metadata.image().clusterId().orElseThrow(), server.ports());
    }

    /** Nodes that take one at random each would never find each other. */
    private static String idOfNewCluster(BrokerConfig config) {
        if (!config.metadata().isOnlyVoter(config.nodeId())) {
            throw new ConfigException(
                    "odradek.cluster.id (in the environment CLUSTER_ID) must be set, to the same on all"
                            + " nodes, where controller.quorum.voters names others than this one");
        }
        return Uuid.randomUuid().toString();
    }

    private void onMetadataFailure(Exception failure) {
        metadataWritable = false;
        LOG.fatalf("The metadata log failed, this broker changes no metadata any more: %s", failure.getMessage());
    }

    /** The bound port of a listener. */
    public int port(String listener) {
        return server.port(listener);
    }

    public int nodeId() {
        return nodeId;
    }

    public MetadataImage image() {
        return metadata.image();
    }

    public RaftStatus raftStatus() {
        return metadata.status();
    }

    public List<LogDirectoryDescription> logDirectories() {
        return logs.describe();
    }

    /** Memory of requests that are incomplete or not decided yet, in bytes. */
    public long requestMemoryBytes() {
        return server.requestMemoryBytes();
    }

    /** How many partitions this broker leads. */
    public int partitions() {
        return partitions.leaderCount();
    }

    /** The nodes that this one is connected to, itself among them, and what follows for the quorum. */
    public Members members() {
        return members;
    }

    /** What there is to count in the metadata. Counts again only if something has changed. */
    public ClusterCensus census() {
        var image = metadata.image();
        var count = lastCount;
        if (count.image != image) {
            count = new Count(
                    image, ClusterCensus.of(image, nodeId, topic -> EffectiveConfig.logConfig(config, image, topic)
                            .minInsyncReplicas()));
            lastCount = count;
        }
        return count.census;
    }

    private record Count(MetadataImage image, ClusterCensus census) {}

    /** What is replicated from and to other brokers. */
    public ReplicationTraffic replicationTraffic() {
        return partitions.traffic();
    }

    /** How many committed records the replica lacks that lags behind most, of those that follow here. */
    public long maxReplicationLag() {
        return partitions.maxLag();
    }

    /** How often the ISR of a partition led here became smaller. */
    public long isrShrinks() {
        return isrChanges.shrinks();
    }

    /** How often the ISR of a partition led here became larger. */
    public long isrExpands() {
        return isrChanges.expands();
    }

    public Health health() {
        var offline = logs.offlineDirectories().stream().map(Path::toString).toList();
        return new Health(
                true,
                metadataWritable,
                members.quorum() || !isOneOfSeveral,
                logs.directoryCount() > offline.size(),
                offline,
                registration.inService() || !isBroker,
                listenersOpen || !isBroker);
    }

    /**
     * @param metadataApplied what was committed before the start is applied
     * @param metadataWritable the metadata log works
     * @param quorum a majority of those who vote on metadata is connected: without it nothing can be changed
     * @param hasLogDirectory at least one log directory is recovered and online
     * @param inService the broker is registered and not fenced; or it is none, but only a controller
     * @param listenersOpen clients are let in; or there are none to let in
     */
    public record Health(
            boolean metadataApplied,
            boolean metadataWritable,
            boolean quorum,
            boolean hasLogDirectory,
            List<String> offlineLogDirectories,
            boolean inService,
            boolean listenersOpen) {}

    /**
     * Hands over what it leads if others can lead it, stops accepting, finishes requests in flight, flushes and marks the
     * shutdown as clean. Returns when no thread of this broker is left. Idempotent.
     */
    @Override
    public void close() {
        if (listenersOpen) {
            handOver();
            listenersOpen = false;
            server.close(GRACE);
        }
        while (!closing.isEmpty()) {
            try {
                closing.pop().run();
            } catch (RuntimeException e) {
                LOG.errorf(e, "A part of the broker did not close well");
            }
        }
    }

    /** Clients find the new leaders while this broker still answers them. */
    private void handOver() {
        if (!isOneOfSeveral || !config.controller().controlledShutdown() || !members.quorum()) {
            return;
        }
        try {
            if (registration.leave(HAND_OVER)) {
                LOG.infof("Broker %d has handed over what it led", nodeId);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
