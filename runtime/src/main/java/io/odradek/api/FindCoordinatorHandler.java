package io.odradek.api;

import io.odradek.security.AccessControl;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.apache.kafka.common.resource.ResourceType;

/**
 * FindCoordinator. This broker coordinates no groups and no transactions, so that a valid key is answered with
 * COORDINATOR_NOT_AVAILABLE, as by an Apache Kafka whose internal topics have no leader: clients ask again.
 */
public final class FindCoordinatorHandler implements ApiHandler<FindCoordinatorRequest> {
    private static final int FIRST_BATCHED_VERSION = 4;
    private static final int FIRST_VERSION_OF_SHARE_GROUPS = 6;

    private final AccessControl access;

    public FindCoordinatorHandler(AccessControl access) {
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.FIND_COORDINATOR;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, FindCoordinatorRequest request) {
        var type = CoordinatorType.forId(request.data().keyType());
        if (request.version() < FIRST_BATCHED_VERSION) {
            return answer(context, type, request.data().key())
                    .thenApply(error -> Reply.of(FindCoordinatorResponse.prepareOldResponse(error, Node.noNode())));
        }
        var keys = request.data().coordinatorKeys();
        return Stages.all(keys.stream()
                        .map(key -> answer(context, type, key).thenApply(error -> coordinator(key, error)))
                        .toList())
                .thenApply(coordinators -> Reply.of(
                        new FindCoordinatorResponse(new FindCoordinatorResponseData().setCoordinators(coordinators))));
    }

    private CompletionStage<Errors> answer(RequestContext context, CoordinatorType type, String key) {
        return switch (type) {
            case GROUP -> permitted(context, ResourceType.GROUP, key, Errors.GROUP_AUTHORIZATION_FAILED);
            case TRANSACTION ->
                permitted(context, ResourceType.TRANSACTIONAL_ID, key, Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
            case SHARE -> share(context, key);
        };
    }

    private CompletionStage<Errors> permitted(RequestContext context, ResourceType type, String key, Errors refusal) {
        return access.allowed(context.client(), AclOperation.DESCRIBE, type, key)
                .thenApply(allowed -> allowed ? Errors.COORDINATOR_NOT_AVAILABLE : refusal);
    }

    private CompletionStage<Errors> share(RequestContext context, String key) {
        if (context.apiVersion() < FIRST_VERSION_OF_SHARE_GROUPS) {
            return CompletableFuture.completedStage(Errors.INVALID_REQUEST);
        }
        return access.allowedOnCluster(context.client(), AclOperation.CLUSTER_ACTION)
                .thenApply(allowed -> {
                    if (!allowed) {
                        throw new ClusterAuthorizationException(Errors.CLUSTER_AUTHORIZATION_FAILED.message());
                    }
                    return isSharePartition(key) ? Errors.COORDINATOR_NOT_AVAILABLE : Errors.INVALID_REQUEST;
                });
    }

    /** Group, topic id and partition with colons between; a group's name may have colons itself. */
    private static boolean isSharePartition(String key) {
        var parts = List.of(key.split(":"));
        if (parts.size() < 3) {
            return false;
        }
        try {
            Uuid.fromString(parts.get(parts.size() - 2));
            Integer.parseInt(parts.get(parts.size() - 1));
            return !String.join(":", parts.subList(0, parts.size() - 2)).isBlank();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Coordinator coordinator(String key, Errors error) {
        return new Coordinator()
                .setKey(key)
                .setErrorCode(error.code())
                .setNodeId(Node.noNode().id())
                .setHost(Node.noNode().host())
                .setPort(Node.noNode().port());
    }
}
