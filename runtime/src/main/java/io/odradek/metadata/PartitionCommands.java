package io.odradek.metadata;

import io.odradek.metadata.PartitionChange.Election;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.EligibleLeadersNotAvailableException;
import org.apache.kafka.common.errors.FencedLeaderEpochException;
import org.apache.kafka.common.errors.IneligibleReplicaException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidUpdateVersionException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.errors.PreferredLeaderNotAvailableException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** ISR and leader of single partitions, and steps over many of them. Errors are those of Kafka's controller. */
final class PartitionCommands {
    private PartitionCommands() {}

    static PartitionImage alter(Draft draft, Command.AlterPartition command) {
        BrokerCommands.registered(draft, command.brokerId(), command.brokerEpoch());
        var topic = draft.topics()
                .byId(command.topicId())
                .orElseThrow(() -> new UnknownTopicIdException("This server does not host this topic ID."));
        var partition = topic.partition(command.partition())
                .orElseThrow(() -> new UnknownTopicOrPartitionException(
                        "No such partition as " + topic.name() + "-" + command.partition()));
        validateEpochs(command, partition);
        validateIsr(draft, command, partition);
        var members = command.isr().stream().map(BrokerState::id).toList();
        return change(
                draft,
                topic,
                partition,
                new PartitionChange(partition, draft::active, ElectionRules.of(draft, topic)).isr(members));
    }

    private static void validateEpochs(Command.AlterPartition command, PartitionImage partition) {
        if (command.leaderEpoch() > partition.leaderEpoch() || command.partitionEpoch() > partition.partitionEpoch()) {
            // The leader knows more than this log says: it has not asked the controller.
            throw new NotControllerException("Leader epoch " + partition.leaderEpoch() + " and partition epoch "
                    + partition.partitionEpoch() + " are known, not " + command.leaderEpoch() + " and "
                    + command.partitionEpoch() + ".");
        }
        if (command.leaderEpoch() < partition.leaderEpoch()) {
            throw new FencedLeaderEpochException(
                    "The leader epoch is " + partition.leaderEpoch() + ", not " + command.leaderEpoch() + ".");
        }
        if (command.brokerId() != partition.leader()) {
            throw new InvalidRequestException(
                    "The leader is " + partition.leader() + ", not " + command.brokerId() + ".");
        }
        if (command.partitionEpoch() < partition.partitionEpoch()) {
            throw new InvalidUpdateVersionException(
                    "The partition epoch is " + partition.partitionEpoch() + ", not " + command.partitionEpoch() + ".");
        }
    }

    private static void validateIsr(Draft draft, Command.AlterPartition command, PartitionImage partition) {
        var members = command.isr().stream().map(BrokerState::id).toList();
        if (!partition.replicas().containsAll(members) || new HashSet<>(members).size() < members.size()) {
            throw new InvalidRequestException(
                    "ISR " + members + " is not one of replicas " + partition.replicas() + ".");
        }
        if (!members.contains(partition.leader())) {
            throw new InvalidRequestException("ISR " + members + " is without the leader, " + partition.leader() + ".");
        }
        var ineligible = new ArrayList<String>();
        for (var member : command.isr()) {
            ineligibility(draft, member).ifPresent(reason -> ineligible.add(member.id() + " (" + reason + ")"));
        }
        if (!ineligible.isEmpty()) {
            throw new IneligibleReplicaException("Ineligible replicas: " + String.join(", ", ineligible) + ".");
        }
    }

    private static Optional<String> ineligibility(Draft draft, BrokerState member) {
        var broker = draft.brokers().get(member.id());
        if (broker == null) {
            return Optional.of("not registered");
        }
        if (broker.inControlledShutdown()) {
            return Optional.of("shutting down");
        }
        if (broker.fenced()) {
            return Optional.of("fenced");
        }
        return member.epoch() == Command.NO_EPOCH || member.epoch() == broker.epoch()
                ? Optional.empty()
                : Optional.of("broker epoch " + broker.epoch() + ", not " + member.epoch());
    }

    static PartitionImage elect(Draft draft, Command.ElectLeader command) {
        var topic = draft.topics()
                .byId(command.topicId())
                .orElseThrow(() -> new UnknownTopicOrPartitionException("No such topic id as " + command.topicId()));
        var partition = topic.partition(command.partition())
                .orElseThrow(() -> new UnknownTopicOrPartitionException(
                        "No such partition as " + topic.name() + "-" + command.partition()));
        var preferred = command.type() == ElectionType.PREFERRED;
        if (preferred ? partition.hasPreferredLeader() : partition.hasLeader()) {
            throw new ElectionNotNeededException("Leader election not needed for topic partition.");
        }
        var rules = ElectionRules.of(draft, topic).with(preferred ? Election.PREFERRED : Election.UNCLEAN);
        var elected = change(draft, topic, partition, new PartitionChange(partition, draft::active, rules));
        if (elected.equals(partition)) {
            throw preferred
                    ? new PreferredLeaderNotAvailableException("The preferred leader was not available.")
                    : new EligibleLeadersNotAvailableException("Eligible topic partition leaders are not available.");
        }
        return elected;
    }

    /** What has become of the partition. */
    static PartitionImage change(Draft draft, TopicImage topic, PartitionImage before, PartitionChange change) {
        var after = change.settle();
        after.ifPresent(p -> draft.changePartitions(topic, List.of(p)));
        return after.orElse(before);
    }

    /** Changes those partitions of a broker that the step has a change for. Touches only topics that have a replica there. */
    static void changeAll(
            Draft draft, int broker, BiFunction<PartitionImage, ElectionRules, Optional<PartitionImage>> step) {
        // In a fixed order, since the digest sees the order of changes.
        for (var id : draft.topics().of(broker).stream().sorted().toList()) {
            var topic = draft.topics().byId(id).orElseThrow();
            var rules = ElectionRules.of(draft, topic);
            List<PartitionImage> changed = new ArrayList<>();
            for (var partition : topic.partitions()) {
                if (partition.replicas().contains(broker)) {
                    step.apply(partition, rules).ifPresent(changed::add);
                }
            }
            draft.changePartitions(topic, changed);
        }
    }

    /** Elects leaders where none is, after other elections may have become allowed for this topic. */
    static void electLeaders(Draft draft, TopicImage topic) {
        var rules = ElectionRules.of(draft, topic);
        List<PartitionImage> changed = new ArrayList<>();
        for (var partition : topic.partitions()) {
            withLeader(draft, partition, rules).ifPresent(changed::add);
        }
        draft.changePartitions(topic, changed);
    }

    /** With a leader, if it has none and one can be elected. */
    static Optional<PartitionImage> withLeader(Draft draft, PartitionImage partition, ElectionRules rules) {
        return partition.hasLeader() ? Optional.empty() : new PartitionChange(partition, draft::active, rules).settle();
    }
}
