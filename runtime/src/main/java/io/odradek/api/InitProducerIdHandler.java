package io.odradek.api;

import io.odradek.security.AccessControl;
import io.odradek.security.ClientIdentity;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;
import org.apache.kafka.common.resource.ResourceType;

/** InitProducerId: an id for an idempotent producer. For transactional ones there is no coordinator on this broker. */
public final class InitProducerIdHandler implements ApiHandler<InitProducerIdRequest> {
    private static final short FIRST_EPOCH = 0;

    private final ProducerIds ids;
    private final AccessControl access;

    public InitProducerIdHandler(ProducerIds ids, AccessControl access) {
        this.ids = ids;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.INIT_PRODUCER_ID;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, InitProducerIdRequest request) {
        var transactionalId = request.data().transactionalId();
        if (transactionalId != null) {
            return mayUse(context.client(), request)
                    .thenApply(allowed -> refuse(
                            allowed ? transactionalRefusal(request) : Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
        }
        return mayWriteIdempotently(context.client()).thenCompose(allowed -> {
            if (!allowed) {
                return CompletableFuture.completedStage(refuse(Errors.CLUSTER_AUTHORIZATION_FAILED));
            }
            return namesHalfAProducer(request)
                    ? CompletableFuture.completedStage(refuse(Errors.INVALID_REQUEST))
                    : ids.next().thenApply(InitProducerIdHandler::accept);
        });
    }

    private CompletionStage<Boolean> mayUse(ClientIdentity client, InitProducerIdRequest request) {
        var id = request.data().transactionalId();
        var mayWrite = access.allowed(client, AclOperation.WRITE, ResourceType.TRANSACTIONAL_ID, id);
        return request.enable2Pc()
                ? mayWrite.thenCombine(
                        access.allowed(client, AclOperation.TWO_PHASE_COMMIT, ResourceType.TRANSACTIONAL_ID, id),
                        Boolean::logicalAnd)
                : mayWrite;
    }

    /** Who may write to any topic may do so idempotently (KIP-679). */
    private CompletionStage<Boolean> mayWriteIdempotently(ClientIdentity client) {
        return access.allowedOnCluster(client, AclOperation.IDEMPOTENT_WRITE)
                .thenCompose(allowed -> allowed
                        ? CompletableFuture.completedStage(true)
                        : access.allowedOnAny(client, AclOperation.WRITE, ResourceType.TOPIC));
    }

    private static Errors transactionalRefusal(InitProducerIdRequest request) {
        return namesHalfAProducer(request) || request.data().transactionalId().isEmpty()
                ? Errors.INVALID_REQUEST
                : Errors.COORDINATOR_NOT_AVAILABLE;
    }

    /** A producer that asks for a newer epoch (KIP-360) says both its id and its epoch. */
    private static boolean namesHalfAProducer(InitProducerIdRequest request) {
        boolean hasId = request.data().producerId() != RecordBatch.NO_PRODUCER_ID;
        boolean hasEpoch = request.data().producerEpoch() != RecordBatch.NO_PRODUCER_EPOCH;
        return hasId != hasEpoch;
    }

    private static Reply accept(long producerId) {
        return Reply.of(new InitProducerIdResponse(
                new InitProducerIdResponseData().setProducerId(producerId).setProducerEpoch(FIRST_EPOCH)));
    }

    private static Reply refuse(Errors error) {
        return Reply.of(new InitProducerIdResponse(new InitProducerIdResponseData()
                .setErrorCode(error.code())
                .setProducerId(RecordBatch.NO_PRODUCER_ID)
                .setProducerEpoch(RecordBatch.NO_PRODUCER_EPOCH)));
    }
}
