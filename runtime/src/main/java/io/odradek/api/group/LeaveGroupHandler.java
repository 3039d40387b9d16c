package io.odradek.api.group;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.group.GroupCoordinator;
import io.odradek.security.AccessControl;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.LeaveGroupResponse;
import org.apache.kafka.common.resource.ResourceType;

/** LeaveGroup: a member goes, or since version 3 several at once. */
public final class LeaveGroupHandler implements ApiHandler<LeaveGroupRequest> {
    private final GroupCoordinator groups;
    private final AccessControl access;

    public LeaveGroupHandler(GroupCoordinator groups, AccessControl access) {
        this.groups = groups;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.LEAVE_GROUP;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, LeaveGroupRequest request) {
        return access.allowed(
                        context.client(),
                        AclOperation.READ,
                        ResourceType.GROUP,
                        request.data().groupId())
                .thenCompose(allowed ->
                        allowed ? leave(context, request) : refuse(request, Errors.GROUP_AUTHORIZATION_FAILED));
    }

    private CompletionStage<Reply> leave(RequestContext context, LeaveGroupRequest request) {
        var groupId = request.data().groupId();
        if (groupId.isEmpty()) {
            return refuse(request, Errors.INVALID_GROUP_ID);
        }
        return groups.write(groupId, shard -> shard.classicProtocol(groupId)
                        .leave(ClassicCallers.of(context), request.normalizedData()))
                .thenApply(data -> Reply.of(new LeaveGroupResponse(data, request.version())));
    }

    private static CompletionStage<Reply> refuse(LeaveGroupRequest request, Errors error) {
        return CompletableFuture.completedStage(Reply.of(request.getErrorResponse(error.exception())));
    }
}
