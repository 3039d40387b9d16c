package io.odradek.api.group;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.api.Stages;
import io.odradek.config.GroupSettings;
import io.odradek.group.GroupCoordinator;
import io.odradek.security.AccessControl;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.JoinGroupResponse;

/** JoinGroup: answers when the group has its next generation. */
public final class JoinGroupHandler implements ApiHandler<JoinGroupRequest> {
    private final GroupCoordinator groups;
    private final GroupSettings settings;
    private final AccessControl access;

    public JoinGroupHandler(GroupCoordinator groups, GroupSettings settings, AccessControl access) {
        this.groups = groups;
        this.settings = settings;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.JOIN_GROUP;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, JoinGroupRequest request) {
        return GroupPermissions.toReader(
                access, context, request, request.data().groupId(), () -> join(context, request.data())
                        .thenApply(data -> Reply.of(new JoinGroupResponse(data, context.apiVersion()))));
    }

    private CompletionStage<JoinGroupResponseData> join(RequestContext context, JoinGroupRequestData request) {
        if (request.groupId().isEmpty()) {
            return refuse(request, Errors.INVALID_GROUP_ID);
        }
        if (request.sessionTimeoutMs() < settings.minSessionTimeoutMs()
                || request.sessionTimeoutMs() > settings.maxSessionTimeoutMs()) {
            return refuse(request, Errors.INVALID_SESSION_TIMEOUT);
        }
        var joined = groups.write(request.groupId(), shard -> shard.classicProtocol(request.groupId())
                        .join(ClassicCallers.of(context), request))
                .thenCompose(Function.identity());
        return Stages.whileClientWaits(context, joined);
    }

    private static CompletionStage<JoinGroupResponseData> refuse(JoinGroupRequestData request, Errors error) {
        return CompletableFuture.completedStage(
                new JoinGroupResponseData().setMemberId(request.memberId()).setErrorCode(error.code()));
    }
}
