package io.odradek.metadata;

import io.odradek.config.TopicSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.Topic;
import org.pcollections.HashTreePMap;
import org.pcollections.TreePVector;

/** Topics and their partitions. Errors and messages are those of Kafka's controller. */
final class TopicCommands {
    /** As in Kafka: what one request may create. */
    static final int MAX_PARTITIONS_PER_COMMAND = 10_000;

    private TopicCommands() {}

    static TopicImage create(Draft draft, Command.CreateTopic command) {
        var topics = draft.topics();
        var count = command.assignments().isEmpty()
                ? command.partitions()
                : command.assignments().size();
        if (count > MAX_PARTITIONS_PER_COMMAND) {
            throw new PolicyViolationException("Excessively large number of partitions per request.");
        }
        if (topics.byName(command.name()).isPresent()) {
            throw new TopicExistsException("Topic '" + command.name() + "' already exists.");
        }
        Topic.validate(command.name());
        topics.colliding(command.name()).ifPresent(other -> {
            throw new InvalidTopicException("Topic '" + command.name() + "' collides with existing topic: " + other);
        });
        if (topics.byId(command.id()).isPresent()) {
            throw new InvalidRequestException("Topic id " + command.id() + " is already in use.");
        }
        TopicSettings.validate(command.configs());
        ConfigCommands.checkSizes(command.configs().values());
        var partitions = command.assignments().isEmpty() ? placed(draft, command) : assigned(draft, command);
        var topic = new TopicImage(
                command.id(), command.name(), TreePVector.from(partitions), HashTreePMap.from(command.configs()));
        draft.createTopic(topic);
        return topic;
    }

    private static List<PartitionImage> assigned(Draft draft, Command.CreateTopic command) {
        if (command.replicationFactor() != -1) {
            throw new InvalidRequestException(
                    "A manual partition assignment was specified, but replication factor was not set to -1.");
        }
        if (command.partitions() != -1) {
            throw new InvalidRequestException(
                    "A manual partition assignment was specified, but numPartitions was not set to -1.");
        }
        var partitions = new ArrayList<PartitionImage>();
        var replicationFactor = OptionalInt.empty();
        for (int partition = 0; partition < command.assignments().size(); partition++) {
            var replicas = command.assignments().get(partition);
            if (replicas == null) {
                throw new InvalidReplicaAssignmentException(
                        "partitions should be a consecutive 0-based integer sequence");
            }
            partitions.add(assigned(draft, partition, replicas, replicationFactor));
            replicationFactor = OptionalInt.of(replicas.size());
        }
        return partitions;
    }

    private static PartitionImage assigned(
            Draft draft, int partition, List<Integer> replicas, OptionalInt replicationFactor) {
        validateAssignment(draft, replicas, replicationFactor);
        var isr = replicas.stream().filter(draft::active).toList();
        if (isr.isEmpty()) {
            throw new InvalidReplicaAssignmentException(
                    "All brokers specified in the manual partition assignment for partition " + partition
                            + " are fenced or in controlled shutdown.");
        }
        return PartitionImage.created(partition, replicas, isr);
    }

    static void validateAssignment(Draft draft, List<Integer> replicas, OptionalInt replicationFactor) {
        if (replicas.isEmpty()) {
            throw new InvalidReplicaAssignmentException(
                    "The manual partition assignment includes an empty replica list.");
        }
        Integer previous = null;
        for (var broker : replicas.stream().sorted().toList()) {
            if (!draft.brokers().containsKey(broker)) {
                throw new InvalidReplicaAssignmentException("The manual partition assignment includes broker " + broker
                        + ", but no such broker is registered.");
            }
            if (broker.equals(previous)) {
                throw new InvalidReplicaAssignmentException(
                        "The manual partition assignment includes the broker " + broker + " more than once.");
            }
            previous = broker;
        }
        if (replicationFactor.isPresent() && replicationFactor.getAsInt() != replicas.size()) {
            throw new InvalidReplicaAssignmentException("The manual partition assignment includes a partition with "
                    + replicas.size() + " replica(s), but this is not consistent with previous partitions, which have "
                    + replicationFactor.getAsInt() + " replica(s).");
        }
    }

    private static List<PartitionImage> placed(Draft draft, Command.CreateTopic command) {
        if (command.replicationFactor() <= 0) {
            throw new InvalidReplicationFactorException(
                    "Replication factor must be larger than 0, or -1 to use the default value.");
        }
        if (command.partitions() <= 0) {
            throw new InvalidPartitionsException("Number of partitions was set to an invalid non-positive value.");
        }
        try {
            return placed(
                    draft,
                    ReplicaPlacement.place(
                            draft.brokers().values(),
                            command.id(),
                            0,
                            command.partitions(),
                            command.replicationFactor()),
                    0);
        } catch (InvalidReplicationFactorException e) {
            throw new InvalidReplicationFactorException(
                    "Unable to replicate the partition " + command.replicationFactor() + " time(s): " + e.getMessage());
        }
    }

    /** The placement gave each of them a leader that is in service. */
    private static List<PartitionImage> placed(Draft draft, List<List<Integer>> assignments, int first) {
        var partitions = new ArrayList<PartitionImage>(assignments.size());
        for (var replicas : assignments) {
            var isr = replicas.stream().filter(draft::active).toList();
            partitions.add(PartitionImage.created(first + partitions.size(), replicas, isr));
        }
        return partitions;
    }

    static Command.Done delete(Draft draft, Command.DeleteTopic command) {
        draft.deleteTopic(draft.topics().byId(command.id()).orElseThrow(TopicCommands::unknownId));
        return Command.Done.DONE;
    }

    private static UnknownTopicIdException unknownId() {
        return new UnknownTopicIdException("This server does not host this topic ID.");
    }

    static TopicImage createPartitions(Draft draft, Command.CreatePartitions command) {
        var topic = draft.topics().byName(command.topic()).orElseThrow(TopicCommands::unknownTopic);
        int existing = topic.partitions().size();
        if (command.count() == existing) {
            throw new InvalidPartitionsException("Topic already has " + existing + " partition(s).");
        }
        if (command.count() < existing) {
            throw new InvalidPartitionsException("The topic " + topic.name() + " currently has " + existing
                    + " partition(s); " + command.count() + " would not be an increase.");
        }
        int additional = command.count() - existing;
        int replicationFactor = topic.partitions().get(0).targetReplicas().size();
        if (additional > MAX_PARTITIONS_PER_COMMAND) {
            throw new PolicyViolationException("Excessively large number of partitions per request.");
        }
        if (command.assignments().isEmpty()) {
            var placed = ReplicaPlacement.place(
                    draft.brokers().values(), topic.id(), existing, additional, replicationFactor);
            return draft.addPartitions(topic, placed(draft, placed, existing));
        }
        var assignments = command.assignments().get();
        if (assignments.size() != additional) {
            throw new InvalidReplicaAssignmentException("Attempted to add " + additional
                    + " additional partition(s), but only " + assignments.size() + " assignment(s) were specified.");
        }
        var added = new ArrayList<PartitionImage>();
        for (var replicas : assignments) {
            added.add(assigned(draft, existing + added.size(), replicas, OptionalInt.of(replicationFactor)));
        }
        return draft.addPartitions(topic, added);
    }

    private static UnknownTopicOrPartitionException unknownTopic() {
        return new UnknownTopicOrPartitionException("This server does not host this topic-partition.");
    }
}
