package io.odradek.api;

import io.odradek.metadata.Command.CreatePartitions;
import io.odradek.metadata.MetadataStore;
import io.odradek.security.AccessControl;
import io.odradek.security.Quotas;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsAssignment;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreatePartitionsResponse;
import org.apache.kafka.common.resource.ResourceType;

/** CreatePartitions: topics get more partitions. Each topic succeeds or fails by itself. */
public final class CreatePartitionsHandler implements ApiHandler<CreatePartitionsRequest> {
    private static final int FIRST_VERSION_OF_STRICT_QUOTA = 3;

    private final MetadataStore metadata;
    private final AccessControl access;
    private final Quotas quotas;

    public CreatePartitionsHandler(MetadataStore metadata, AccessControl access, Quotas quotas) {
        this.metadata = metadata;
        this.access = access;
        this.quotas = quotas;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.CREATE_PARTITIONS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, CreatePartitionsRequest request) {
        var names = request.data().topics().stream()
                .map(CreatePartitionsTopic::name)
                .distinct()
                .toList();
        return access.allowed(context.client(), AclOperation.ALTER, ResourceType.TOPIC, names)
                .thenCompose(alterable -> {
                    var quota = MutationQuota.of(quotas, context, FIRST_VERSION_OF_STRICT_QUOTA);
                    return Stages.all(names.stream()
                                    .map(name -> create(request.data(), name, alterable.test(name), quota))
                                    .toList())
                            .thenApply(
                                    results -> Reply.of(new CreatePartitionsResponse(new CreatePartitionsResponseData()
                                            .setThrottleTimeMs(quota.throttleMs())
                                            .setResults(results))));
                });
    }

    private CompletionStage<CreatePartitionsTopicResult> create(
            CreatePartitionsRequestData request, String name, boolean alterable, MutationQuota quota) {
        var topics = request.topics().findAll(name);
        if (topics.size() > 1) {
            return answer(name, new ApiError(Errors.INVALID_REQUEST, "Duplicate topic name."));
        }
        if (!alterable) {
            return answer(name, new ApiError(Errors.TOPIC_AUTHORIZATION_FAILED));
        }
        var command = command(topics.get(0));
        int existing = metadata.image()
                .topics()
                .byName(name)
                .map(topic -> topic.partitions().size())
                .orElse(0);
        return Outcome.validate(metadata, command).thenCompose(valid -> {
            if (!valid.isOk() || request.validateOnly()) {
                return answer(name, valid.error());
            }
            if (!quota.admits(command.count() - existing)) {
                return answer(
                        name,
                        new ApiError(Errors.THROTTLING_QUOTA_EXCEEDED, Errors.THROTTLING_QUOTA_EXCEEDED.message()));
            }
            return Outcome.propose(metadata, command, request.timeoutMs())
                    .thenCompose(outcome -> answer(name, outcome.error()));
        });
    }

    private static CreatePartitions command(CreatePartitionsTopic topic) {
        Optional<List<List<Integer>>> assignments = Optional.ofNullable(topic.assignments())
                .map(all ->
                        all.stream().map(CreatePartitionsAssignment::brokerIds).toList());
        return new CreatePartitions(topic.name(), topic.count(), assignments);
    }

    private static CompletionStage<CreatePartitionsTopicResult> answer(String name, ApiError error) {
        return CompletableFuture.completedStage(new CreatePartitionsTopicResult()
                .setName(name)
                .setErrorCode(error.error().code())
                .setErrorMessage(error.message()));
    }
}
