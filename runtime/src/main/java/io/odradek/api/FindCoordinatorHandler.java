package io.odradek.api;

import io.odradek.coordinator.InternalTopic;
import io.odradek.metadata.MetadataStore;
import io.odradek.security.AccessControl;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.apache.kafka.common.resource.ResourceType;

/**
 * FindCoordinator: the broker that leads the partition of the internal topic that the key belongs to. The topic is made when
 * it is first asked for; unlike Apache Kafka, which has the client ask again, this waits until it is there. Nobody
 * coordinates share groups: a valid key is answered with COORDINATOR_NOT_AVAILABLE.
 */
public final class FindCoordinatorHandler implements ApiHandler<FindCoordinatorRequest> {
    private static final int FIRST_BATCHED_VERSION = 4;
    private static final int FIRST_VERSION_OF_SHARE_GROUPS = 6;

    private final MetadataStore metadata;
    private final InternalTopic groups;
    private final InternalTopic transactions;
    private final AccessControl access;

    public FindCoordinatorHandler(
            MetadataStore metadata, InternalTopic groups, InternalTopic transactions, AccessControl access) {
        this.metadata = metadata;
        this.groups = groups;
        this.transactions = transactions;
        this.access = access;
    }

    /** @param node of no meaning with an error */
    private record Answer(Errors error, Node node) {
        static Answer refused(Errors error) {
            return new Answer(error, Node.noNode());
        }
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
                    .thenApply(answer ->
                            Reply.of(FindCoordinatorResponse.prepareOldResponse(answer.error(), answer.node())));
        }
        var keys = request.data().coordinatorKeys();
        return Stages.all(keys.stream()
                        .map(key -> answer(context, type, key).thenApply(answer -> coordinator(key, answer)))
                        .toList())
                .thenApply(coordinators -> Reply.of(
                        new FindCoordinatorResponse(new FindCoordinatorResponseData().setCoordinators(coordinators))));
    }

    private CompletionStage<Answer> answer(RequestContext context, CoordinatorType type, String key) {
        return switch (type) {
            case GROUP -> find(context, groups, ResourceType.GROUP, key, Errors.GROUP_AUTHORIZATION_FAILED);
            case TRANSACTION ->
                find(
                        context,
                        transactions,
                        ResourceType.TRANSACTIONAL_ID,
                        key,
                        Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
            case SHARE -> share(context, key).thenApply(Answer::refused);
        };
    }

    private CompletionStage<Answer> find(
            RequestContext context, InternalTopic topic, ResourceType type, String key, Errors refusal) {
        return access.allowed(context.client(), AclOperation.DESCRIBE, type, key)
                .thenCompose(allowed -> allowed
                        ? topic.create().thenApply(created -> coordinator(context, topic, key))
                        : CompletableFuture.completedStage(Answer.refused(refusal)));
    }

    private Answer coordinator(RequestContext context, InternalTopic topic, String key) {
        return topic.coordinator(metadata.image(), key)
                .flatMap(broker -> broker.endpoint(context.client().listener())
                        .map(e -> new Node(broker.id(), e.host(), e.port())))
                .map(node -> new Answer(Errors.NONE, node))
                .orElseGet(() -> Answer.refused(Errors.COORDINATOR_NOT_AVAILABLE));
    }

    private CompletionStage<Errors> share(RequestContext context, String key) {
        if (context.apiVersion() < FIRST_VERSION_OF_SHARE_GROUPS) {
            return CompletableFuture.completedStage(Errors.INVALID_REQUEST);
        }
        return access.requireOnCluster(context.client(), AclOperation.CLUSTER_ACTION)
                .thenApply(granted -> {
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

    private static Coordinator coordinator(String key, Answer answer) {
        return new Coordinator()
                .setKey(key)
                .setErrorCode(answer.error().code())
                .setNodeId(answer.node().id())
                .setHost(answer.node().host())
                .setPort(answer.node().port());
    }
}
