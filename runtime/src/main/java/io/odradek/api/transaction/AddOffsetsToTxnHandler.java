package io.odradek.api.transaction;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.security.AccessControl;
import io.odradek.transaction.TransactionCoordinator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.AddOffsetsToTxnResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AddOffsetsToTxnRequest;
import org.apache.kafka.common.requests.AddOffsetsToTxnResponse;
import org.apache.kafka.common.resource.ResourceType;

/** AddOffsetsToTxn: adds the partition that a group's offsets are in. Clients of transaction version 2 do without. */
public final class AddOffsetsToTxnHandler implements ApiHandler<AddOffsetsToTxnRequest> {
    private static final int FIRST_WITH_PRODUCER_FENCED = 2;

    private final TransactionCoordinator coordinator;
    private final ToIntFunction<String> partitionOfGroup;
    private final AccessControl access;

    /** @param partitionOfGroup partition of {@code __consumer_offsets} that has a group's offsets */
    public AddOffsetsToTxnHandler(
            TransactionCoordinator coordinator, ToIntFunction<String> partitionOfGroup, AccessControl access) {
        this.coordinator = coordinator;
        this.partitionOfGroup = partitionOfGroup;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.ADD_OFFSETS_TO_TXN;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, AddOffsetsToTxnRequest request) {
        var data = request.data();
        return access.allowed(
                        context.client(), AclOperation.WRITE, ResourceType.TRANSACTIONAL_ID, data.transactionalId())
                .thenCombine(
                        access.allowed(context.client(), AclOperation.READ, ResourceType.GROUP, data.groupId()),
                        AddOffsetsToTxnHandler::refusal)
                .thenCompose(
                        refusal -> refusal == Errors.NONE ? add(request) : CompletableFuture.completedStage(refusal))
                .thenApply(error -> Reply.of(new AddOffsetsToTxnResponse(new AddOffsetsToTxnResponseData()
                        .setErrorCode(Failures.forVersion(error, request.version(), FIRST_WITH_PRODUCER_FENCED)
                                .code()))));
    }

    private static Errors refusal(boolean mayWrite, boolean mayRead) {
        if (!mayWrite) {
            return Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
        }
        return mayRead ? Errors.NONE : Errors.GROUP_AUTHORIZATION_FAILED;
    }

    private CompletionStage<Errors> add(AddOffsetsToTxnRequest request) {
        var data = request.data();
        var partition =
                new TopicPartition(Topic.GROUP_METADATA_TOPIC_NAME, partitionOfGroup.applyAsInt(data.groupId()));
        return coordinator
                .addPartitions(
                        data.transactionalId(), data.producerId(), data.producerEpoch(), List.of(partition), (short) 0)
                .handle((done, failure) -> Failures.error(failure));
    }
}
