package io.odradek.broker;

import io.odradek.config.BrokerConfig;
import io.odradek.log.LogDirectoryDescription;
import io.odradek.log.LogStore;
import io.odradek.metadata.MetadataImage;
import io.odradek.network.KafkaServer;
import io.odradek.network.RequestMetrics;
import io.odradek.raft.RaftMetadata;
import io.odradek.raft.RaftStatus;
import io.odradek.replication.PartitionRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.jboss.logging.Logger;

/**
 * A broker: storage, metadata, partitions, APIs and network, put together. Several live in one JVM.
 *
 * <p>Threading: {@link #start} and {@link #close} are for one thread; the rest may be called from any.
 */
public final class Broker implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Broker.class);

    /** How long requests in flight may take to finish when the broker stops. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Deque<Runnable> closing = new ArrayDeque<>();
    private final int nodeId;
    private KafkaServer server;
    private LogStore logs;
    private RaftMetadata metadata;
    private PartitionRegistry partitions;
    private volatile boolean listenersOpen;
    private volatile boolean metadataWritable = true;

    private Broker(int nodeId) {
        this.nodeId = nodeId;
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
        var broker = new Broker(config.nodeId());
        try {
            broker.open(config, metrics);
            return broker;
        } catch (Exception e) {
            broker.close();
            throw new BrokerStartException("the broker cannot start: " + e.getMessage(), e);
        }
    }

    private void open(BrokerConfig config, RequestMetrics metrics) throws Exception {
        var assembly = new Assembly(config, closing);
        var plugins = assembly.plugins();
        // Before anything is written: a port in use or a certificate that cannot be read stops the start here.
        server = assembly.bind(plugins, metrics);
        var formattedFor = LogStore.clusterIdOf(config.log().logDirs());
        if (formattedFor.isEmpty()) {
            server.requireUsable(); // else the metadata may have certificates for it
        }
        var clusterId = formattedFor.or(config.metadata()::clusterId).orElseGet(() -> Uuid.randomUuid()
                .toString());
        var background = assembly.background();
        logs = assembly.logDirectories(clusterId, background);
        metadata = assembly.metadata(clusterId, this::onMetadataFailure);
        var settings = assembly.settings(metadata);
        assembly.follow(server, settings);
        server.requireUsable();
        assembly.maintain(logs, settings, background);
        partitions = assembly.partitions(logs, metadata, background);
        var timer = assembly.timer();
        var client = assembly.client(settings, metadata);
        var coordinators = assembly.coordinators(settings, metadata, partitions, client, background, timer);
        assembly.register(
                metadata, clusterId, Endpoints.of(settings.current().listeners().listeners(), server.ports()));
        partitions.start();
        var apis = new ServedApis(config, settings, plugins, metadata, logs, partitions, coordinators);
        server.serve(apis.dispatcher(timer, assembly.blocking()));
        listenersOpen = true;
        LOG.infof(
                "Broker %d of cluster %s serves %s",
                nodeId, metadata.image().clusterId().orElseThrow(), server.ports());
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

    public Health health() {
        var offline = logs.offlineDirectories().stream().map(Path::toString).toList();
        return new Health(true, metadataWritable, logs.directoryCount() > offline.size(), offline, listenersOpen);
    }

    /**
     * @param metadataApplied what was committed before the start is applied
     * @param metadataWritable the metadata log works
     * @param hasLogDirectory at least one log directory is recovered and online
     * @param listenersOpen clients are let in
     */
    public record Health(
            boolean metadataApplied,
            boolean metadataWritable,
            boolean hasLogDirectory,
            List<String> offlineLogDirectories,
            boolean listenersOpen) {}

    /**
     * Stops accepting, finishes requests in flight, flushes and marks the shutdown as clean. Returns when no thread of
     * this broker is left. Idempotent.
     */
    @Override
    public void close() {
        if (listenersOpen) {
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
}
