package io.odradek.api;

import io.odradek.metadata.Command.UnregisterBroker;
import io.odradek.metadata.MetadataStore;
import io.odradek.security.AccessControl;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.UnregisterBrokerResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.UnregisterBrokerRequest;
import org.apache.kafka.common.requests.UnregisterBrokerResponse;

/** UnregisterBroker (KIP-631): a broker that will not come back is forgotten. */
public final class UnregisterBrokerHandler implements ApiHandler<UnregisterBrokerRequest> {
    /** The request says no time itself; what clients wait by default. */
    private static final int TIMEOUT_MS = 30_000;

    private final MetadataStore metadata;
    private final AccessControl access;

    public UnregisterBrokerHandler(MetadataStore metadata, AccessControl access) {
        this.metadata = metadata;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.UNREGISTER_BROKER;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, UnregisterBrokerRequest request) {
        return access.requireOnCluster(context.client(), AclOperation.ALTER).thenCompose(granted -> {
            return Outcome.propose(metadata, new UnregisterBroker(request.data().brokerId()), TIMEOUT_MS)
                    .thenApply(outcome -> Reply.of(new UnregisterBrokerResponse(new UnregisterBrokerResponseData()
                            .setErrorCode(outcome.error().error().code())
                            .setErrorMessage(outcome.error().message()))));
        });
    }
}
