package io.odradek.api.group;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.api.Stages;
import io.odradek.group.GroupCoordinator;
import io.odradek.group.classic.ClassicGroups;
import io.odradek.security.AccessControl;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeGroupsRequest;
import org.apache.kafka.common.requests.DescribeGroupsResponse;
import org.apache.kafka.common.resource.ResourceType;

/** DescribeGroups: classic groups with their members. Groups of other kinds have APIs of their own. */
public final class DescribeGroupsHandler implements ApiHandler<DescribeGroupsRequest> {
    /** Before, a group that is not there is described as a dead one. */
    private static final int FIRST_VERSION_OF_NOT_FOUND = 6;

    private final GroupCoordinator groups;
    private final AccessControl access;

    public DescribeGroupsHandler(GroupCoordinator groups, AccessControl access) {
        this.groups = groups;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.DESCRIBE_GROUPS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, DescribeGroupsRequest request) {
        var ids = request.data().groups();
        return access.allowed(context.client(), AclOperation.DESCRIBE, ResourceType.GROUP, ids)
                .thenCompose(allowed -> {
                    var refused = new ArrayList<DescribedGroup>();
                    var described = new ArrayList<CompletionStage<DescribedGroup>>();
                    for (var id : ids) {
                        if (allowed.test(id)) {
                            described.add(describe(id, request.version()));
                        } else {
                            refused.add(DescribeGroupsResponse.groupError(id, Errors.GROUP_AUTHORIZATION_FAILED));
                        }
                    }
                    return Stages.all(described)
                            .thenCompose(found -> withOperations(context, request, found))
                            .thenApply(found -> reply(refused, found));
                });
    }

    private CompletionStage<DescribedGroup> describe(String id, short version) {
        return groups.read(id, shard -> describe(shard.kind(ClassicGroups.class), id, version))
                .exceptionally(e -> new DescribedGroup()
                        .setGroupId(id)
                        .setErrorCode(Errors.forException(e).code()));
    }

    private static DescribedGroup describe(ClassicGroups groups, String id, short version) {
        try {
            return groups.describe(id);
        } catch (GroupIdNotFoundException e) {
            var dead = new DescribedGroup().setGroupId(id).setGroupState(GroupState.DEAD.toString());
            return version < FIRST_VERSION_OF_NOT_FOUND
                    ? dead
                    : dead.setErrorCode(Errors.GROUP_ID_NOT_FOUND.code()).setErrorMessage(e.getMessage());
        }
    }

    private CompletionStage<List<DescribedGroup>> withOperations(
            RequestContext context, DescribeGroupsRequest request, List<DescribedGroup> described) {
        if (!request.data().includeAuthorizedOperations()) {
            return CompletableFuture.completedStage(described);
        }
        var found = described.stream()
                .filter(group -> group.errorCode() == Errors.NONE.code())
                .toList();
        return GroupPermissions.withOperations(
                        access, context, found, DescribedGroup::groupId, DescribedGroup::setAuthorizedOperations)
                .thenApply(ignored -> described);
    }

    private static Reply reply(List<DescribedGroup> refused, List<DescribedGroup> found) {
        refused.addAll(found);
        return Reply.of(new DescribeGroupsResponse(new DescribeGroupsResponseData().setGroups(refused)));
    }
}
