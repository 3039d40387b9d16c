package io.odradek.api.group;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.api.Stages;
import io.odradek.group.GroupCoordinator;
import io.odradek.security.AccessControl;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.apache.kafka.common.requests.SyncGroupResponse;

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
            return GroupPermissions.refusal(request, Errors.INCONSISTENT_GROUP_PROTOCOL);
        }
        var groupId = request.data().groupId();
        return GroupPermissions.toReaderOfNamed(
                access, context, request, groupId, () -> sync(context, request, groupId));
    }

    private CompletionStage<Reply> sync(RequestContext context, SyncGroupRequest request, String groupId) {
        var synced = groups.write(groupId, shard -> shard.classicProtocol(groupId)
                        .sync(ClassicCallers.of(context), request.data()))
                .thenCompose(Function.identity());
        return Stages.whileClientWaits(context, synced).thenApply(data -> Reply.of(new SyncGroupResponse(data)));
    }
}
