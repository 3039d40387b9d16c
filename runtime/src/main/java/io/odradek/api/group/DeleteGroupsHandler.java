package io.odradek.api.group;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.api.Stages;
import io.odradek.group.GroupCoordinator;
import io.odradek.security.AccessControl;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResultCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DeleteGroupsResponse;
import org.apache.kafka.common.resource.ResourceType;

/** DeleteGroups: each group with its offsets, if nobody is in it. */
public final class DeleteGroupsHandler implements ApiHandler<DeleteGroupsRequest> {
    private final GroupCoordinator groups;
    private final AccessControl access;

    public DeleteGroupsHandler(GroupCoordinator groups, AccessControl access) {
        this.groups = groups;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.DELETE_GROUPS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, DeleteGroupsRequest request) {
        var names = request.data().groupsNames().stream().distinct().toList();
        return access.allowed(context.client(), AclOperation.DELETE, ResourceType.GROUP, names)
                .thenCompose(allowed -> Stages.all(
                        names.stream().map(name -> delete(name, allowed)).toList()))
                .thenApply(results -> Reply.of(new DeleteGroupsResponse(new DeleteGroupsResponseData()
                        .setResults(new DeletableGroupResultCollection(results.iterator())))));
    }

    private CompletionStage<DeletableGroupResult> delete(String name, Predicate<String> allowed) {
        var deleted = allowed.test(name)
                ? groups.write(name, shard -> shard.delete(name)).exceptionally(e -> Errors.forException(e))
                : CompletableFuture.completedStage(Errors.GROUP_AUTHORIZATION_FAILED);
        return deleted.thenApply(
                error -> new DeletableGroupResult().setGroupId(name).setErrorCode(error.code()));
    }
}
