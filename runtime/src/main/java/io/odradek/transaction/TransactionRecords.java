package io.odradek.transaction;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.transaction.message.TransactionLogKey;
import io.odradek.transaction.message.TransactionLogValue;
import io.odradek.transaction.message.TransactionLogValue.PartitionsSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.RecordBatch;

/** A transactional id as a record of {@code __transaction_state}. */
final class TransactionRecords {
    /** The first with tagged fields. */
    private static final short FLEXIBLE = 1;

    private TransactionRecords() {}

    /** @param level of the feature {@code transaction.version}; older brokers understand only what is below it */
    static CoordinatorRecord record(Transaction transaction, short level) {
        // What a client of version 2 was told must be found again, even if the cluster has been downgraded meanwhile.
        boolean flexible = level >= FLEXIBLE || transaction.nextProducerId() != RecordBatch.NO_PRODUCER_ID;
        var value = new TransactionLogValue()
                .setProducerId(transaction.producerId())
                .setProducerEpoch(transaction.producerEpoch())
                .setTransactionTimeoutMs(transaction.timeoutMs())
                .setTransactionStatus(transaction.state().id())
                .setTransactionLastUpdateTimestampMs(transaction.updateMs())
                .setTransactionStartTimestampMs(transaction.startMs())
                .setTransactionPartitions(
                        transaction.state() == TransactionState.EMPTY ? null : partitions(transaction.partitions()));
        if (flexible) {
            value.setClientTransactionVersion(transaction.clientVersion())
                    .setPreviousProducerId(transaction.previousProducerId())
                    .setNextProducerId(transaction.nextProducerId());
        }
        return CoordinatorRecord.of(key(transaction.transactionalId()), value, flexible ? FLEXIBLE : 0);
    }

    static CoordinatorRecord tombstone(String transactionalId) {
        return CoordinatorRecord.tombstone(key(transactionalId));
    }

    private static TransactionLogKey key(String transactionalId) {
        return new TransactionLogKey().setTransactionalId(transactionalId);
    }

    private static ArrayList<PartitionsSchema> partitions(Set<TopicPartition> partitions) {
        var byTopic = new TreeMap<String, PartitionsSchema>();
        for (var partition : partitions) {
            byTopic.computeIfAbsent(partition.topic(), topic -> new PartitionsSchema().setTopic(topic))
                    .partitionIds()
                    .add(partition.partition());
        }
        byTopic.values().forEach(topic -> topic.partitionIds().sort(null));
        return new ArrayList<>(byTopic.values());
    }

    static Transaction read(String transactionalId, TransactionLogValue value) {
        var partitions = new HashSet<TopicPartition>();
        if (value.transactionPartitions() != null) {
            for (var topic : value.transactionPartitions()) {
                topic.partitionIds().forEach(p -> partitions.add(new TopicPartition(topic.topic(), p)));
            }
        }
        return new Transaction(
                transactionalId,
                value.producerId(),
                value.previousProducerId(),
                value.nextProducerId(),
                value.producerEpoch(),
                RecordBatch.NO_PRODUCER_EPOCH,
                value.transactionTimeoutMs(),
                TransactionState.ofId(value.transactionStatus()),
                partitions,
                value.transactionStartTimestampMs(),
                value.transactionLastUpdateTimestampMs(),
                value.clientTransactionVersion());
    }
}
