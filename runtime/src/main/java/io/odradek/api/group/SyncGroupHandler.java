package io.odradek.api.group;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.api.Stages;
import io.odradek.group.GroupCoordinator;
import io.odradek.security.AccessControl;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.apache.kafka.common.requests.SyncGroupResponse;
import org.apache.kafka.common.resource.ResourceType;

/** SyncGroup: answers when the leader of the group has brought the assignment. */
public final class SyncGroupHandler implements ApiHandler<SyncGroupRequest> {
    private final GroupCoordinator groups;
    private final AccessControl access;

    public SyncGroupHandler(GroupCoordinator groups, AccessControl access) {
        this.groups = groups;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.SYNC_GROUP;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, SyncGroupRequest request) {
        if (!request.areMandatoryProtocolTypeAndNamePresent()) {
            return refuse(request, Errors.INCONSISTENT_GROUP_PROTOCOL);
        }
        return access.allowed(
                        context.client(),
                        AclOperation.READ,
                        ResourceType.GROUP,
                        request.data().groupId())
                .thenCompose(allowed ->
                        allowed ? sync(context, request) : refuse(request, Errors.GROUP_AUTHORIZATION_FAILED));
    }

    private CompletionStage<Reply> sync(RequestContext context, SyncGroupRequest request) {
        var groupId = request.data().groupId();
        if (groupId.isEmpty()) {
            return refuse(request, Errors.INVALID_GROUP_ID);
        }
        var synced = groups.write(groupId, shard -> shard.classicProtocol(groupId)
                        .sync(ClassicCallers.of(context), request.data()))
                .thenCompose(Function.identity());
        return Stages.whileClientWaits(context, synced).thenApply(data -> Reply.of(new SyncGroupResponse(data)));
    }

    private static CompletionStage<Reply> refuse(SyncGroupRequest request, Errors error) {
        return CompletableFuture.completedStage(Reply.of(request.getErrorResponse(error.exception())));
    }
}
