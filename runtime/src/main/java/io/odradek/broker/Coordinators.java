package io.odradek.broker;

import io.odradek.api.ProducerIds;
import io.odradek.config.BrokerConfig;
import io.odradek.coordinator.CoordinatorShard;
import io.odradek.coordinator.InternalTopic;
import io.odradek.coordinator.PartitionedRuntime;
import io.odradek.coordinator.RecordTypes;
import io.odradek.coordinator.ShardContext;
import io.odradek.coordinator.ShardEnvironment;
import io.odradek.group.GroupCoordinator;
import io.odradek.group.ShardParts.KindFactory;
import io.odradek.group.classic.ClassicGroups;
import io.odradek.group.consumer.ConsumerGroups;
import io.odradek.metadata.BrokerImage;
import io.odradek.metadata.DynamicSettings;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.PartitionImage;
import io.odradek.replication.PartitionRegistry;
import io.odradek.replication.Timer;
import io.odradek.transaction.BrokerRequests;
import io.odradek.transaction.LocalMarkers;
import io.odradek.transaction.MarkerDestination;
import io.odradek.transaction.PartitionVerification;
import io.odradek.transaction.RemoteMarkers;
import io.odradek.transaction.TransactionCoordinator;
import io.odradek.transaction.TransactionVerifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.Time;

/** The coordinators of a broker, and the topics that they keep their state in. */
final class Coordinators implements AutoCloseable {
    /** Every kind of group that is served. */
    private static final List<KindFactory> KINDS_OF_GROUPS = List.of(ClassicGroups::new, ConsumerGroups::new);

    final InternalTopic groupTopic;
    final InternalTopic transactionTopic;
    final GroupCoordinator groups;
    final ProducerIds producerIds;
    final TransactionCoordinator transactions;
    /** Into the partitions of this broker. */
    final MarkerDestination markers;

    final TransactionVerifier verifier;

    private final MetadataStore metadata;
    private final PartitionRegistry partitions;
    private final Executor executor;
    private final Executor loading;
    private final Timer timer;
    private final List<PartitionedRuntime<?>> runtimes;

    /**
     * @param others how to ask other brokers
     * @param executor runs the state machines
     * @param loading threads that may wait for disks
     */
    Coordinators(
            DynamicSettings settings,
            MetadataStore metadata,
            PartitionRegistry partitions,
            BrokerRequests others,
            Executor executor,
            Executor loading,
            Timer timer) {
        this.metadata = metadata;
        this.partitions = partitions;
        this.executor = executor;
        this.loading = loading;
        this.timer = timer;
        var config = settings.current();
        groupTopic = groupTopic(config, metadata);
        transactionTopic = transactionTopic(config, metadata);
        var groupShards = runtime(
                groupTopic,
                GroupCoordinator.recordTypes(),
                GroupCoordinator.shards(KINDS_OF_GROUPS, ClassicGroups::simple, settings::current),
                config.groups().offsetsCommitTimeoutMs(),
                CompressionType.forId(config.groups().offsetsTopicCompressionCodec()));
        groups = new GroupCoordinator(groupShards);
        producerIds = new ProducerIds(metadata, config.nodeId());
        long requestTimeoutMs = config.sockets().requestTimeoutMs();
        markers = new LocalMarkers(partitions, groupShards, timer, Time.SYSTEM, requestTimeoutMs);
        var remoteMarkers = new RemoteMarkers(others);
        var transactionShards = new ArrayList<PartitionedRuntime<?>>();
        transactions = new TransactionCoordinator(
                factory -> {
                    var shards = runtime(
                            transactionTopic,
                            TransactionCoordinator.recordTypes(),
                            factory,
                            requestTimeoutMs,
                            CompressionType.NONE);
                    transactionShards.add(shards);
                    return shards;
                },
                () -> settings.current().transactions(),
                metadata::image,
                producerIds::next,
                broker -> markers(config.nodeId(), broker, remoteMarkers),
                timer);
        verifier = new PartitionVerification(
                config.nodeId(),
                partitions,
                transactions,
                this::transactionCoordinator,
                others,
                () -> settings.current().transactions(),
                timer,
                Time.SYSTEM);
        runtimes = List.of(groupShards, transactionShards.get(0));
    }

    private Optional<MarkerDestination> markers(int nodeId, int broker, RemoteMarkers remote) {
        if (broker == nodeId) {
            return Optional.of(markers);
        }
        return broker == PartitionImage.NO_LEADER ? Optional.empty() : Optional.of(remote.to(broker));
    }

    private OptionalInt transactionCoordinator(String transactionalId) {
        return transactionTopic.coordinator(metadata.image(), transactionalId).stream()
                .mapToInt(BrokerImage::id)
                .findFirst();
    }

    private <S extends CoordinatorShard> PartitionedRuntime<S> runtime(
            InternalTopic topic,
            RecordTypes types,
            Function<ShardContext, S> factory,
            long commitTimeoutMs,
            CompressionType compression) {
        var runtime = new PartitionedRuntime<>(
                new ShardEnvironment<>(
                        types,
                        factory,
                        metadata::image,
                        executor,
                        loading,
                        timer,
                        Time.SYSTEM,
                        Uuid::randomUuid,
                        commitTimeoutMs,
                        compression),
                topic);
        partitions.addLeadershipListener(runtime);
        metadata.addListener(runtime);
        return runtime;
    }

    private static InternalTopic groupTopic(BrokerConfig config, MetadataStore metadata) {
        var settings = config.groups();
        return new InternalTopic(
                Topic.GROUP_METADATA_TOPIC_NAME,
                settings.offsetsTopicPartitions(),
                settings.offsetsTopicReplicationFactor(),
                Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_COMPACT,
                        TopicConfig.COMPRESSION_TYPE_CONFIG,
                        "producer",
                        TopicConfig.SEGMENT_BYTES_CONFIG,
                        String.valueOf(settings.offsetsTopicSegmentBytes())),
                metadata,
                Uuid::randomUuid);
    }

    private static InternalTopic transactionTopic(BrokerConfig config, MetadataStore metadata) {
        var settings = config.transactions();
        return new InternalTopic(
                Topic.TRANSACTION_STATE_TOPIC_NAME,
                settings.topicPartitions(),
                settings.topicReplicationFactor(),
                Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_COMPACT,
                        TopicConfig.COMPRESSION_TYPE_CONFIG,
                        "uncompressed",
                        TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG,
                        "false",
                        TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
                        String.valueOf(settings.topicMinIsr()),
                        TopicConfig.SEGMENT_BYTES_CONFIG,
                        String.valueOf(settings.topicSegmentBytes())),
                metadata,
                Uuid::randomUuid);
    }

    /** Answers who waits. */
    @Override
    public void close() {
        runtimes.forEach(PartitionedRuntime::close);
    }
}
