package io.odradek.api.group;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.group.GroupCoordinator;
import io.odradek.security.AccessControl;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.CoordinatorLoadInProgressException;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;

/** Heartbeat of a member that speaks the classic protocol. */
public final class HeartbeatHandler implements ApiHandler<HeartbeatRequest> {
    private final GroupCoordinator groups;
    private final AccessControl access;

    public HeartbeatHandler(GroupCoordinator groups, AccessControl access) {
        this.groups = groups;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.HEARTBEAT;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, HeartbeatRequest request) {
        var groupId = request.data().groupId();
        return GroupPermissions.toReaderOfNamed(
                access, context, request, groupId, () -> beat(context, request, groupId));
    }

    private CompletionStage<Reply> beat(RequestContext context, HeartbeatRequest request, String groupId) {
        return groups.write(groupId, shard -> shard.classicProtocol(groupId)
                        .heartbeat(ClassicCallers.of(context), request.data()))
                .exceptionally(HeartbeatHandler::allIsWellWhileLoading)
                .thenApply(data -> Reply.of(new HeartbeatResponse(data)));
    }

    /** Members need not do anything about it: their sessions begin anew when the group is loaded. */
    private static HeartbeatResponseData allIsWellWhileLoading(Throwable failure) {
        var cause = Errors.maybeUnwrapException(failure);
        if (cause instanceof CoordinatorLoadInProgressException) {
            return new HeartbeatResponseData();
        }
        throw new CompletionException(cause);
    }
}
