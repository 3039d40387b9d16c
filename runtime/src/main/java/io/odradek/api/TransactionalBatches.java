package io.odradek.api;

import io.odradek.transaction.TransactionSupport;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.Records;
import org.apache.kafka.common.requests.ProduceResponse;

/** The batches of a Produce request that belong to a transaction: all to the same. */
final class TransactionalBatches {
    private static final int ATTRIBUTES_OFFSET = DefaultRecordBatch.CRC_OFFSET + Integer.BYTES;
    private static final int TRANSACTIONAL = 0x10;

    private final Map<TopicPartition, Integer> baseSequences = new HashMap<>();
    private long producerId = RecordBatch.NO_PRODUCER_ID;
    private short producerEpoch = RecordBatch.NO_PRODUCER_EPOCH;

    /** Believes nothing else of what may not be a batch at all. */
    static boolean isTransactional(ByteBuffer batch) {
        return batch.limit() >= DefaultRecordBatch.RECORD_BATCH_OVERHEAD
                && batch.get(Records.MAGIC_OFFSET) == RecordBatch.MAGIC_VALUE_V2
                && (batch.getShort(ATTRIBUTES_OFFSET) & TRANSACTIONAL) != 0;
    }

    /**
     * Ignores what does not belong to a transaction, and what is no batch, which the log will refuse.
     *
     * @throws ApiException INVALID_PRODUCER_ID_MAPPING: the request is of two producers
     */
    void add(String topic, PartitionProduceData partition) {
        if (!(partition.records() instanceof MemoryRecords records) || !isTransactional(records.buffer())) {
            return;
        }
        RecordBatch batch;
        try {
            batch = records.firstBatch();
        } catch (RuntimeException corrupt) {
            return;
        }
        if (batch == null || !batch.hasProducerId()) {
            return;
        }
        boolean same = batch.producerId() == producerId && batch.producerEpoch() == producerEpoch;
        if (!isEmpty() && !same) {
            throw Errors.INVALID_PRODUCER_ID_MAPPING.exception(
                    "Transactional records contained more than one producer ID");
        }
        producerId = batch.producerId();
        producerEpoch = batch.producerEpoch();
        baseSequences.put(new TopicPartition(topic, partition.index()), batch.baseSequence());
    }

    boolean isEmpty() {
        return baseSequences.isEmpty();
    }

    long producerId() {
        return producerId;
    }

    short producerEpoch() {
        return producerEpoch;
    }

    /** The partitions, each with the sequence number of its first record. */
    Map<TopicPartition, Integer> baseSequences() {
        return baseSequences;
    }

    /** What a client is told whose batch was not verified; older ones would not try again after some of the errors. */
    static PartitionProduceResponse refused(PartitionProduceData partition, Errors error, short version) {
        var answer = new PartitionProduceResponse()
                .setIndex(partition.index())
                .setBaseOffset(ProduceResponse.INVALID_OFFSET)
                .setLogStartOffset(ProduceResponse.INVALID_OFFSET);
        boolean retried =
                switch (error) {
                    case NETWORK_EXCEPTION, COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR ->
                        true;
                    case CONCURRENT_TRANSACTIONS ->
                        TransactionSupport.ofProduce(version) != TransactionSupport.IMPLICIT;
                    default -> false;
                };
        if (retried) {
            return answer.setErrorCode(Errors.NOT_ENOUGH_REPLICAS.code())
                    .setErrorMessage(
                            "Unable to verify the partition has been added to the transaction. Underlying error: "
                                    + error);
        }
        if (error == Errors.INVALID_TXN_STATE) {
            answer.setErrorMessage("Partition was not added to the transaction");
        }
        return answer.setErrorCode(error.code());
    }
}
