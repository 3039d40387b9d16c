package io.odradek.api.group;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.group.GroupCoordinator;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataStore;
import io.odradek.security.AccessControl;
import io.odradek.transaction.TransactionSupport;
import io.odradek.transaction.TransactionVerifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.TxnOffsetCommitRequest;
import org.apache.kafka.common.requests.TxnOffsetCommitResponse;
import org.apache.kafka.common.resource.ResourceType;

/**
 * TxnOffsetCommit: offsets that a producer commits together with the records of its transaction. They are visible once the
 * transaction's marker is written to the group's partition of {@code __consumer_offsets}.
 */
public final class TxnOffsetCommitHandler implements ApiHandler<TxnOffsetCommitRequest> {
    /** Before it, producers die of COORDINATOR_LOAD_IN_PROGRESS (KAFKA-7296). */
    private static final short FIRST_WITH_LOAD_IN_PROGRESS = 2;

    /** Matters to markers alone. */
    private static final short ANY_TRANSACTION_VERSION = 0;

    private final GroupCoordinator groups;
    private final TransactionVerifier transactions;
    private final MetadataStore metadata;
    private final AccessControl access;

    public TxnOffsetCommitHandler(
            GroupCoordinator groups, TransactionVerifier transactions, MetadataStore metadata, AccessControl access) {
        this.groups = groups;
        this.transactions = transactions;
        this.metadata = metadata;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.TXN_OFFSET_COMMIT;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, TxnOffsetCommitRequest request) {
        var data = request.data();
        var client = context.client();
        return access.allowed(client, AclOperation.WRITE, ResourceType.TRANSACTIONAL_ID, data.transactionalId())
                .thenCompose(mayWrite -> mayWrite
                        ? access.allowed(client, AclOperation.READ, ResourceType.GROUP, data.groupId())
                                .thenCompose(mayRead -> mayRead
                                        ? commit(context, request)
                                        : refuse(request, Errors.GROUP_AUTHORIZATION_FAILED))
                        : refuse(request, Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
    }

    private static CompletionStage<Reply> refuse(TxnOffsetCommitRequest request, Errors error) {
        return CompletableFuture.completedStage(Reply.of(request.getErrorResponse(error.exception())));
    }

    private CompletionStage<Reply> commit(RequestContext context, TxnOffsetCommitRequest request) {
        var names = request.data().topics().stream()
                .map(TxnOffsetCommitRequestTopic::name)
                .toList();
        return access.allowed(context.client(), AclOperation.READ, ResourceType.TOPIC, names)
                .thenCompose(mayRead -> commit(request, metadata.image(), mayRead));
    }

    private CompletionStage<Reply> commit(
            TxnOffsetCommitRequest request, MetadataImage image, Predicate<String> mayRead) {
        var response = new TxnOffsetCommitResponse.Builder();
        var accepted = new ArrayList<TxnOffsetCommitRequestTopic>();
        for (var topic : request.data().topics()) {
            if (!mayRead.test(topic.name())) {
                response.addPartitions(
                        topic.name(),
                        topic.partitions(),
                        TxnOffsetCommitRequestPartition::partitionIndex,
                        Errors.TOPIC_AUTHORIZATION_FAILED);
                continue;
            }
            var partitions = new ArrayList<TxnOffsetCommitRequestPartition>();
            for (var partition : topic.partitions()) {
                if (KnownTopics.hasPartition(image, topic.name(), partition.partitionIndex())) {
                    partitions.add(partition);
                } else {
                    response.addPartition(topic.name(), partition.partitionIndex(), Errors.UNKNOWN_TOPIC_OR_PARTITION);
                }
            }
            if (!partitions.isEmpty()) {
                accepted.add(
                        new TxnOffsetCommitRequestTopic().setName(topic.name()).setPartitions(partitions));
            }
        }
        if (accepted.isEmpty()) {
            return CompletableFuture.completedStage(Reply.of(response.build()));
        }
        return commit(of(request.data(), accepted), request.version())
                .thenApply(committed -> Reply.of(response.merge(committed).build()));
    }

    /** Never fails: errors are in the response. */
    private CompletionStage<TxnOffsetCommitResponseData> commit(TxnOffsetCommitRequestData accepted, short version) {
        var groupId = accepted.groupId();
        if (groupId.isEmpty()) {
            return CompletableFuture.completedStage(
                    TxnOffsetCommitRequest.getErrorResponse(accepted, Errors.INVALID_GROUP_ID));
        }
        return verify(accepted, version)
                .thenCompose(error -> error == Errors.NONE
                        ? groups.shards()
                                .writeTransactional(
                                        groupId,
                                        accepted.producerId(),
                                        accepted.producerEpoch(),
                                        ANY_TRANSACTION_VERSION,
                                        shard -> shard.offsets().commitInTransaction(accepted, version))
                        : CompletableFuture.failedStage(error.exception()))
                .exceptionally(e ->
                        TxnOffsetCommitRequest.getErrorResponse(accepted, errorOf(Errors.forException(e), version)));
    }

    private CompletionStage<Errors> verify(TxnOffsetCommitRequestData accepted, short version) {
        var partition = new TopicPartition(
                Topic.GROUP_METADATA_TOPIC_NAME, groups.shards().partitionFor(accepted.groupId()));
        return transactions
                .verifyOrAdd(
                        accepted.transactionalId(),
                        accepted.producerId(),
                        accepted.producerEpoch(),
                        Map.of(partition, RecordBatch.NO_SEQUENCE),
                        TransactionSupport.ofTxnOffsetCommit(version))
                .thenApply(errors -> errors.getOrDefault(partition, Errors.NONE));
    }

    /** What producers of this version know what to do about. */
    private static Errors errorOf(Errors error, short version) {
        return switch (error) {
            case NETWORK_EXCEPTION, COORDINATOR_LOAD_IN_PROGRESS ->
                version < FIRST_WITH_LOAD_IN_PROGRESS
                        ? Errors.COORDINATOR_NOT_AVAILABLE
                        : Errors.COORDINATOR_LOAD_IN_PROGRESS;
            case UNKNOWN_TOPIC_OR_PARTITION, NOT_ENOUGH_REPLICAS, REQUEST_TIMED_OUT -> Errors.COORDINATOR_NOT_AVAILABLE;
            case NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR -> Errors.NOT_COORDINATOR;
            default -> error;
        };
    }

    private static TxnOffsetCommitRequestData of(
            TxnOffsetCommitRequestData request, List<TxnOffsetCommitRequestTopic> topics) {
        return new TxnOffsetCommitRequestData()
                .setTransactionalId(request.transactionalId())
                .setGroupId(request.groupId())
                .setProducerId(request.producerId())
                .setProducerEpoch(request.producerEpoch())
                .setGenerationId(request.generationId())
                .setMemberId(request.memberId())
                .setGroupInstanceId(request.groupInstanceId())
                .setTopics(topics);
    }
}
