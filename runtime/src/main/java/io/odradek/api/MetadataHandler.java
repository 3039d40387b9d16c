package io.odradek.api;

import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.TopicImage;
import io.odradek.security.AccessControl;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Metadata: brokers, the controller, and topics by name, by id (KIP-516) or all. Topics asked for by name that do not
 * exist are created where the client and the broker's settings say so.
 *
 * <p>A topic that the client may not describe is no different from one that does not exist, but where it was named.
 */
public final class MetadataHandler implements ApiHandler<MetadataRequest> {
    private static final short FIRST_VERSION_BY_ID = 12;

    private final MetadataStore metadata;
    private final TopicAutoCreation autoCreation;
    private final AccessControl access;

    public MetadataHandler(MetadataStore metadata, TopicAutoCreation autoCreation, AccessControl access) {
        this.metadata = metadata;
        this.autoCreation = autoCreation;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.METADATA;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, MetadataRequest request) {
        var selection = select(metadata.image(), request);
        return access.allowed(context.client(), AclOperation.DESCRIBE, ResourceType.TOPIC, selection.names)
                .thenCompose(describable -> createMissing(context, request, selection, describable)
                        .thenCompose(refused -> answer(context, request, selection, describable, refused)));
    }

    /** What the request asks for: names, and ids that name nothing. */
    private record Selection(boolean all, boolean byId, Set<String> names, Set<Uuid> unknownIds) {}

    private static Selection select(MetadataImage image, MetadataRequest request) {
        if (request.isAllTopics()) {
            var names = image.topics().all().stream().map(TopicImage::name).collect(toOrderedSet());
            return new Selection(true, false, names, Set.of());
        }
        for (var topic : request.data().topics()) {
            if (request.version() < FIRST_VERSION_BY_ID) {
                if (topic.name() == null) {
                    throw new InvalidRequestException("Topic name can not be null for version " + request.version());
                }
                if (!topic.topicId().equals(Uuid.ZERO_UUID)) {
                    throw new InvalidRequestException(
                            "Topic IDs are not supported in requests for version " + request.version());
                }
            }
        }
        var ids = request.topicIds().stream()
                .filter(id -> !id.equals(Uuid.ZERO_UUID))
                .collect(toOrderedSet());
        if (ids.isEmpty()) {
            var names = request.topics().stream().filter(Objects::nonNull).collect(toOrderedSet());
            return new Selection(false, false, names, Set.of());
        }
        var names = ids.stream()
                .flatMap(id -> image.topics().byId(id).stream())
                .map(TopicImage::name)
                .collect(toOrderedSet());
        var unknown =
                ids.stream().filter(id -> image.topics().byId(id).isEmpty()).collect(toOrderedSet());
        return new Selection(false, true, names, unknown);
    }

    private static <T> Collector<T, ?, Set<T>> toOrderedSet() {
        return Collectors.toCollection(LinkedHashSet::new);
    }

    /** @return the missing topics that this client may not create */
    private CompletionStage<Set<String>> createMissing(
            RequestContext context, MetadataRequest request, Selection selection, Predicate<String> describable) {
        if (selection.all || selection.byId || !request.allowAutoTopicCreation() || !autoCreation.enabled()) {
            return CompletableFuture.completedStage(Set.of());
        }
        var topics = metadata.image().topics();
        var missing = selection.names.stream()
                .filter(describable)
                .filter(name -> topics.byName(name).isEmpty())
                .collect(toOrderedSet());
        if (missing.isEmpty()) {
            return CompletableFuture.completedStage(Set.of());
        }
        return mayCreate(context, missing).thenCompose(allowed -> {
            var creatable = missing.stream().filter(allowed).toList();
            missing.removeIf(allowed);
            return autoCreation.create(context, creatable).thenApply(done -> missing);
        });
    }

    private CompletionStage<Predicate<String>> mayCreate(RequestContext context, Set<String> names) {
        return access.allowedOnCluster(context.client(), AclOperation.CREATE)
                .thenCompose(onCluster -> onCluster
                        ? CompletableFuture.completedStage(name -> true)
                        : access.allowed(context.client(), AclOperation.CREATE, ResourceType.TOPIC, names));
    }

    private CompletionStage<Reply> answer(
            RequestContext context,
            MetadataRequest request,
            Selection selection,
            Predicate<String> describable,
            Set<String> refusedCreation) {
        var image = metadata.image();
        var brokers = BrokerView.of(image, context);
        var described = describe(image, brokers, request, selection, describable, refusedCreation);
        var topics = new ArrayList<MetadataResponseTopic>();
        selection.unknownIds.forEach(id ->
                topics.add(TopicMetadata.error(Errors.UNKNOWN_TOPIC_ID, null).setTopicId(id)));
        topics.addAll(described);
        refusedCreation.forEach(name -> topics.add(TopicMetadata.error(Errors.TOPIC_AUTHORIZATION_FAILED, name)));
        if (!selection.all) {
            selection.names.stream()
                    .filter(describable.negate())
                    .forEach(name -> topics.add(undisclosed(image, selection, name)));
        }
        return topicOperations(context, request, described)
                .thenCompose(done -> clusterOperations(context, request))
                .thenApply(clusterOperations -> Reply.of(MetadataResponse.prepareResponse(
                        request.version(),
                        0,
                        brokers.alive(),
                        image.clusterId().orElse(null),
                        brokers.controllerId(metadata.quorum()),
                        topics,
                        clusterOperations)));
    }

    private static List<MetadataResponseTopic> describe(
            MetadataImage image,
            BrokerView brokers,
            MetadataRequest request,
            Selection selection,
            Predicate<String> describable,
            Set<String> refusedCreation) {
        var form = new TopicMetadata(brokers, request.version());
        var topics = new ArrayList<MetadataResponseTopic>(selection.names.size());
        for (var name : selection.names) {
            if (!describable.test(name) || refusedCreation.contains(name)) {
                continue;
            }
            var topic = image.topics().byName(name);
            if (topic.isPresent()) {
                topics.add(form.describe(topic.get()));
            } else if (!selection.all) {
                topics.add(TopicMetadata.missing(name));
            }
        }
        return topics;
    }

    /** Asked by id, the id may be told but not the name; asked by name, the name but not the id. */
    private static MetadataResponseTopic undisclosed(MetadataImage image, Selection selection, String name) {
        var error = TopicMetadata.error(Errors.TOPIC_AUTHORIZATION_FAILED, selection.byId ? null : name)
                .setIsInternal(false);
        if (selection.byId) {
            image.topics().byName(name).ifPresent(topic -> error.setTopicId(topic.id()));
        }
        return error;
    }

    private CompletionStage<Void> topicOperations(
            RequestContext context, MetadataRequest request, List<MetadataResponseTopic> topics) {
        if (request.version() < 8 || !request.data().includeTopicAuthorizedOperations()) {
            return CompletableFuture.completedStage(null);
        }
        var names = topics.stream().map(MetadataResponseTopic::name).toList();
        return access.authorizedOperations(context.client(), ResourceType.TOPIC, names)
                .thenAccept(operations -> topics.forEach(
                        topic -> topic.setTopicAuthorizedOperations(operations.applyAsInt(topic.name()))));
    }

    private CompletionStage<Integer> clusterOperations(RequestContext context, MetadataRequest request) {
        if (request.version() < 8 || request.version() > 10 || !request.data().includeClusterAuthorizedOperations()) {
            return CompletableFuture.completedStage(MetadataResponse.AUTHORIZED_OPERATIONS_OMITTED);
        }
        return ClusterOperations.of(access, context.client());
    }
}
