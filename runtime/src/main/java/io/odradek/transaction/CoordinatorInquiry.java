package io.odradek.transaction;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;

/** Asks the coordinator of a transactional id, on this broker or another, as AddPartitionsToTxn between brokers does. */
@FunctionalInterface
interface CoordinatorInquiry {
    /**
     * @param add adds the partitions to the transaction; else it is only asked whether they are in it
     * @return for every partition; never fails
     */
    CompletionStage<Map<TopicPartition, Errors>> ask(
            String transactionalId,
            long producerId,
            short producerEpoch,
            Collection<TopicPartition> partitions,
            boolean add);
}
