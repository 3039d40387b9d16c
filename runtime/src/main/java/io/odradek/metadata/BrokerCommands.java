package io.odradek.metadata;

import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.StaleBrokerEpochException;
import org.apache.kafka.common.errors.UnknownServerException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.pcollections.HashTreePMap;

/** Brokers, and what their coming and going does to partitions. */
final class BrokerCommands {
    private BrokerCommands() {}

    static BrokerImage register(Draft draft, Command.RegisterBroker command) {
        if (command.id() < 0) {
            throw new InvalidRequestException("Invalid negative broker ID.");
        }
        checkFeatures(draft, command);
        var known = Optional.ofNullable(draft.brokers().get(command.id()));
        var sameProcess = known.filter(b -> b.incarnation().equals(command.incarnation()));
        if (sameProcess.isEmpty()) {
            endEarlierLife(draft, known, command);
        }
        var broker = new BrokerImage(
                command.id(),
                sameProcess.map(BrokerImage::epoch).orElse(draft.number()),
                command.incarnation(),
                command.endpoints(),
                command.rack(),
                HashTreePMap.from(command.features()),
                false,
                sameProcess.map(BrokerImage::inControlledShutdown).orElse(false));
        draft.broker(broker);
        PartitionCommands.changeAll(
                draft, broker.id(), (partition, rules) -> PartitionCommands.withLeader(draft, partition, rules));
        return broker;
    }

    /** Settles what an earlier process of this broker led and followed. */
    private static void endEarlierLife(Draft draft, Optional<BrokerImage> known, Command.RegisterBroker command) {
        var clean = known.filter(b -> b.epoch() == command.previousEpoch()).isPresent();
        if (EligibleLeaderReplicas.enabled(draft) && !clean) {
            // It may have lost what was not flushed: neither in sync nor eligible, whatever it was before.
            known.filter(b -> !b.fenced()).ifPresent(b -> draft.broker(b.outOfService()));
            leaveUncleanly(draft, command.id());
        } else if (known.filter(b -> !b.fenced()).isPresent()) {
            // It died so quietly that nobody fenced it. What it led must see a new leader epoch.
            takeOutOfService(draft, known.get());
        }
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
            draft.broker(broker.outOfService());
        }
        if (!broker.fenced() || EligibleLeaderReplicas.enabled(draft)) {
            leaveUncleanly(draft, command.id());
        }
        draft.removeBroker(command.id());
        return Command.Done.DONE;
    }

    static Command.Done controlledShutdown(Draft draft, Command.ControlledShutdown command) {
        var broker = registered(draft, command.brokerId(), command.brokerEpoch());
        if (!broker.fenced()) {
            if (!broker.inControlledShutdown()) {
                draft.broker(broker.aboutToStop());
            }
            leaveIsrs(draft, broker.id());
        }
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

    static BrokerImage registered(Draft draft, int id, long epoch) {
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
        draft.broker(broker.outOfService());
        leaveIsrs(draft, broker.id());
    }

    private static void leaveIsrs(Draft draft, int broker) {
        PartitionCommands.changeAll(
                draft,
                broker,
                (partition, rules) -> partition.isr().contains(broker)
                        ? new PartitionChange(partition, draft::active, rules)
                                .isr(Replicas.without(partition.isr(), List.of(broker)))
                                .settle()
                        : Optional.empty());
    }

    /** Out of all ISRs and ELRs. */
    private static void leaveUncleanly(Draft draft, int broker) {
        PartitionCommands.changeAll(
                draft,
                broker,
                (partition, rules) ->
                        partition.isr().contains(broker) || partition.elr().contains(broker)
                                ? new PartitionChange(partition, draft::active, rules)
                                        .uncleanlyShutDown(broker)
                                        .settle()
                                : Optional.empty());
    }
}
