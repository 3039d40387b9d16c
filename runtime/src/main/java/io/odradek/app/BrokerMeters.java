package io.odradek.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.odradek.broker.Broker;
import io.odradek.broker.ClusterCensus;
import io.odradek.log.LogDirectoryDescription;
import io.odradek.raft.RaftStatus;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.util.function.ToDoubleFunction;

/** The broker's meters; their names are documented in docs/metrics.md, which a test holds against what is exported. */
@ApplicationScoped
class BrokerMeters {
    private final MeterRegistry registry;

    BrokerMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Gauges that ask the broker when they are read. */
    void bind(Broker broker) {
        raft(broker, "odradek.raft.term", "Current term of the metadata quorum", RaftStatus::term);
        raft(
                broker,
                "odradek.raft.leader",
                "Node id of the quorum's leader, -1 if none is known",
                RaftStatus::leaderId);
        raft(broker, "odradek.raft.commit.index", "Index of the last committed entry", RaftStatus::commitIndex);
        raft(broker, "odradek.raft.applied.index", "Index of the last applied entry", RaftStatus::appliedIndex);
        raft(
                broker,
                "odradek.raft.snapshot.index",
                "Last entry that the newest snapshot covers",
                RaftStatus::snapshotIndex);
        raft(
                broker,
                "odradek.raft.queued.commands",
                "Commands proposed and not yet applied",
                RaftStatus::queuedCommands);
        Gauge.builder("odradek.raft.log.size", broker, b -> b.raftStatus().logBytes())
                .description("Size of the metadata log since the newest snapshot")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("odradek.request.memory", broker, Broker::requestMemoryBytes)
                .description("Memory of requests that are incomplete or not decided yet")
                .baseUnit("bytes")
                .register(registry);
        cluster(broker);
        replication(broker);
        Gauge.builder("odradek.topics", broker, b -> b.image().topics().size())
                .description("Topics of the cluster")
                .register(registry);
        Gauge.builder("odradek.partitions", broker, Broker::partitions)
                .description("Partitions that this broker leads")
                .register(registry);
        var readings = new DirectoryReadings(broker::logDirectories, System::nanoTime);
        for (var directory : broker.logDirectories()) {
            var path = directory.path();
            directory(path, "odradek.log.directory.size", "Size of all logs in the directory", readings, d -> size(d));
            directory(
                    path,
                    "odradek.log.directory.usable",
                    "Bytes that the directory's disk can still take",
                    readings,
                    d -> d.usableBytes());
            Gauge.builder("odradek.log.directory.offline", broker, b -> offline(b, path) ? 1 : 0)
                    .description("1 if the directory failed and its partitions are out of service")
                    .tag("directory", path.toString())
                    .register(registry);
        }
    }

    private void cluster(Broker broker) {
        gauge(
                broker,
                "odradek.controller.active",
                "1 if this node is the active controller",
                b -> b.members().activeController() ? 1 : 0);
        gauge(broker, "odradek.members", "Nodes that this one is connected to, itself among them", b -> b.members()
                .nodes()
                .size());
        census(broker, "odradek.brokers.active", "Brokers in service", ClusterCensus::activeBrokers);
        census(broker, "odradek.brokers.fenced", "Brokers out of service", ClusterCensus::fencedBrokers);
        census(
                broker,
                "odradek.partitions.total",
                "Partitions of all topics of the cluster",
                ClusterCensus::partitions);
        census(
                broker,
                "odradek.partitions.offline",
                "Partitions of the cluster without a leader",
                ClusterCensus::offlinePartitions);
        census(
                broker,
                "odradek.partitions.imbalanced",
                "Partitions of the cluster not led by their preferred replica",
                ClusterCensus::preferredReplicaImbalance);
        census(
                broker,
                "odradek.partitions.replicas",
                "Partitions that this broker is a replica of",
                ClusterCensus::replicas);
        census(
                broker,
                "odradek.partitions.under.replicated",
                "Partitions led here with fewer replicas in sync than they have",
                ClusterCensus::underReplicated);
        census(
                broker,
                "odradek.partitions.under.min.isr",
                "Partitions led here with fewer replicas in sync than min.insync.replicas",
                ClusterCensus::underMinIsr);
        census(
                broker,
                "odradek.partitions.at.min.isr",
                "Partitions led here with as many replicas in sync as min.insync.replicas",
                ClusterCensus::atMinIsr);
        census(
                broker,
                "odradek.partitions.reassigning",
                "Partitions led here that are on their way to other brokers",
                ClusterCensus::reassigning);
        FunctionCounter.builder("odradek.isr.shrinks", broker, Broker::isrShrinks)
                .description("Times a replica left the ISR of a partition led here")
                .register(registry);
        FunctionCounter.builder("odradek.isr.expands", broker, Broker::isrExpands)
                .description("Times a replica joined the ISR of a partition led here")
                .register(registry);
    }

    private void replication(Broker broker) {
        gauge(
                broker,
                "odradek.replication.max.lag",
                "Committed records that the replica lacks that lags behind most, of those that follow here",
                Broker::maxReplicationLag);
        FunctionCounter.builder("odradek.replication.received", broker, b -> b.replicationTraffic()
                        .bytesIn())
                .description("Bytes of records received from leaders")
                .baseUnit("bytes")
                .register(registry);
        FunctionCounter.builder("odradek.replication.sent", broker, b -> b.replicationTraffic()
                        .bytesOut())
                .description("Bytes of records sent to followers")
                .baseUnit("bytes")
                .register(registry);
        throttled(broker, "leader", b -> b.replicationTraffic().throttledRateOut());
        throttled(broker, "follower", b -> b.replicationTraffic().throttledRateIn());
    }

    private void throttled(Broker broker, String side, ToDoubleFunction<Broker> rate) {
        Gauge.builder("odradek.replication.throttled.bytes.per.second", broker, rate)
                .description("Bytes a second of throttled replicas, as it is held against the quota")
                .tag("side", side)
                .register(registry);
    }

    private void census(Broker broker, String name, String description, ToDoubleFunction<ClusterCensus> value) {
        gauge(broker, name, description, b -> value.applyAsDouble(b.census()));
    }

    private void gauge(Broker broker, String name, String description, ToDoubleFunction<Broker> value) {
        Gauge.builder(name, broker, value).description(description).register(registry);
    }

    private void raft(Broker broker, String name, String description, ToDoubleFunction<RaftStatus> value) {
        Gauge.builder(name, broker, b -> value.applyAsDouble(b.raftStatus()))
                .description(description)
                .register(registry);
    }

    private void directory(
            Path path,
            String name,
            String description,
            DirectoryReadings readings,
            ToDoubleFunction<LogDirectoryDescription> value) {
        Gauge.builder(name, () -> readings.of(path).map(value::applyAsDouble).orElse(Double.NaN))
                .strongReference(true)
                .description(description)
                .baseUnit("bytes")
                .tag("directory", path.toString())
                .register(registry);
    }

    private static double size(LogDirectoryDescription directory) {
        return directory.sizes().values().stream().mapToLong(Long::longValue).sum()
                + directory.coming().values().stream()
                        .mapToLong(LogDirectoryDescription.FutureReplica::sizeInBytes)
                        .sum();
    }

    private static boolean offline(Broker broker, Path path) {
        return broker.health().offlineLogDirectories().contains(path.toString());
    }
}
