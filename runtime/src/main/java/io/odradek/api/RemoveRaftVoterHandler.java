package io.odradek.api;

import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.Voters;
import io.odradek.security.AccessControl;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.RemoveRaftVoterResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.RemoveRaftVoterRequest;
import org.apache.kafka.common.requests.RemoveRaftVoterResponse;

/** RemoveRaftVoter (KIP-853), by the node's id. */
public final class RemoveRaftVoterHandler implements ApiHandler<RemoveRaftVoterRequest> {
    private final Voters voters;
    private final VoterRequests requests;

    public RemoveRaftVoterHandler(Voters voters, MetadataStore metadata, AccessControl access) {
        this.voters = voters;
        requests = new VoterRequests(metadata, access);
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.REMOVE_RAFT_VOTER;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, RemoveRaftVoterRequest request) {
        return requests.handle(
                context,
                request.data().clusterId(),
                () -> voters.remove(request.data().voterId()),
                error -> new RemoveRaftVoterResponse(new RemoveRaftVoterResponseData()
                        .setErrorCode(error.error().code())
                        .setErrorMessage(error.isFailure() ? error.messageWithFallback() : null)));
    }
}
