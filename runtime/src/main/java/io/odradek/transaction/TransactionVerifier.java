package io.odradek.transaction;

import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;

/**
 * Makes sure that a partition belongs to a producer's open transaction before records or offsets of the transaction are
 * written to it (KIP-890): otherwise no marker would ever come, and the records would hold back readers for ever.
 *
 * <p>Where the producer has written to the partition in the same transaction before, that is known without asking. Else
 * the transaction's coordinator is asked, or told to add the partition. The partition's log refuses a batch that was not
 * verified; it is to be appended once the stage completes.
 *
 * <p>Thread-safe. The stage may complete on any thread, which must not be blocked; it never fails.
 */
public interface TransactionVerifier {
    /**
     * @param baseSequences the partitions, with the first sequence number of what is to be written;
     *     {@link org.apache.kafka.common.record.internal.RecordBatch#NO_SEQUENCE} if it has none
     * @return the partitions that must not be written to, and why. Errors are those of the coordinator, with
     *     INVALID_PRODUCER_EPOCH for PRODUCER_FENCED and what {@code support} says about TRANSACTION_ABORTABLE; and those
     *     of partitions that this broker does not lead
     */
    CompletionStage<Map<TopicPartition, Errors>> verifyOrAdd(
            String transactionalId,
            long producerId,
            short producerEpoch,
            Map<TopicPartition, Integer> baseSequences,
            TransactionSupport support);
}
