package io.odradek.api;

import io.odradek.config.BrokerConfig;
import io.odradek.config.DynamicConfig;
import io.odradek.metadata.Command.CreateTopic;
import io.odradek.metadata.EffectiveConfig;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.TopicImage;
import io.odradek.security.AccessControl;
import io.odradek.security.Quotas;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.resource.ResourceType;

/**
 * CreateTopics. Each topic succeeds or fails by itself. The answer to a topic that was created comes once this broker can
 * serve the partitions that it leads.
 */
public final class CreateTopicsHandler implements ApiHandler<CreateTopicsRequest> {
    /** As in Apache Kafka: what one request may ask for, so that no step of the metadata gets too large. */
    private static final int MAX_PARTITIONS_PER_REQUEST = 10_000;

    private static final int FIRST_VERSION_OF_STRICT_QUOTA = 6;

    private final MetadataStore metadata;
    private final BrokerConfig config;
    private final AccessControl access;
    private final Quotas quotas;
    private final Supplier<Uuid> newId;

    /** @param newId makes ids for topics, {@link Uuid#randomUuid()} but in tests */
    public CreateTopicsHandler(
            MetadataStore metadata, BrokerConfig config, AccessControl access, Quotas quotas, Supplier<Uuid> newId) {
        this.metadata = metadata;
        this.config = config;
        this.access = access;
        this.quotas = quotas;
        this.newId = newId;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.CREATE_TOPICS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, CreateTopicsRequest request) {
        var duplicates = duplicates(request.data());
        var names = request.data().topics().stream()
                .map(CreatableTopic::name)
                .filter(name -> !name.equals(Topic.CLUSTER_METADATA_TOPIC_NAME))
                .collect(Collectors.toSet());
        names.removeAll(duplicates);
        return mayCreate(context, names).thenCompose(creatable -> mayDescribe(context, names)
                .thenCompose(describable -> create(context, request.data(), duplicates, creatable, describable)));
    }

    private static Set<String> duplicates(CreateTopicsRequestData request) {
        var seen = new HashSet<String>();
        return request.topics().stream()
                .map(CreatableTopic::name)
                .filter(name -> !seen.add(name))
                .collect(Collectors.toSet());
    }

    private CompletionStage<Predicate<String>> mayCreate(RequestContext context, Set<String> names) {
        return access.allowedOnCluster(context.client(), AclOperation.CREATE)
                .thenCompose(onCluster -> onCluster
                        ? CompletableFuture.completedStage(name -> true)
                        : access.allowed(context.client(), AclOperation.CREATE, ResourceType.TOPIC, names));
    }

    private CompletionStage<Predicate<String>> mayDescribe(RequestContext context, Set<String> names) {
        return access.allowed(context.client(), AclOperation.DESCRIBE_CONFIGS, ResourceType.TOPIC, names);
    }

    private CompletionStage<Reply> create(
            RequestContext context,
            CreateTopicsRequestData request,
            Set<String> duplicates,
            Predicate<String> creatable,
            Predicate<String> describable) {
        checkTotalOfPartitions(request);
        var quota = MutationQuota.of(quotas, context, FIRST_VERSION_OF_STRICT_QUOTA);
        var results = new ArrayList<CompletionStage<CreatableTopicResult>>();
        var told = new HashSet<String>();
        for (var topic : request.topics()) {
            var refusal = refusal(topic, duplicates, creatable);
            if (refusal.isSuccess()) {
                results.add(create(request, topic, quota, describable.test(topic.name())));
            } else if (told.add(topic.name())) {
                results.add(CompletableFuture.completedStage(result(topic.name(), refusal)));
            }
        }
        return Stages.all(results).thenApply(all -> {
            var response = new CreateTopicsResponseData().setThrottleTimeMs(quota.throttleMs());
            response.topics().addAll(all);
            return Reply.of(new CreateTopicsResponse(response));
        });
    }

    private void checkTotalOfPartitions(CreateTopicsRequestData request) {
        long total = request.topics().stream()
                .mapToLong(topic -> Math.max(0, partitions(topic)))
                .sum();
        if (total > MAX_PARTITIONS_PER_REQUEST) {
            throw new PolicyViolationException("Excessively large number of partitions per request.");
        }
    }

    private int partitions(CreatableTopic topic) {
        if (!topic.assignments().isEmpty()) {
            return topic.assignments().size();
        }
        return topic.numPartitions() == CreateTopicsRequest.NO_NUM_PARTITIONS
                ? config.log().numPartitions()
                : topic.numPartitions();
    }

    private short replicationFactor(CreatableTopic topic) {
        return topic.replicationFactor() == CreateTopicsRequest.NO_REPLICATION_FACTOR
                ? config.replication().defaultReplicationFactor()
                : topic.replicationFactor();
    }

    private static ApiError refusal(CreatableTopic topic, Set<String> duplicates, Predicate<String> creatable) {
        if (duplicates.contains(topic.name())) {
            return new ApiError(Errors.INVALID_REQUEST, "Duplicate topic name.");
        }
        if (topic.name().equals(Topic.CLUSTER_METADATA_TOPIC_NAME)) {
            return new ApiError(
                    Errors.INVALID_REQUEST,
                    "Creation of internal topic " + Topic.CLUSTER_METADATA_TOPIC_NAME + " is prohibited.");
        }
        return creatable.test(topic.name())
                ? ApiError.NONE
                : new ApiError(Errors.TOPIC_AUTHORIZATION_FAILED, "Authorization failed.");
    }

    private CompletionStage<CreatableTopicResult> create(
            CreateTopicsRequestData request, CreatableTopic topic, MutationQuota quota, boolean describable) {
        var malformed = malformed(topic);
        if (malformed.isFailure()) {
            return CompletableFuture.completedStage(result(topic.name(), malformed));
        }
        var command = command(topic);
        var valid = Outcome.validate(metadata, command);
        if (request.validateOnly()) {
            return valid.thenApply(outcome -> result(topic.name(), outcome, describable));
        }
        return valid.thenCompose(outcome -> {
            if (outcome.isOk() && !quota.admits(outcome.value().partitions().size())) {
                var error = new ApiError(Errors.THROTTLING_QUOTA_EXCEEDED, Errors.THROTTLING_QUOTA_EXCEEDED.message());
                return CompletableFuture.completedStage(result(topic.name(), error));
            }
            return outcome.isOk()
                    ? Outcome.propose(metadata, command, request.timeoutMs())
                            .thenApply(created -> result(topic.name(), created, describable))
                    : CompletableFuture.completedStage(result(topic.name(), outcome.error()));
        });
    }

    /** What a command cannot even say. The name comes first, as the client should hear of that before anything else. */
    private ApiError malformed(CreatableTopic topic) {
        boolean nameIsFree = TopicMetadata.missingError(topic.name()) == Errors.UNKNOWN_TOPIC_OR_PARTITION
                && metadata.image().topics().byName(topic.name()).isEmpty();
        if (!nameIsFree) {
            return ApiError.NONE;
        }
        var nullConfigs = topic.configs().stream()
                .filter(config -> config.value() == null)
                .map(CreatableTopicConfig::name)
                .collect(Collectors.joining(","));
        if (!nullConfigs.isEmpty()) {
            return new ApiError(Errors.INVALID_CONFIG, "Null value not supported for topic configs: " + nullConfigs);
        }
        var seen = new HashSet<Integer>();
        for (var assignment : topic.assignments()) {
            if (!seen.add(assignment.partitionIndex())) {
                return new ApiError(
                        Errors.INVALID_REPLICA_ASSIGNMENT,
                        "Found multiple manual partition assignments for partition " + assignment.partitionIndex());
            }
        }
        return ApiError.NONE;
    }

    private CreateTopic command(CreatableTopic topic) {
        var assignments = new HashMap<Integer, List<Integer>>();
        topic.assignments().forEach(a -> assignments.put(a.partitionIndex(), a.brokerIds()));
        var configs = new HashMap<String, String>();
        topic.configs().forEach(c -> configs.put(c.name(), c.value() == null ? "" : c.value()));
        boolean assigned = !assignments.isEmpty();
        return new CreateTopic(
                newId.get(),
                topic.name(),
                assigned ? topic.numPartitions() : partitions(topic),
                assigned ? topic.replicationFactor() : replicationFactor(topic),
                assignments,
                configs);
    }

    private CreatableTopicResult result(String name, Outcome<TopicImage> outcome, boolean describable) {
        return outcome.isOk() ? result(outcome.value(), describable) : result(name, outcome.error());
    }

    private static CreatableTopicResult result(String name, ApiError error) {
        return new CreatableTopicResult()
                .setName(name)
                .setErrorCode(error.error().code())
                .setErrorMessage(error.message());
    }

    private CreatableTopicResult result(TopicImage topic, boolean describable) {
        var result = new CreatableTopicResult()
                .setName(topic.name())
                .setTopicId(topic.id())
                .setErrorMessage(null);
        if (!describable) {
            return result.setTopicConfigErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code());
        }
        for (var config : DynamicConfig.describeNewTopic(
                EffectiveConfig.layers(this.config, metadata.image()), topic.configs())) {
            result.configs()
                    .add(new CreatableTopicConfigs()
                            .setName(config.name())
                            .setValue(config.value().orElse(null))
                            .setReadOnly(config.readOnly())
                            .setConfigSource(config.source().id())
                            .setIsSensitive(config.sensitive()));
        }
        return result.setNumPartitions(topic.partitions().size()).setReplicationFactor((short)
                topic.partitions().get(0).replicas().size());
    }
}
