package io.odradek.api.group;

import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.api.Stages;
import io.odradek.group.Group;
import io.odradek.group.GroupCoordinator;
import io.odradek.group.GroupShard;
import io.odradek.security.AccessControl;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.NotCoordinatorException;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListGroupsRequest;
import org.apache.kafka.common.requests.ListGroupsResponse;
import org.apache.kafka.common.resource.ResourceType;

/** ListGroups: those that this broker coordinates. Who may describe the cluster sees all, others what they may describe. */
public final class ListGroupsHandler implements ApiHandler<ListGroupsRequest> {
    private final GroupCoordinator groups;
    private final AccessControl access;

    public ListGroupsHandler(GroupCoordinator groups, AccessControl access) {
        this.groups = groups;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.LIST_GROUPS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, ListGroupsRequest request) {
        var wanted = filter(request.data());
        var lists = groups.shards().readAll(shard -> list(shard, wanted)).stream()
                .map(ListGroupsHandler::withoutResigned)
                .toList();
        return Stages.all(lists)
                .thenApply(all -> all.stream().flatMap(Collection::stream).toList())
                .thenCompose(all -> visible(context, all))
                .thenApply(all -> new ListGroupsResponseData().setGroups(all))
                .exceptionally(e -> new ListGroupsResponseData()
                        .setErrorCode(Errors.forException(e).code()))
                .thenApply(data -> Reply.of(new ListGroupsResponse(data)));
    }

    private static Predicate<Group> filter(ListGroupsRequestData request) {
        var states =
                request.statesFilter().stream().map(ListGroupsHandler::plain).collect(Collectors.toSet());
        var types = request.typesFilter().stream().map(GroupType::parse).collect(Collectors.toSet());
        return group -> (states.isEmpty() || states.contains(plain(group.state().toString())))
                && (types.isEmpty() || types.contains(group.type()));
    }

    private static String plain(String state) {
        return state.toLowerCase(Locale.ROOT).trim();
    }

    private static List<ListedGroup> list(GroupShard shard, Predicate<Group> wanted) {
        return shard.groups().all().stream()
                .filter(wanted)
                .map(group -> new ListedGroup()
                        .setGroupId(group.groupId())
                        .setProtocolType(group.protocolType().orElse(""))
                        .setGroupState(group.state().toString())
                        .setGroupType(group.type().toString().toLowerCase(Locale.ROOT)))
                .toList();
    }

    /** Another broker lists them by now. */
    private static CompletionStage<List<ListedGroup>> withoutResigned(CompletionStage<List<ListedGroup>> list) {
        return list.exceptionally(e -> {
            var cause = Errors.maybeUnwrapException(e);
            if (cause instanceof NotCoordinatorException) {
                return List.of();
            }
            throw new CompletionException(cause);
        });
    }

    private CompletionStage<List<ListedGroup>> visible(RequestContext context, List<ListedGroup> all) {
        return access.allowedOnCluster(context.client(), AclOperation.DESCRIBE).thenCompose(seesAll -> {
            if (seesAll) {
                return CompletableFuture.completedStage(all);
            }
            var names = all.stream().map(ListedGroup::groupId).toList();
            return access.allowed(context.client(), AclOperation.DESCRIBE, ResourceType.GROUP, names)
                    .thenApply(allowed -> all.stream()
                            .filter(group -> allowed.test(group.groupId()))
                            .toList());
        });
    }
}
