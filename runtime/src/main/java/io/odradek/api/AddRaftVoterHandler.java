package io.odradek.api;

import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.Voters;
import io.odradek.security.AccessControl;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.AddRaftVoterResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AddRaftVoterRequest;
import org.apache.kafka.common.requests.AddRaftVoterResponse;

/** AddRaftVoter (KIP-853). The node is told by its id: endpoints and directory are what the node itself says. */
public final class AddRaftVoterHandler implements ApiHandler<AddRaftVoterRequest> {
    private final Voters voters;
    private final VoterRequests requests;

    public AddRaftVoterHandler(Voters voters, MetadataStore metadata, AccessControl access) {
        this.voters = voters;
        requests = new VoterRequests(metadata, access);
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.ADD_RAFT_VOTER;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, AddRaftVoterRequest request) {
        return requests.handle(
                context,
                request.data().clusterId(),
                () -> voters.add(request.data().voterId()),
                error -> new AddRaftVoterResponse(new AddRaftVoterResponseData()
                        .setErrorCode(error.error().code())
                        .setErrorMessage(error.isFailure() ? error.messageWithFallback() : null)));
    }
}
