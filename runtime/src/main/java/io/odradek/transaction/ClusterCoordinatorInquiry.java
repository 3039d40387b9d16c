package io.odradek.transaction;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopicCollection;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransactionCollection;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AddPartitionsToTxnRequest;
import org.apache.kafka.common.requests.AddPartitionsToTxnResponse;
import org.jboss.logging.Logger;

/**
 * Asks the coordinator of a transactional id where it is: on this broker at once, on another with AddPartitionsToTxn of
 * version 4 or later (KIP-890), the questions of many transactions together. Thread-safe.
 */
final class ClusterCoordinatorInquiry implements CoordinatorInquiry {
    private static final Logger LOG = Logger.getLogger(ClusterCoordinatorInquiry.class);

    private final int nodeId;
    private final CoordinatorInquiry local;
    private final Function<String, OptionalInt> coordinatorOf;
    private final BrokerRequests brokers;
    /** As many as there have been brokers. */
    private final Map<Integer, BrokerBatches<AddPartitionsToTxnTransaction, Map<TopicPartition, Errors>>> byBroker =
            new ConcurrentHashMap<>();

    /**
     * @param nodeId of this broker
     * @param local asks this broker's coordinator
     * @param coordinatorOf which broker coordinates a transactional id; empty if none does at the moment
     */
    ClusterCoordinatorInquiry(
            int nodeId, CoordinatorInquiry local, Function<String, OptionalInt> coordinatorOf, BrokerRequests brokers) {
        this.nodeId = nodeId;
        this.local = local;
        this.coordinatorOf = coordinatorOf;
        this.brokers = brokers;
    }

    @Override
    public CompletionStage<Map<TopicPartition, Errors>> ask(
            String transactionalId,
            long producerId,
            short producerEpoch,
            Collection<TopicPartition> partitions,
            boolean add) {
        var coordinator = coordinatorOf.apply(transactionalId);
        if (coordinator.isEmpty()) {
            return CompletableFuture.completedStage(all(partitions, Errors.COORDINATOR_NOT_AVAILABLE));
        }
        int broker = coordinator.getAsInt();
        if (broker == nodeId) {
            return local.ask(transactionalId, producerId, producerEpoch, partitions, add);
        }
        var transaction = new AddPartitionsToTxnTransaction()
                .setTransactionalId(transactionalId)
                .setProducerId(producerId)
                .setProducerEpoch(producerEpoch)
                .setVerifyOnly(!add)
                .setTopics(topics(partitions));
        return batches(broker).ask(transaction).exceptionally(failure -> {
            LOG.debugf("The coordinator of %s on broker %d was not asked: %s", transactionalId, broker, failure);
            return all(partitions, Errors.NETWORK_EXCEPTION);
        });
    }

    private BrokerBatches<AddPartitionsToTxnTransaction, Map<TopicPartition, Errors>> batches(int broker) {
        return byBroker.computeIfAbsent(
                broker,
                id -> new BrokerBatches<>(
                        AddPartitionsToTxnTransaction::transactionalId, questions -> ask(id, questions)));
    }

    private CompletionStage<List<Map<TopicPartition, Errors>>> ask(
            int broker, List<AddPartitionsToTxnTransaction> questions) {
        var transactions = new AddPartitionsToTxnTransactionCollection(questions.size());
        questions.forEach(transactions::mustAdd);
        return brokers.send(broker, AddPartitionsToTxnRequest.Builder.forBroker(transactions))
                .thenApply(response -> answers(broker, questions, response));
    }

    private static List<Map<TopicPartition, Errors>> answers(
            int broker, List<AddPartitionsToTxnTransaction> questions, AbstractResponse response) {
        var answer = (AddPartitionsToTxnResponse) response;
        var refusal = Errors.forCode(answer.data().errorCode());
        if (refusal != Errors.NONE) {
            LOG.errorf("Broker %d does not answer who asks for transactions: %s", broker, refusal);
            // As in Kafka: what brokers may do among themselves is nothing for clients to hear of.
            refusal = refusal == Errors.CLUSTER_AUTHORIZATION_FAILED ? Errors.INVALID_TXN_STATE : refusal;
        }
        var results = answer.errors();
        var answers = new ArrayList<Map<TopicPartition, Errors>>(questions.size());
        for (var question : questions) {
            var errors = all(
                    AddPartitionsToTxnRequest.getPartitions(question.topics()),
                    refusal == Errors.NONE ? Errors.UNKNOWN_SERVER_ERROR : refusal);
            errors.putAll(results.getOrDefault(question.transactionalId(), Map.of()));
            answers.add(errors);
        }
        return answers;
    }

    private static AddPartitionsToTxnTopicCollection topics(Collection<TopicPartition> partitions) {
        var topics = new AddPartitionsToTxnTopicCollection();
        for (var partition : partitions) {
            var topic = topics.find(partition.topic());
            if (topic == null) {
                topic = new AddPartitionsToTxnTopic().setName(partition.topic()).setPartitions(new ArrayList<>());
                topics.mustAdd(topic);
            }
            topic.partitions().add(partition.partition());
        }
        return topics;
    }

    private static Map<TopicPartition, Errors> all(Collection<TopicPartition> partitions, Errors error) {
        var errors = new HashMap<TopicPartition, Errors>();
        partitions.forEach(p -> errors.put(p, error));
        return errors;
    }
}
