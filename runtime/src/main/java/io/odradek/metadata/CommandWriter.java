package io.odradek.metadata;

import io.odradek.metadata.proto.MetadataProto;
import java.util.List;

/** From commands to their messages. */
final class CommandWriter {
    private CommandWriter() {}

    static MetadataProto.Command write(Command<?> command) {
        var proto = MetadataProto.Command.newBuilder();
        if (command instanceof Command.CreateTopic c) {
            proto.setCreateTopic(createTopic(c));
        } else if (command instanceof Command.DeleteTopic c) {
            proto.setDeleteTopic(MetadataProto.DeleteTopic.newBuilder().setId(ProtoValues.id(c.id())));
        } else if (command instanceof Command.CreatePartitions c) {
            proto.setCreatePartitions(createPartitions(c));
        } else if (command instanceof Command.IncrementalAlterConfigs c) {
            proto.setIncrementalAlterConfigs(alterConfigs(c));
        } else if (command instanceof Command.ReplaceConfigs c) {
            proto.setReplaceConfigs(replaceConfigs(c));
        } else if (command instanceof Command.RegisterBroker c) {
            proto.setRegisterBroker(ProtoValues.registration(c));
        } else if (command instanceof Command.FenceBroker c) {
            proto.setFenceBroker(
                    MetadataProto.FenceBroker.newBuilder().setId(c.id()).setEpoch(c.epoch()));
        } else if (command instanceof Command.UnregisterBroker c) {
            proto.setUnregisterBroker(
                    MetadataProto.UnregisterBroker.newBuilder().setId(c.id()));
        } else if (command instanceof Command.AllocateProducerIds c) {
            proto.setAllocateProducerIds(MetadataProto.AllocateProducerIds.newBuilder()
                    .setBrokerId(c.brokerId())
                    .setBrokerEpoch(c.brokerEpoch()));
        } else if (command instanceof Command.InitializeCluster c) {
            proto.setInitializeCluster(MetadataProto.InitializeCluster.newBuilder()
                    .setClusterId(c.clusterId())
                    .addAllFeatures(ProtoValues.levels(c.features()))
                    .setMinInsyncReplicas(c.minInsyncReplicas()));
        } else if (command instanceof Command.UpdateFeatures c) {
            proto.setUpdateFeatures(updateFeatures(c));
        } else if (command instanceof Command.AlterPartition c) {
            proto.setAlterPartition(alterPartition(c));
        } else if (command instanceof Command.ElectLeader c) {
            proto.setElectLeader(MetadataProto.ElectLeader.newBuilder()
                    .setTopicId(ProtoValues.id(c.topicId()))
                    .setPartition(c.partition())
                    .setType(c.type().value));
        } else if (command instanceof Command.AlterPartitionReassignment c) {
            proto.setAlterPartitionReassignment(reassignment(c));
        } else if (command instanceof Command.ControlledShutdown c) {
            proto.setControlledShutdown(MetadataProto.ControlledShutdown.newBuilder()
                    .setBrokerId(c.brokerId())
                    .setBrokerEpoch(c.brokerEpoch()));
        } else {
            throw new IllegalStateException("no message for " + command.getClass());
        }
        return proto.build();
    }

    private static MetadataProto.CreateTopic createTopic(Command.CreateTopic c) {
        var proto = MetadataProto.CreateTopic.newBuilder()
                .setId(ProtoValues.id(c.id()))
                .setName(c.name())
                .setPartitions(c.partitions())
                .setReplicationFactor(c.replicationFactor())
                .addAllConfigs(ProtoValues.configs(c.configs()));
        c.assignments().forEach((partition, replicas) -> proto.addAssignments(assignment(partition, replicas)));
        return proto.build();
    }

    private static MetadataProto.CreatePartitions createPartitions(Command.CreatePartitions c) {
        var proto = MetadataProto.CreatePartitions.newBuilder()
                .setTopic(c.topic())
                .setCount(c.count())
                .setAssigned(c.assignments().isPresent());
        c.assignments().ifPresent(all -> all.forEach(replicas -> proto.addAssignments(assignment(0, replicas))));
        return proto.build();
    }

    private static MetadataProto.Assignment assignment(int partition, List<Integer> replicas) {
        return MetadataProto.Assignment.newBuilder()
                .setPartition(partition)
                .addAllReplicas(replicas)
                .build();
    }

    private static MetadataProto.IncrementalAlterConfigs alterConfigs(Command.IncrementalAlterConfigs c) {
        var proto = MetadataProto.IncrementalAlterConfigs.newBuilder().setResource(ProtoValues.resource(c.resource()));
        for (var change : c.changes()) {
            var changeProto = MetadataProto.ConfigChange.newBuilder()
                    .setName(change.name())
                    .setOperation(change.operation().id());
            change.value().ifPresent(changeProto::setValue);
            proto.addChanges(changeProto);
        }
        return proto.build();
    }

    private static MetadataProto.ReplaceConfigs replaceConfigs(Command.ReplaceConfigs c) {
        return MetadataProto.ReplaceConfigs.newBuilder()
                .setResource(ProtoValues.resource(c.resource()))
                .addAllConfigs(ProtoValues.list(c.configs(), (name, value) -> {
                    var config = MetadataProto.OptionalConfig.newBuilder().setName(name);
                    value.ifPresent(config::setValue);
                    return config.build();
                }))
                .build();
    }

    private static MetadataProto.UpdateFeatures updateFeatures(Command.UpdateFeatures c) {
        return MetadataProto.UpdateFeatures.newBuilder()
                .addAllUpdates(ProtoValues.list(c.updates(), (name, update) -> MetadataProto.FeatureUpdate.newBuilder()
                        .setName(name)
                        .setLevel(update.level())
                        .setUpgradeType(update.upgradeType().code())
                        .build()))
                .setMinInsyncReplicas(c.minInsyncReplicas())
                .build();
    }

    private static MetadataProto.AlterPartition alterPartition(Command.AlterPartition c) {
        var proto = MetadataProto.AlterPartition.newBuilder()
                .setBrokerId(c.brokerId())
                .setBrokerEpoch(c.brokerEpoch())
                .setTopicId(ProtoValues.id(c.topicId()))
                .setPartition(c.partition())
                .setLeaderEpoch(c.leaderEpoch())
                .setPartitionEpoch(c.partitionEpoch());
        for (var member : c.isr()) {
            proto.addIsr(
                    MetadataProto.BrokerState.newBuilder().setId(member.id()).setEpoch(member.epoch()));
        }
        return proto.build();
    }

    private static MetadataProto.AlterPartitionReassignment reassignment(Command.AlterPartitionReassignment c) {
        var proto = MetadataProto.AlterPartitionReassignment.newBuilder()
                .setTopic(c.topic())
                .setPartition(c.partition())
                .setFactorMayChange(c.factorMayChange());
        c.target().ifPresent(replicas -> proto.setTarget(assignment(c.partition(), replicas)));
        return proto.build();
    }
}
