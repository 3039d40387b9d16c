package io.odradek.metadata;

import static io.odradek.metadata.ProtoValues.known;
import static io.odradek.metadata.ProtoValues.toShort;

import io.odradek.metadata.proto.MetadataProto;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.common.ElectionType;

/** From messages to commands. */
final class CommandReader {
    private CommandReader() {}

    static Command<?> read(MetadataProto.Command proto) {
        return switch (known(proto).getKindCase()) {
            case INITIALIZE_CLUSTER -> initializeCluster(proto.getInitializeCluster());
            case CREATE_TOPIC -> createTopic(proto.getCreateTopic());
            case DELETE_TOPIC ->
                new Command.DeleteTopic(
                        ProtoValues.id(known(proto.getDeleteTopic()).getId()));
            case CREATE_PARTITIONS -> createPartitions(proto.getCreatePartitions());
            case INCREMENTAL_ALTER_CONFIGS -> alterConfigs(proto.getIncrementalAlterConfigs());
            case REPLACE_CONFIGS -> replaceConfigs(proto.getReplaceConfigs());
            case REGISTER_BROKER -> ProtoValues.registration(proto.getRegisterBroker());
            case FENCE_BROKER ->
                new Command.FenceBroker(
                        known(proto.getFenceBroker()).getId(),
                        proto.getFenceBroker().getEpoch());
            case UNREGISTER_BROKER ->
                new Command.UnregisterBroker(known(proto.getUnregisterBroker()).getId());
            case ALLOCATE_PRODUCER_IDS ->
                new Command.AllocateProducerIds(
                        known(proto.getAllocateProducerIds()).getBrokerId(),
                        proto.getAllocateProducerIds().getBrokerEpoch());
            case UPDATE_FEATURES -> updateFeatures(proto.getUpdateFeatures());
            case ALTER_PARTITION -> alterPartition(proto.getAlterPartition());
            case ELECT_LEADER -> electLeader(proto.getElectLeader());
            case ALTER_PARTITION_REASSIGNMENT -> reassignment(proto.getAlterPartitionReassignment());
            case CONTROLLED_SHUTDOWN ->
                new Command.ControlledShutdown(
                        known(proto.getControlledShutdown()).getBrokerId(),
                        proto.getControlledShutdown().getBrokerEpoch());
            case KIND_NOT_SET ->
                throw new UnknownFormatException(
                        "a metadata command that this version does not know: it was written by a newer one");
        };
    }

    private static Command<?> initializeCluster(MetadataProto.InitializeCluster proto) {
        return new Command.InitializeCluster(
                known(proto).getClusterId(), ProtoValues.levels(proto.getFeaturesList()), proto.getMinInsyncReplicas());
    }

    private static Command<?> createTopic(MetadataProto.CreateTopic proto) {
        return new Command.CreateTopic(
                ProtoValues.id(known(proto).getId()),
                proto.getName(),
                proto.getPartitions(),
                toShort(proto.getReplicationFactor()),
                ProtoValues.map(
                        proto.getAssignmentsList(),
                        MetadataProto.Assignment::getPartition,
                        a -> List.copyOf(a.getReplicasList())),
                ProtoValues.configs(proto.getConfigsList()));
    }

    private static Command<?> createPartitions(MetadataProto.CreatePartitions proto) {
        var assignments = known(proto).getAssignmentsList().stream()
                .map(a -> List.copyOf(known(a).getReplicasList()))
                .toList();
        return new Command.CreatePartitions(
                proto.getTopic(), proto.getCount(), proto.getAssigned() ? Optional.of(assignments) : Optional.empty());
    }

    private static Command<?> alterConfigs(MetadataProto.IncrementalAlterConfigs proto) {
        return new Command.IncrementalAlterConfigs(
                ProtoValues.resource(known(proto).getResource()),
                proto.getChangesList().stream().map(CommandReader::configChange).toList());
    }

    private static Command.ConfigChange configChange(MetadataProto.ConfigChange proto) {
        var operation = OpType.forId((byte) known(proto).getOperation());
        if (operation == null) {
            throw new UnknownFormatException("config operation " + proto.getOperation() + " is unknown");
        }
        return new Command.ConfigChange(
                proto.getName(), operation, proto.hasValue() ? Optional.of(proto.getValue()) : Optional.empty());
    }

    private static Command<?> replaceConfigs(MetadataProto.ReplaceConfigs proto) {
        return new Command.ReplaceConfigs(
                ProtoValues.resource(known(proto).getResource()),
                ProtoValues.map(
                        proto.getConfigsList(),
                        MetadataProto.OptionalConfig::getName,
                        c -> c.hasValue() ? Optional.of(c.getValue()) : Optional.empty()));
    }

    private static Command<?> updateFeatures(MetadataProto.UpdateFeatures proto) {
        return new Command.UpdateFeatures(
                ProtoValues.map(
                        known(proto).getUpdatesList(),
                        MetadataProto.FeatureUpdate::getName,
                        u -> new Command.FeatureUpdate(
                                toShort(u.getLevel()), UpgradeType.fromCode(u.getUpgradeType()))),
                proto.getMinInsyncReplicas());
    }

    private static Command<?> alterPartition(MetadataProto.AlterPartition proto) {
        return new Command.AlterPartition(
                known(proto).getBrokerId(),
                proto.getBrokerEpoch(),
                ProtoValues.id(proto.getTopicId()),
                proto.getPartition(),
                proto.getLeaderEpoch(),
                proto.getPartitionEpoch(),
                proto.getIsrList().stream()
                        .map(member -> new BrokerState(known(member).getId(), member.getEpoch()))
                        .toList());
    }

    private static Command<?> electLeader(MetadataProto.ElectLeader proto) {
        ElectionType type;
        try {
            type = ElectionType.valueOf((byte) known(proto).getType());
        } catch (IllegalArgumentException e) {
            throw new UnknownFormatException("election type " + proto.getType() + " is unknown");
        }
        return new Command.ElectLeader(ProtoValues.id(proto.getTopicId()), proto.getPartition(), type);
    }

    private static Command<?> reassignment(MetadataProto.AlterPartitionReassignment proto) {
        return new Command.AlterPartitionReassignment(
                known(proto).getTopic(),
                proto.getPartition(),
                proto.hasTarget()
                        ? Optional.of(List.copyOf(known(proto.getTarget()).getReplicasList()))
                        : Optional.empty(),
                proto.getFactorMayChange());
    }
}
