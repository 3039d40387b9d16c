package io.odradek.transaction;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;

/** Asks the coordinator of this broker; of transactional ids that others coordinate it says NOT_COORDINATOR. */
final class LocalCoordinatorInquiry implements CoordinatorInquiry {
    private final TransactionCoordinator coordinator;

    LocalCoordinatorInquiry(TransactionCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public CompletionStage<Map<TopicPartition, Errors>> ask(
            String transactionalId,
            long producerId,
            short producerEpoch,
            Collection<TopicPartition> partitions,
            boolean add) {
        return add
                ? coordinator
                        .addPartitions(
                                transactionalId,
                                producerId,
                                producerEpoch,
                                partitions,
                                Transaction.FIRST_VERSION_WITH_BUMP)
                        .handle((done, failure) -> all(partitions, error(failure)))
                : coordinator
                        .verifyPartitions(transactionalId, producerId, producerEpoch, partitions)
                        .handle((errors, failure) -> failure == null ? errors : all(partitions, error(failure)));
    }

    private static Errors error(Throwable failure) {
        if (failure == null) {
            return Errors.NONE;
        }
        return Errors.forException(failure);
    }

    private static Map<TopicPartition, Errors> all(Collection<TopicPartition> partitions, Errors error) {
        var errors = new HashMap<TopicPartition, Errors>();
        partitions.forEach(p -> errors.put(p, error));
        return errors;
    }
}
