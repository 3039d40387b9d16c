package io.odradek.api;

import io.odradek.security.AccessControl;
import io.odradek.security.ClientIdentity;
import io.odradek.transaction.TransactionCoordinator;
import java.util.Optional;
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
import org.apache.kafka.common.utils.ProducerIdAndEpoch;

/**
 * InitProducerId: an id for an idempotent producer; for a transactional one also what fences whoever had its transactional
 * id before.
 */
public final class InitProducerIdHandler implements ApiHandler<InitProducerIdRequest> {
    private static final short FIRST_EPOCH = 0;
    private static final int FIRST_WITH_PRODUCER_FENCED = 4;

    private final ProducerIds ids;
    private final TransactionCoordinator transactions;
    private final AccessControl access;

    public InitProducerIdHandler(ProducerIds ids, TransactionCoordinator transactions, AccessControl access) {
        this.ids = ids;
        this.transactions = transactions;
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
                    .thenCompose(allowed -> allowed
                            ? transactional(request)
                            : CompletableFuture.completedStage(refuse(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)));
        }
        return mayWriteIdempotently(context.client()).thenCompose(allowed -> {
            if (!allowed) {
                return CompletableFuture.completedStage(refuse(Errors.CLUSTER_AUTHORIZATION_FAILED));
            }
            return namesHalfAProducer(request)
                    ? CompletableFuture.completedStage(refuse(Errors.INVALID_REQUEST))
                    : ids.next().thenApply(id -> accept(new ProducerIdAndEpoch(id, FIRST_EPOCH)));
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

    private CompletionStage<Reply> transactional(InitProducerIdRequest request) {
        if (namesHalfAProducer(request)) {
            return CompletableFuture.completedStage(refuse(Errors.INVALID_REQUEST));
        }
        var data = request.data();
        var expected = data.producerId() == RecordBatch.NO_PRODUCER_ID
                ? Optional.<ProducerIdAndEpoch>empty()
                : Optional.of(new ProducerIdAndEpoch(data.producerId(), data.producerEpoch()));
        return transactions
                .initProducerId(
                        data.transactionalId(),
                        data.transactionTimeoutMs(),
                        request.enable2Pc(),
                        request.keepPreparedTxn(),
                        expected)
                .handle((producer, failure) -> failure == null ? accept(producer) : refuse(error(request, failure)));
    }

    private static Errors error(InitProducerIdRequest request, Throwable failure) {
        var error = Errors.forException(failure);
        return error == Errors.PRODUCER_FENCED && request.version() < FIRST_WITH_PRODUCER_FENCED
                ? Errors.INVALID_PRODUCER_EPOCH
                : error;
    }

    /** A producer that asks for a newer epoch (KIP-360) says both its id and its epoch. */
    private static boolean namesHalfAProducer(InitProducerIdRequest request) {
        boolean hasId = request.data().producerId() != RecordBatch.NO_PRODUCER_ID;
        boolean hasEpoch = request.data().producerEpoch() != RecordBatch.NO_PRODUCER_EPOCH;
        return hasId != hasEpoch;
    }

    private static Reply accept(ProducerIdAndEpoch producer) {
        return Reply.of(new InitProducerIdResponse(new InitProducerIdResponseData()
                .setProducerId(producer.producerId)
                .setProducerEpoch(producer.epoch)));
    }

    private static Reply refuse(Errors error) {
        return Reply.of(new InitProducerIdResponse(new InitProducerIdResponseData()
                .setErrorCode(error.code())
                .setProducerId(RecordBatch.NO_PRODUCER_ID)
                .setProducerEpoch(RecordBatch.NO_PRODUCER_EPOCH)));
    }
}
