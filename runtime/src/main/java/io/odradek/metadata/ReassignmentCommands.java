package io.odradek.metadata;

import io.odradek.metadata.PartitionChange.Election;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.NoReassignmentInProgressException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Moving partitions between brokers (KIP-455). Errors and messages are those of Kafka's controller. */
final class ReassignmentCommands {
    private ReassignmentCommands() {}

    static PartitionImage alter(Draft draft, Command.AlterPartitionReassignment command) {
        var topic = draft.topics()
                .byName(command.topic())
                .orElseThrow(() ->
                        new UnknownTopicOrPartitionException("Unable to find a topic named " + command.topic() + "."));
        var partition = topic.partition(command.partition())
                .orElseThrow(() -> new UnknownTopicOrPartitionException(
                        "Unable to find partition " + command.topic() + ":" + command.partition() + "."));
        var change = command.target().isEmpty()
                ? cancelled(draft, topic, partition)
                : changed(draft, topic, partition, command.target().get(), command.factorMayChange());
        return PartitionCommands.change(draft, topic, partition, change);
    }

    private static PartitionChange cancelled(Draft draft, TopicImage topic, PartitionImage partition) {
        if (!partition.isReassigning()) {
            throw new NoReassignmentInProgressException("No partition reassignment is in progress.");
        }
        var rules = ElectionRules.of(draft, topic);
        var original = partition.originalReplicas();
        if (original.isEmpty()) {
            throw new InvalidReplicaAssignmentException(
                    "Invalid replica assignment: addingReplicas contains all replicas.");
        }
        var isr = Replicas.without(partition.isr(), partition.addingReplicas());
        if (isr.isEmpty() && Replicas.retained(partition.elr(), original).isEmpty()) {
            if (rules.election() != Election.UNCLEAN) {
                throw new InvalidReplicaAssignmentException("Unable to revert partition assignment for " + topic.name()
                        + ":" + partition.partition() + " because it would require an unclean leader election.");
            }
            isr = List.of(original.get(0));
        }
        return new PartitionChange(partition, draft::active, rules).isr(isr).replicas(original, List.of(), List.of());
    }

    private static PartitionChange changed(
            Draft draft, TopicImage topic, PartitionImage partition, List<Integer> target, boolean factorMayChange) {
        TopicCommands.validateAssignment(draft, target, OptionalInt.empty());
        // As Kafka counts: what the reassignment in progress would come to, if there is one.
        int factor = partition.targetReplicas().size();
        if (!factorMayChange && target.size() != factor) {
            throw new InvalidReplicationFactorException(
                    "The replication factor is changed from " + factor + " to " + target.size());
        }
        // Those a reassignment in progress was adding are replicas by now: if the new target lacks them, they go again,
        // and
        // if it has them, they still have to come into sync.
        var current = partition.replicas();
        var adding = target.stream()
                .filter(id ->
                        !current.contains(id) || partition.addingReplicas().contains(id))
                .sorted()
                .toList();
        var removing = Replicas.without(current, target).stream().sorted().toList();
        var all = new ArrayList<>(target);
        all.addAll(removing);
        return new PartitionChange(
                        partition, draft::active, ElectionRules.of(draft, topic).with(Election.CLEAN))
                .replicas(all, adding, removing);
    }
}
