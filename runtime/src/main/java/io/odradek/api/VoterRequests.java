package io.odradek.api;

import io.odradek.metadata.MetadataStore;
import io.odradek.security.AccessControl;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.InconsistentClusterIdException;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiError;

/** What requests that change the voters have in common. */
final class VoterRequests {
    private final MetadataStore metadata;
    private final AccessControl access;

    VoterRequests(MetadataStore metadata, AccessControl access) {
        this.metadata = metadata;
        this.access = access;
    }

    /**
     * @param clusterId that the request names; null if none
     * @param response for what came of it
     */
    CompletionStage<Reply> handle(
            RequestContext context,
            String clusterId,
            Supplier<CompletionStage<Void>> change,
            Function<ApiError, AbstractResponse> response) {
        return access.requireOnCluster(context.client(), AclOperation.ALTER).thenCompose(granted -> {
            var own = metadata.image().clusterId().orElse("");
            if (clusterId != null && !clusterId.equals(own)) {
                throw new InconsistentClusterIdException(
                        "The given id \"" + clusterId + "\" doesn't match the cluster id \"" + own + "\"");
            }
            return change.get().handle((done, failure) -> {
                return Reply.of(response.apply(failure == null ? ApiError.NONE : ApiError.fromThrowable(failure)));
            });
        });
    }
}
