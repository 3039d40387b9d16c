package io.odradek.api.group;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.group.GroupCoordinator;
import io.odradek.security.AccessControl;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.LeaveGroupResponse;

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
        var groupId = request.data().groupId();
        return GroupPermissions.toReaderOfNamed(
                access, context, request, groupId, () -> leave(context, request, groupId));
    }

    private CompletionStage<Reply> leave(RequestContext context, LeaveGroupRequest request, String groupId) {
        return groups.write(groupId, shard -> shard.classicProtocol(groupId)
                        .leave(ClassicCallers.of(context), request.normalizedData()))
                .thenApply(data -> Reply.of(new LeaveGroupResponse(data, request.version())));
    }
}
