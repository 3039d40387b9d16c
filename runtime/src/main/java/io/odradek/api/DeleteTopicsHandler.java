package io.odradek.api;

import io.odradek.config.BrokerConfig;
import io.odradek.metadata.Command.DeleteTopic;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.TopicImage;
import io.odradek.security.AccessControl;
import io.odradek.security.Quotas;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.TopicDeletionDisabledException;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsResponse;
import org.apache.kafka.common.resource.ResourceType;

/**
 * DeleteTopics, by name or (KIP-516) by id. What the request names is answered in its order, so that an order of our own
 * cannot tell a topic that is absent from one that may not be seen.
 */
public final class DeleteTopicsHandler implements ApiHandler<DeleteTopicsRequest> {
    private static final int FIRST_VERSION_OF_STRICT_QUOTA = 5;
    private static final ApiError NAMED_TWICE =
            new ApiError(Errors.INVALID_REQUEST, "The provided topic name maps to an ID that was already supplied.");

    private final MetadataStore metadata;
    private final BrokerConfig config;
    private final AccessControl access;
    private final Quotas quotas;

    public DeleteTopicsHandler(MetadataStore metadata, BrokerConfig config, AccessControl access, Quotas quotas) {
        this.metadata = metadata;
        this.config = config;
        this.access = access;
        this.quotas = quotas;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.DELETE_TOPICS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, DeleteTopicsRequest request) {
        if (!config.log().deleteTopicEnable()) {
            throw request.version() < 3
                    ? new InvalidRequestException("This version does not support topic deletion.")
                    : new TopicDeletionDisabledException();
        }
        var image = metadata.image();
        var targets = targets(image, request.data());
        var names = targets.stream()
                .flatMap(target -> Stream.concat(target.name.stream(), target.topic.map(TopicImage::name).stream()))
                .distinct()
                .toList();
        return permissions(context, names).thenCompose(permissions -> {
            var quota = MutationQuota.of(quotas, context, FIRST_VERSION_OF_STRICT_QUOTA);
            return Stages.all(targets.stream()
                            .map(target -> delete(
                                    target,
                                    targets,
                                    permissions,
                                    quota,
                                    request.data().timeoutMs()))
                            .toList())
                    .thenApply(results -> {
                        var response = new DeleteTopicsResponseData().setThrottleTimeMs(quota.throttleMs());
                        response.responses().addAll(results);
                        return Reply.of(new DeleteTopicsResponse(response));
                    });
        });
    }

    /** One thing that the request names, once however often it names it. */
    private static final class Target {
        private final Optional<String> name;
        private final Uuid id;
        private final Optional<TopicImage> topic;
        private ApiError malformed = ApiError.NONE;

        private Target(Optional<String> name, Uuid id, Optional<TopicImage> topic) {
            this.name = name;
            this.id = id;
            this.topic = topic;
        }

        private Target malformed(Errors error, String message) {
            malformed = new ApiError(error, message);
            return this;
        }
    }

    private static List<Target> targets(MetadataImage image, DeleteTopicsRequestData request) {
        var targets = new ArrayList<Target>();
        var byName = new HashMap<String, Target>();
        var byId = new HashMap<Uuid, Target>();
        request.topicNames().forEach(name -> addByName(image, targets, byName, name));
        for (var topic : request.topics()) {
            boolean hasId = !topic.topicId().equals(Uuid.ZERO_UUID);
            if (topic.name() == null && !hasId) {
                targets.add(new Target(Optional.empty(), Uuid.ZERO_UUID, Optional.empty())
                        .malformed(Errors.INVALID_REQUEST, "Neither topic name nor id were specified."));
            } else if (topic.name() != null && hasId) {
                targets.add(new Target(Optional.of(topic.name()), topic.topicId(), Optional.empty())
                        .malformed(Errors.INVALID_REQUEST, "You may not specify both topic name and topic id."));
            } else if (hasId) {
                addById(image, targets, byId, topic.topicId());
            } else {
                addByName(image, targets, byName, topic.name());
            }
        }
        return targets;
    }

    private static void addByName(MetadataImage image, List<Target> targets, Map<String, Target> byName, String name) {
        var known = byName.get(name);
        if (known != null) {
            known.malformed(Errors.INVALID_REQUEST, "Duplicate topic name.");
            return;
        }
        var target =
                new Target(Optional.of(name), Uuid.ZERO_UUID, image.topics().byName(name));
        byName.put(name, target);
        targets.add(target);
    }

    private static void addById(MetadataImage image, List<Target> targets, Map<Uuid, Target> byId, Uuid id) {
        var known = byId.get(id);
        if (known != null) {
            known.malformed(Errors.INVALID_REQUEST, "Duplicate topic id.");
            return;
        }
        var target = new Target(Optional.empty(), id, image.topics().byId(id));
        byId.put(id, target);
        targets.add(target);
    }

    private record Permissions(Predicate<String> describe, Predicate<String> delete) {}

    private CompletionStage<Permissions> permissions(RequestContext context, List<String> names) {
        return access.allowedOnCluster(context.client(), AclOperation.DELETE).thenCompose(onCluster -> {
            if (onCluster) {
                return CompletableFuture.completedStage(new Permissions(name -> true, name -> true));
            }
            return access.allowed(context.client(), AclOperation.DESCRIBE, ResourceType.TOPIC, names)
                    .thenCompose(
                            describe -> access.allowed(context.client(), AclOperation.DELETE, ResourceType.TOPIC, names)
                                    .thenApply(delete -> new Permissions(describe, delete)));
        });
    }

    private CompletionStage<DeletableTopicResult> delete(
            Target target, List<Target> targets, Permissions permissions, MutationQuota quota, int timeoutMs) {
        if (target.malformed.isFailure()) {
            return answer(target.name, target.id, target.malformed);
        }
        return target.name.isPresent()
                ? deleteByName(target, target.name.get(), targets, permissions, quota, timeoutMs)
                : deleteById(target, targets, permissions, quota, timeoutMs);
    }

    private CompletionStage<DeletableTopicResult> deleteById(
            Target target, List<Target> targets, Permissions permissions, MutationQuota quota, int timeoutMs) {
        if (target.topic.isEmpty()) {
            return answer(Optional.empty(), target.id, error(Errors.UNKNOWN_TOPIC_ID));
        }
        var topic = target.topic.get();
        if (!permissions.delete.test(topic.name())) {
            var name = Optional.of(topic.name()).filter(permissions.describe);
            return answer(name, target.id, error(Errors.TOPIC_AUTHORIZATION_FAILED));
        }
        return isNamedTwice(topic, targets)
                ? answer(Optional.empty(), target.id, NAMED_TWICE)
                : delete(topic, quota, timeoutMs);
    }

    private CompletionStage<DeletableTopicResult> deleteByName(
            Target target,
            String name,
            List<Target> targets,
            Permissions permissions,
            MutationQuota quota,
            int timeoutMs) {
        if (!permissions.describe.test(name)) {
            return answer(target.name, Uuid.ZERO_UUID, error(Errors.TOPIC_AUTHORIZATION_FAILED));
        }
        if (target.topic.isEmpty()) {
            return answer(target.name, Uuid.ZERO_UUID, error(Errors.UNKNOWN_TOPIC_OR_PARTITION));
        }
        if (!permissions.delete.test(name)) {
            return answer(target.name, Uuid.ZERO_UUID, error(Errors.TOPIC_AUTHORIZATION_FAILED));
        }
        var topic = target.topic.get();
        return isNamedTwice(topic, targets)
                ? answer(target.name, topic.id(), NAMED_TWICE)
                : delete(topic, quota, timeoutMs);
    }

    /** By its name and by its id: nobody can say what was meant, so it stays. */
    private static boolean isNamedTwice(TopicImage topic, List<Target> targets) {
        return targets.stream()
                        .filter(target -> target.malformed.isSuccess())
                        .filter(target -> target.topic
                                .filter(t -> t.id().equals(topic.id()))
                                .isPresent())
                        .count()
                > 1;
    }

    private CompletionStage<DeletableTopicResult> delete(TopicImage topic, MutationQuota quota, int timeoutMs) {
        var name = Optional.of(topic.name());
        if (!quota.admits(topic.partitions().size())) {
            return answer(name, topic.id(), error(Errors.THROTTLING_QUOTA_EXCEEDED));
        }
        return Outcome.propose(metadata, new DeleteTopic(topic.id()), timeoutMs)
                .thenCompose(outcome -> answer(name, topic.id(), outcome.error()));
    }

    private static ApiError error(Errors error) {
        return new ApiError(error, error.message());
    }

    private static CompletionStage<DeletableTopicResult> answer(Optional<String> name, Uuid id, ApiError error) {
        return CompletableFuture.completedStage(new DeletableTopicResult()
                .setName(name.orElse(null))
                .setTopicId(id)
                .setErrorCode(error.error().code())
                .setErrorMessage(error.message()));
    }
}
