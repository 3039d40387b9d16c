package io.odradek.metadata;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.StaleBrokerEpochException;
import org.apache.kafka.common.errors.UnknownServerException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.pcollections.HashTreePMap;

/** Brokers, and what their coming and going does to partitions. */
final class BrokerCommands {
    private static final ConfigResource CLUSTER_DEFAULT = new ConfigResource(ConfigResource.Type.BROKER, "");

    private BrokerCommands() {}

    static BrokerImage register(Draft draft, Command.RegisterBroker command) {
        if (command.id() < 0) {
            throw new InvalidRequestException("Invalid negative broker ID.");
        }
        checkFeatures(draft, command);
        var known = Optional.ofNullable(draft.brokers().get(command.id()));
        var sameProcess = known.filter(b -> b.incarnation().equals(command.incarnation()));
        if (known.isPresent() && sameProcess.isEmpty() && !known.get().fenced()) {
            // It died so quietly that nobody fenced it. What it led must see a new leader epoch.
            takeOutOfService(draft, known.get());
        }
        var broker = new BrokerImage(
                command.id(),
                sameProcess.map(BrokerImage::epoch).orElse(draft.number()),
                command.incarnation(),
                command.endpoints(),
                command.rack(),
                HashTreePMap.from(command.features()),
                false);
        draft.broker(broker);
        changePartitions(
                draft, broker.id(), (topic, p) -> Leadership.elected(p, draft::inService, unclean(draft, topic)));
        return broker;
    }

    private static void checkFeatures(Draft draft, Command.RegisterBroker command) {
        draft.features().forEach((name, level) -> {
            var range = command.features().getOrDefault(name, Features.NOT_SUPPORTED);
            if (!range.contains(level)) {
                throw new UnsupportedVersionException("Unable to register because the broker does not support finalized"
                        + " version " + level + " of " + name + ". The broker wants a version between " + range.min()
                        + " and " + range.max() + ", inclusive.");
            }
        });
    }

    static Command.Done fence(Draft draft, Command.FenceBroker command) {
        var broker = registered(draft, command.id(), command.epoch());
        if (!broker.fenced()) {
            takeOutOfService(draft, broker);
        }
        return Command.Done.DONE;
    }

    static Command.Done unregister(Draft draft, Command.UnregisterBroker command) {
        var broker = draft.brokers().get(command.id());
        if (broker == null) {
            throw new BrokerIdNotRegisteredException("Broker ID " + command.id() + " is not currently registered");
        }
        if (!broker.fenced()) {
            takeOutOfService(draft, broker);
        }
        draft.removeBroker(command.id());
        return Command.Done.DONE;
    }

    static ProducerIdBlock allocateProducerIds(Draft draft, Command.AllocateProducerIds command) {
        registered(draft, command.brokerId(), command.brokerEpoch());
        var first = draft.nextProducerId();
        if (first > Long.MAX_VALUE - ProducerIdBlock.SIZE) {
            throw new UnknownServerException("Exhausted all producer ids");
        }
        draft.takeProducerIds(ProducerIdBlock.SIZE);
        return new ProducerIdBlock(first, ProducerIdBlock.SIZE);
    }

    private static BrokerImage registered(Draft draft, int id, long epoch) {
        var broker = draft.brokers().get(id);
        if (broker == null) {
            throw new StaleBrokerEpochException("No broker registration found for broker id " + id);
        }
        if (broker.epoch() != epoch) {
            throw new StaleBrokerEpochException(
                    "Expected broker epoch " + broker.epoch() + ", but got broker epoch " + epoch);
        }
        return broker;
    }

    private static void takeOutOfService(Draft draft, BrokerImage broker) {
        draft.broker(new BrokerImage(
                broker.id(),
                broker.epoch(),
                broker.incarnation(),
                broker.endpoints(),
                broker.rack(),
                broker.features(),
                true));
        changePartitions(
                draft,
                broker.id(),
                (topic, p) -> Leadership.without(p, broker.id(), draft::inService, unclean(draft, topic)));
    }

    /** Touches only topics that have a replica on this broker. */
    private static void changePartitions(
            Draft draft, int broker, BiFunction<TopicImage, PartitionImage, Optional<PartitionImage>> step) {
        // In a fixed order, since the digest sees the order of changes.
        for (var id : draft.topics().of(broker).stream().sorted().toList()) {
            var topic = draft.topics().byId(id).orElseThrow();
            List<PartitionImage> changed = new ArrayList<>();
            for (var partition : topic.partitions()) {
                if (partition.replicas().contains(broker)) {
                    step.apply(topic, partition).ifPresent(changed::add);
                }
            }
            draft.changePartitions(topic, changed);
        }
    }

    static boolean unclean(Draft draft, TopicImage topic) {
        var name = TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG;
        var value = topic.configs()
                .getOrDefault(name, draft.configs(CLUSTER_DEFAULT).get(name));
        return Boolean.parseBoolean(value);
    }

    /** Elects leaders where none is, after unclean elections may have become allowed for this topic. */
    static void electLeaders(Draft draft, TopicImage topic) {
        List<PartitionImage> changed = new ArrayList<>();
        for (var partition : topic.partitions()) {
            Leadership.elected(partition, draft::inService, unclean(draft, topic))
                    .ifPresent(changed::add);
        }
        draft.changePartitions(topic, changed);
    }
}
