package io.odradek.api.group;

import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.security.AccessControl;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.resource.ResourceType;

/** What a client may do with groups, asked where several requests ask alike. */
final class GroupPermissions {
    private GroupPermissions() {}

    /** The answer to a client that may read the group, as members must; else a refusal. */
    static CompletionStage<Reply> toReader(
            AccessControl access,
            RequestContext context,
            AbstractRequest request,
            String groupId,
            Supplier<CompletionStage<Reply>> answer) {
        return access.allowed(context.client(), AclOperation.READ, ResourceType.GROUP, groupId)
                .thenCompose(allowed -> allowed ? answer.get() : refusal(request, Errors.GROUP_AUTHORIZATION_FAILED));
    }

    /** As {@link #toReader}, where a group without a name is none. */
    static CompletionStage<Reply> toReaderOfNamed(
            AccessControl access,
            RequestContext context,
            AbstractRequest request,
            String groupId,
            Supplier<CompletionStage<Reply>> answer) {
        return toReader(
                access,
                context,
                request,
                groupId,
                () -> groupId.isEmpty() ? refusal(request, Errors.INVALID_GROUP_ID) : answer.get());
    }

    static CompletionStage<Reply> refusal(AbstractRequest request, Errors error) {
        return CompletableFuture.completedStage(Reply.of(request.getErrorResponse(error.exception())));
    }

    /** The groups, each with what the client may do with it (KIP-430). */
    static <G> CompletionStage<List<G>> withOperations(
            AccessControl access,
            RequestContext context,
            List<G> groups,
            Function<G, String> id,
            ObjIntConsumer<G> setOperations) {
        return access.authorizedOperations(
                        context.client(),
                        ResourceType.GROUP,
                        groups.stream().map(id).toList())
                .thenApply(operations -> {
                    groups.forEach(group -> setOperations.accept(group, operations.applyAsInt(id.apply(group))));
                    return groups;
                });
    }
}
