package io.odradek.api.transaction;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.api.Stages;
import io.odradek.metadata.MetadataImage;
import io.odradek.security.AccessControl;
import io.odradek.transaction.TransactionCoordinator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnResult;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnResultCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AddPartitionsToTxnRequest;
import org.apache.kafka.common.requests.AddPartitionsToTxnResponse;
import org.apache.kafka.common.resource.ResourceType;

/**
 * AddPartitionsToTxn. Up to version 3 from clients, of one transaction; from version 4 on from other brokers, of many
 * transactions, and perhaps only asking whether the partitions are in them (KIP-890).
 */
public final class AddPartitionsToTxnHandler implements ApiHandler<AddPartitionsToTxnRequest> {
    private static final short FIRST_BROKER_VERSION = 4;
    private static final int FIRST_WITH_PRODUCER_FENCED = 2;
    private static final short TRANSACTION_VERSION_OF_CLIENTS = 0;
    private static final short TRANSACTION_VERSION_OF_BROKERS = 2;

    private final TransactionCoordinator coordinator;
    private final Supplier<MetadataImage> metadata;
    private final AccessControl access;

    public AddPartitionsToTxnHandler(
            TransactionCoordinator coordinator, Supplier<MetadataImage> metadata, AccessControl access) {
        this.coordinator = coordinator;
        this.metadata = metadata;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.ADD_PARTITIONS_TO_TXN;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, AddPartitionsToTxnRequest request) {
        return request.version() < FIRST_BROKER_VERSION
                ? ofClient(context, request.normalizeRequest())
                : ofBroker(context, request);
    }

    private CompletionStage<Reply> ofClient(RequestContext context, AddPartitionsToTxnRequest request) {
        var transaction = request.data().transactions().iterator().next();
        return access.allowed(
                        context.client(),
                        AclOperation.WRITE,
                        ResourceType.TRANSACTIONAL_ID,
                        transaction.transactionalId())
                .thenCompose(allowed -> allowed
                        ? mayWrite(context, transaction).thenCompose(topics -> handle(request, transaction, topics))
                        : CompletableFuture.completedStage(request.errorResponseForTransaction(
                                transaction.transactionalId(), Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)))
                .thenApply(result -> Reply.of(new AddPartitionsToTxnResponse(
                        new AddPartitionsToTxnResponseData().setResultsByTopicV3AndBelow(result.topicResults()))));
    }

    /** Clients add no internal topics: the broker does, with their offsets. */
    private CompletionStage<Predicate<String>> mayWrite(
            RequestContext context, AddPartitionsToTxnTransaction transaction) {
        var names = new ArrayList<String>();
        for (var topic : transaction.topics()) {
            if (!Topic.isInternal(topic.name())) {
                names.add(topic.name());
            }
        }
        return access.allowed(context.client(), AclOperation.WRITE, ResourceType.TOPIC, names)
                .thenApply(allowed -> topic -> !Topic.isInternal(topic) && allowed.test(topic));
    }

    private CompletionStage<Reply> ofBroker(RequestContext context, AddPartitionsToTxnRequest request) {
        return access.requireOnCluster(context.client(), AclOperation.CLUSTER_ACTION)
                .thenCompose(granted -> {
                    var results = new ArrayList<CompletionStage<AddPartitionsToTxnResult>>();
                    for (var transaction : request.data().transactions()) {
                        results.add(handle(request, transaction, topic -> true));
                    }
                    return Stages.all(results);
                })
                .thenApply(AddPartitionsToTxnHandler::replyToBroker);
    }

    private static Reply replyToBroker(List<AddPartitionsToTxnResult> results) {
        var all = new AddPartitionsToTxnResultCollection(results.size());
        results.forEach(all::mustAdd);
        return Reply.of(new AddPartitionsToTxnResponse(new AddPartitionsToTxnResponseData()
                .setErrorCode(Errors.NONE.code())
                .setResultsByTransaction(all)));
    }

    private CompletionStage<AddPartitionsToTxnResult> handle(
            AddPartitionsToTxnRequest request, AddPartitionsToTxnTransaction transaction, Predicate<String> mayWrite) {
        var partitions = new LinkedHashSet<>(AddPartitionsToTxnRequest.getPartitions(transaction.topics()));
        var refusals = refusals(partitions, mayWrite);
        if (!refusals.isEmpty()) {
            return CompletableFuture.completedStage(
                    AddPartitionsToTxnResponse.resultForTransaction(transaction.transactionalId(), refusals));
        }
        return transaction.verifyOnly() ? verify(transaction, partitions) : add(request, transaction, partitions);
    }

    /** One partition that cannot be added keeps all from being added. */
    private Map<TopicPartition, Errors> refusals(Set<TopicPartition> partitions, Predicate<String> mayWrite) {
        var image = metadata.get();
        var errors = new HashMap<TopicPartition, Errors>();
        boolean any = false;
        for (var partition : partitions) {
            var error = Errors.OPERATION_NOT_ATTEMPTED;
            if (!mayWrite.test(partition.topic())) {
                error = Errors.TOPIC_AUTHORIZATION_FAILED;
            } else if (image.topics()
                    .byName(partition.topic())
                    .flatMap(t -> t.partition(partition.partition()))
                    .isEmpty()) {
                error = Errors.UNKNOWN_TOPIC_OR_PARTITION;
            }
            any |= error != Errors.OPERATION_NOT_ATTEMPTED;
            errors.put(partition, error);
        }
        return any ? errors : Map.of();
    }

    private CompletionStage<AddPartitionsToTxnResult> add(
            AddPartitionsToTxnRequest request,
            AddPartitionsToTxnTransaction transaction,
            Set<TopicPartition> partitions) {
        return coordinator
                .addPartitions(
                        transaction.transactionalId(),
                        transaction.producerId(),
                        transaction.producerEpoch(),
                        partitions,
                        request.version() < FIRST_BROKER_VERSION
                                ? TRANSACTION_VERSION_OF_CLIENTS
                                : TRANSACTION_VERSION_OF_BROKERS)
                .handle((done, failure) -> request.errorResponseForTransaction(
                        transaction.transactionalId(),
                        Failures.forVersion(Failures.error(failure), request.version(), FIRST_WITH_PRODUCER_FENCED)));
    }

    private CompletionStage<AddPartitionsToTxnResult> verify(
            AddPartitionsToTxnTransaction transaction, Set<TopicPartition> partitions) {
        return coordinator
                .verifyPartitions(
                        transaction.transactionalId(),
                        transaction.producerId(),
                        transaction.producerEpoch(),
                        partitions)
                .exceptionally(failure -> {
                    var errors = new HashMap<TopicPartition, Errors>();
                    partitions.forEach(p -> errors.put(p, Failures.error(failure)));
                    return errors;
                })
                .thenApply(errors ->
                        AddPartitionsToTxnResponse.resultForTransaction(transaction.transactionalId(), errors));
    }
}
