package io.odradek.broker;

import io.odradek.api.AddRaftVoterHandler;
import io.odradek.api.AlterConfigsHandler;
import io.odradek.api.AlterPartitionReassignmentsHandler;
import io.odradek.api.AlterReplicaLogDirsHandler;
import io.odradek.api.ApiDispatcher;
import io.odradek.api.ApiHandler;
import io.odradek.api.ApiVersionsHandler;
import io.odradek.api.BrokerLoggers;
import io.odradek.api.ConfigChanges;
import io.odradek.api.CreatePartitionsHandler;
import io.odradek.api.CreateTopicsHandler;
import io.odradek.api.DeleteRecordsHandler;
import io.odradek.api.DeleteTopicsHandler;
import io.odradek.api.DescribeClusterHandler;
import io.odradek.api.DescribeConfigsHandler;
import io.odradek.api.DescribeLogDirsHandler;
import io.odradek.api.DescribeProducersHandler;
import io.odradek.api.DescribeQuorumHandler;
import io.odradek.api.DescribeTopicPartitionsHandler;
import io.odradek.api.ElectLeadersHandler;
import io.odradek.api.FetchHandler;
import io.odradek.api.FindCoordinatorHandler;
import io.odradek.api.IncrementalAlterConfigsHandler;
import io.odradek.api.InitProducerIdHandler;
import io.odradek.api.InterBrokerListener;
import io.odradek.api.ListConfigResourcesHandler;
import io.odradek.api.ListOffsetsHandler;
import io.odradek.api.ListPartitionReassignmentsHandler;
import io.odradek.api.MetadataHandler;
import io.odradek.api.OffsetForLeaderEpochHandler;
import io.odradek.api.ProduceHandler;
import io.odradek.api.RemoveRaftVoterHandler;
import io.odradek.api.TopicAutoCreation;
import io.odradek.api.UnregisterBrokerHandler;
import io.odradek.api.UpdateFeaturesHandler;
import io.odradek.api.fetch.FetchSessions;
import io.odradek.api.fetch.PartitionFetcher;
import io.odradek.api.fetch.ReadReplicas;
import io.odradek.api.group.ConsumerGroupDescribeHandler;
import io.odradek.api.group.ConsumerGroupHeartbeatHandler;
import io.odradek.api.group.ConsumerProtocol;
import io.odradek.api.group.DeleteGroupsHandler;
import io.odradek.api.group.DescribeGroupsHandler;
import io.odradek.api.group.HeartbeatHandler;
import io.odradek.api.group.JoinGroupHandler;
import io.odradek.api.group.LeaveGroupHandler;
import io.odradek.api.group.ListGroupsHandler;
import io.odradek.api.group.OffsetCommitHandler;
import io.odradek.api.group.OffsetDeleteHandler;
import io.odradek.api.group.OffsetFetchHandler;
import io.odradek.api.group.SyncGroupHandler;
import io.odradek.api.group.TxnOffsetCommitHandler;
import io.odradek.api.transaction.AddOffsetsToTxnHandler;
import io.odradek.api.transaction.AddPartitionsToTxnHandler;
import io.odradek.api.transaction.DescribeTransactionsHandler;
import io.odradek.api.transaction.EndTxnHandler;
import io.odradek.api.transaction.ListTransactionsHandler;
import io.odradek.api.transaction.WriteTxnMarkersHandler;
import io.odradek.config.BrokerConfig;
import io.odradek.log.LogStore;
import io.odradek.metadata.DynamicSettings;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.Voters;
import io.odradek.replication.PartitionRegistry;
import io.odradek.replication.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/** Every API that a broker serves, with what its handler needs. What is not here is not in ApiVersions. */
final class ServedApis {
    private final BrokerConfig config;
    private final DynamicSettings settings;
    private final ChosenPlugins plugins;
    private final MetadataStore metadata;
    private final Voters voters;
    private final LogStore logs;
    private final PartitionRegistry partitions;
    private final Coordinators coordinators;
    private final InterBrokerListener interBroker;

    ServedApis(
            BrokerConfig config,
            DynamicSettings settings,
            ChosenPlugins plugins,
            MetadataStore metadata,
            Voters voters,
            LogStore logs,
            PartitionRegistry partitions,
            Coordinators coordinators) {
        this.config = config;
        this.settings = settings;
        this.plugins = plugins;
        this.metadata = metadata;
        this.voters = voters;
        this.logs = logs;
        this.partitions = partitions;
        this.coordinators = coordinators;
        this.interBroker = InterBrokerListener.named(config.listeners().interBrokerListenerName());
    }

    ApiDispatcher dispatcher(Timer timer, Executor blocking) {
        var handlers = new ArrayList<ApiHandler<?>>();
        handlers.addAll(ofRecords(timer, blocking));
        handlers.addAll(ofTransactions());
        handlers.addAll(ofGroups());
        handlers.addAll(ofConsumerGroups(blocking));
        handlers.addAll(ofTopics());
        handlers.addAll(ofTheCluster(blocking));
        handlers.addAll(ofConfigs(blocking));
        var served = handlers.stream().map(ApiHandler::apiKey).collect(Collectors.toSet());
        handlers.add(new ApiVersionsHandler(served, metadata, config.nodeId()));
        return new ApiDispatcher(handlers, plugins.quotas, interBroker);
    }

    private List<ApiHandler<?>> ofRecords(Timer timer, Executor blocking) {
        var access = plugins.access;
        var sessions = new FetchSessions(
                config.replication().maxIncrementalFetchSessionCacheSlots(), Time.SYSTEM, RandomGenerator.getDefault());
        BooleanSupplier metadataLeaderKnown = () -> metadata.quorum().leaderId() >= 0;
        return List.of(
                new ProduceHandler(
                        partitions, access, plugins.quotas, timer, coordinators.verifier, metadataLeaderKnown),
                new FetchHandler(
                        partitions,
                        new PartitionFetcher(partitions, readReplicas(), timer, metadataLeaderKnown),
                        sessions,
                        access,
                        plugins.quotas,
                        () -> settings.current().replication().fetchMaxBytes()),
                new ListOffsetsHandler(partitions, access, blocking),
                new OffsetForLeaderEpochHandler(partitions, access),
                new DeleteRecordsHandler(partitions, access, timer, blocking),
                new DescribeProducersHandler(partitions, access),
                new InitProducerIdHandler(coordinators.producerIds, coordinators.transactions, access));
    }

    private ReadReplicas readReplicas() {
        return config.replication()
                .replicaSelectorClass()
                .map(name ->
                        ReadReplicas.chosenBy(ReplicaSelectors.make(name, config), config.nodeId(), partitions::image))
                .orElseGet(ReadReplicas::leadersOnly);
    }

    private List<ApiHandler<?>> ofTransactions() {
        var access = plugins.access;
        var transactions = coordinators.transactions;
        return List.of(
                new AddPartitionsToTxnHandler(transactions, metadata::image, access),
                new AddOffsetsToTxnHandler(transactions, coordinators.groups.shards()::partitionFor, access),
                new EndTxnHandler(transactions, access),
                new WriteTxnMarkersHandler(coordinators.markers, access, interBroker),
                new DescribeTransactionsHandler(transactions, access),
                new ListTransactionsHandler(transactions, access));
    }

    private List<ApiHandler<?>> ofGroups() {
        var access = plugins.access;
        var groups = coordinators.groups;
        return List.of(
                new JoinGroupHandler(groups, config.groups(), access),
                new SyncGroupHandler(groups, access),
                new HeartbeatHandler(groups, access),
                new LeaveGroupHandler(groups, access),
                new DescribeGroupsHandler(groups, access),
                new ListGroupsHandler(groups, access),
                new DeleteGroupsHandler(groups, access),
                new OffsetCommitHandler(groups, metadata, access),
                new OffsetFetchHandler(groups, metadata, access),
                new OffsetDeleteHandler(groups, metadata, access),
                new TxnOffsetCommitHandler(groups, coordinators.verifier, metadata, access));
    }

    private List<ApiHandler<?>> ofConsumerGroups(Executor blocking) {
        var protocol = new ConsumerProtocol(metadata, () -> settings.current().consumerGroups());
        return List.of(
                new ConsumerGroupHeartbeatHandler(coordinators.groups, protocol, plugins.access, blocking),
                new ConsumerGroupDescribeHandler(coordinators.groups, protocol, plugins.access));
    }

    private List<ApiHandler<?>> ofTopics() {
        var access = plugins.access;
        var quotas = plugins.quotas;
        return List.of(
                new MetadataHandler(
                        metadata,
                        new TopicAutoCreation(
                                metadata,
                                config,
                                quotas,
                                List.of(coordinators.groupTopic, coordinators.transactionTopic),
                                Uuid::randomUuid),
                        access),
                new DescribeTopicPartitionsHandler(metadata, config, access),
                new CreateTopicsHandler(metadata, config, access, quotas, Uuid::randomUuid),
                new DeleteTopicsHandler(metadata, config, access, quotas),
                new CreatePartitionsHandler(metadata, access, quotas),
                new ElectLeadersHandler(metadata, access),
                new AlterPartitionReassignmentsHandler(metadata, access),
                new ListPartitionReassignmentsHandler(metadata, access));
    }

    private List<ApiHandler<?>> ofTheCluster(Executor blocking) {
        var access = plugins.access;
        return List.of(
                new DescribeClusterHandler(metadata, access),
                new DescribeQuorumHandler(metadata, access),
                new AddRaftVoterHandler(voters, metadata, access),
                new RemoveRaftVoterHandler(voters, metadata, access),
                new UpdateFeaturesHandler(metadata, config.topicDefaults().minInsyncReplicas(), access),
                new UnregisterBrokerHandler(metadata, access),
                new FindCoordinatorHandler(metadata, coordinators.groupTopic, coordinators.transactionTopic, access),
                new AlterReplicaLogDirsHandler(partitions, access, blocking),
                new DescribeLogDirsHandler(
                        logs, access, () -> settings.current().log().cordonedLogDirs(), blocking));
    }

    private List<ApiHandler<?>> ofConfigs(Executor blocking) {
        var access = plugins.access;
        var loggers = new BrokerLoggers();
        var changes = new ConfigChanges(metadata, access, settings, config.nodeId(), blocking);
        return List.of(
                new DescribeConfigsHandler(metadata, config, access, loggers),
                new AlterConfigsHandler(changes),
                new IncrementalAlterConfigsHandler(changes, access, loggers),
                new ListConfigResourcesHandler(metadata, access));
    }
}
