package io.odradek.api.transaction;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.api.Stages;
import io.odradek.security.AccessControl;
import io.odradek.transaction.Transaction;
import io.odradek.transaction.TransactionCoordinator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData.TopicData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData.TransactionState;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeTransactionsRequest;
import org.apache.kafka.common.requests.DescribeTransactionsResponse;
import org.apache.kafka.common.resource.ResourceType;

/** DescribeTransactions (KIP-664): of the topics only those that the client may describe. */
public final class DescribeTransactionsHandler implements ApiHandler<DescribeTransactionsRequest> {
    private final TransactionCoordinator coordinator;
    private final AccessControl access;

    public DescribeTransactionsHandler(TransactionCoordinator coordinator, AccessControl access) {
        this.coordinator = coordinator;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.DESCRIBE_TRANSACTIONS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, DescribeTransactionsRequest request) {
        var ids = request.data().transactionalIds();
        return access.allowed(context.client(), AclOperation.DESCRIBE, ResourceType.TRANSACTIONAL_ID, ids)
                .thenCompose(allowed -> Stages.all(
                        ids.stream().map(id -> describe(context, id, allowed)).toList()))
                .thenApply(states -> Reply.of(new DescribeTransactionsResponse(
                        new DescribeTransactionsResponseData().setTransactionStates(states))));
    }

    private CompletionStage<TransactionState> describe(
            RequestContext context, String transactionalId, Predicate<String> allowed) {
        if (!allowed.test(transactionalId)) {
            return CompletableFuture.completedStage(
                    failed(transactionalId, Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
        }
        return coordinator
                .describe(transactionalId)
                .thenCompose(transaction -> access.allowed(
                                context.client(), AclOperation.DESCRIBE, ResourceType.TOPIC, topics(transaction))
                        .thenApply(mayDescribe -> state(transaction, mayDescribe)))
                .exceptionally(failure -> failed(transactionalId, Failures.error(failure)));
    }

    private static List<String> topics(Transaction transaction) {
        return transaction.partitions().stream()
                .map(TopicPartition::topic)
                .distinct()
                .sorted()
                .toList();
    }

    private static TransactionState state(Transaction transaction, Predicate<String> mayDescribe) {
        var state = new TransactionState()
                .setTransactionalId(transaction.transactionalId())
                .setProducerId(transaction.producerId())
                .setProducerEpoch(transaction.producerEpoch())
                .setTransactionState(transaction.state().stateName())
                .setTransactionTimeoutMs(transaction.timeoutMs())
                .setTransactionStartTimeMs(transaction.startMs());
        for (var topic : topics(transaction)) {
            if (mayDescribe.test(topic)) {
                state.topics()
                        .add(new TopicData()
                                .setTopic(topic)
                                .setPartitions(transaction.partitions().stream()
                                        .filter(p -> p.topic().equals(topic))
                                        .map(TopicPartition::partition)
                                        .sorted()
                                        .toList()));
            }
        }
        return state;
    }

    private static TransactionState failed(String transactionalId, Errors error) {
        return new TransactionState().setTransactionalId(transactionalId).setErrorCode(error.code());
    }
}
