package io.odradek.api.transaction;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.security.AccessControl;
import io.odradek.transaction.TransactionCoordinator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.EndTxnRequest;
import org.apache.kafka.common.requests.EndTxnResponse;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.utils.ProducerIdAndEpoch;

/** EndTxn: commits or aborts. From version 5 on the answer says who the producer is from now on (KIP-890). */
public final class EndTxnHandler implements ApiHandler<EndTxnRequest> {
    private static final int FIRST_WITH_PRODUCER_FENCED = 2;
    private static final int FIRST_WITH_BUMP = 5;

    private final TransactionCoordinator coordinator;
    private final AccessControl access;

    public EndTxnHandler(TransactionCoordinator coordinator, AccessControl access) {
        this.coordinator = coordinator;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.END_TXN;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, EndTxnRequest request) {
        var data = request.data();
        return access.allowed(
                        context.client(), AclOperation.WRITE, ResourceType.TRANSACTIONAL_ID, data.transactionalId())
                .thenCompose(allowed -> allowed
                        ? end(request)
                        : CompletableFuture.completedStage(
                                response(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, ProducerIdAndEpoch.NONE)))
                .thenApply(answer -> Reply.of(new EndTxnResponse(answer)));
    }

    private CompletionStage<EndTxnResponseData> end(EndTxnRequest request) {
        var data = request.data();
        return coordinator
                .endTransaction(
                        data.transactionalId(), data.producerId(), data.producerEpoch(), request.result(), (short)
                                (request.version() < FIRST_WITH_BUMP ? 0 : 2))
                .handle((producer, failure) -> failure == null
                        ? response(Errors.NONE, producer)
                        : response(
                                Failures.forVersion(
                                        Failures.error(failure), request.version(), FIRST_WITH_PRODUCER_FENCED),
                                ProducerIdAndEpoch.NONE));
    }

    private static EndTxnResponseData response(Errors error, ProducerIdAndEpoch producer) {
        return new EndTxnResponseData()
                .setErrorCode(error.code())
                .setProducerId(producer.producerId)
                .setProducerEpoch(producer.epoch);
    }
}
