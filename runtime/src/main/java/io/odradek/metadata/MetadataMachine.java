package io.odradek.metadata;

import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.jboss.logging.Logger;

/** The one function that changes metadata: pure and deterministic, the same on every broker. */
public final class MetadataMachine {
    private static final Logger LOG = Logger.getLogger(MetadataMachine.class);

    private MetadataMachine() {}

    /**
     * @param change from the given image to the next; a refused command changes only the count of commands and the digest
     */
    public record Applied<R>(MetadataChange change, Result<R> result) {
        public MetadataImage image() {
            return change.after();
        }
    }

    /** Never throws: a command that must be refused yields {@link Result.Failed}. For validate-only, drop the image. */
    public static <R> Applied<R> apply(MetadataImage image, Command<R> command) {
        var bytes = CommandCodec.encode(List.of(command));
        var draft = new Draft(image, new DigestChain(image.digest(), bytes));
        try {
            var value = decide(draft, command);
            return new Applied<>(draft.change(), new Result.Ok<>(value));
        } catch (ApiException e) {
            return refused(image, bytes, Errors.forException(e), Optional.ofNullable(e.getMessage()));
        } catch (ConfigException e) {
            return refused(image, bytes, Errors.INVALID_CONFIG, Optional.ofNullable(e.getMessage()));
        } catch (RuntimeException e) {
            // A bug of ours. It is the same on every broker, and to fail here would be to fail at each restart again.
            LOG.errorf(e, "command %s of %s could not be applied", draft.number(), command.getClass());
            return refused(image, bytes, Errors.UNKNOWN_SERVER_ERROR, Optional.empty());
        }
    }

    private static <R> Applied<R> refused(MetadataImage image, byte[] command, Errors error, Optional<String> message) {
        var digest = new DigestChain(image.digest(), command);
        digest.add("refused", error.code());
        return new Applied<>(
                new Draft(image, digest).change(), new Result.Failed<>(error, message.orElse(error.message())));
    }

    /** The value's type is the command's: each branch says which. */
    @SuppressWarnings("unchecked")
    private static <R> R decide(Draft draft, Command<R> command) {
        Object value;
        if (command instanceof Command.CreateTopic c) {
            value = TopicCommands.create(draft, c);
        } else if (command instanceof Command.DeleteTopic c) {
            value = TopicCommands.delete(draft, c);
        } else if (command instanceof Command.CreatePartitions c) {
            value = TopicCommands.createPartitions(draft, c);
        } else if (command instanceof Command.IncrementalAlterConfigs c) {
            value = ConfigCommands.alter(draft, c);
        } else if (command instanceof Command.ReplaceConfigs c) {
            value = ConfigCommands.replace(draft, c);
        } else if (command instanceof Command.RegisterBroker c) {
            value = BrokerCommands.register(draft, c);
        } else if (command instanceof Command.FenceBroker c) {
            value = BrokerCommands.fence(draft, c);
        } else if (command instanceof Command.UnregisterBroker c) {
            value = BrokerCommands.unregister(draft, c);
        } else if (command instanceof Command.AllocateProducerIds c) {
            value = BrokerCommands.allocateProducerIds(draft, c);
        } else if (command instanceof Command.InitializeCluster c) {
            value = FeatureCommands.initialize(draft, c);
        } else if (command instanceof Command.UpdateFeatures c) {
            value = FeatureCommands.update(draft, c);
        } else if (command instanceof Command.AlterPartition c) {
            value = PartitionCommands.alter(draft, c);
        } else if (command instanceof Command.ElectLeader c) {
            value = PartitionCommands.elect(draft, c);
        } else if (command instanceof Command.AlterPartitionReassignment c) {
            value = ReassignmentCommands.alter(draft, c);
        } else if (command instanceof Command.ControlledShutdown c) {
            value = BrokerCommands.controlledShutdown(draft, c);
        } else {
            throw new IllegalStateException("no rule for " + command.getClass());
        }
        return (R) value;
    }
}
