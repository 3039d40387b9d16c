package io.odradek.api;

import io.odradek.metadata.Command.ReplaceConfigs;
import io.odradek.metadata.MetadataStore;
import io.odradek.security.AccessControl;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AlterConfigsRequest;
import org.apache.kafka.common.requests.AlterConfigsResponse;
import org.apache.kafka.common.requests.ApiError;

/**
 * AlterConfigs, deprecated in Kafka but served: what the request gives for a resource replaces all that was set for it.
 */
public final class AlterConfigsHandler implements ApiHandler<AlterConfigsRequest> {
    private final ConfigChanges changes;

    public AlterConfigsHandler(MetadataStore metadata, AccessControl access, int nodeId) {
        this.changes = new ConfigChanges(metadata, access, nodeId);
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.ALTER_CONFIGS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, AlterConfigsRequest request) {
        var resources = List.copyOf(request.data().resources());
        var duplicates = ConfigChanges.duplicates(resources, AlterConfigsHandler::identity);
        var outcomes = new ArrayList<CompletionStage<ApiError>>();
        for (var resource : resources) {
            outcomes.add(
                    duplicates.contains(identity(resource))
                            ? CompletableFuture.completedStage(
                                    new ApiError(Errors.INVALID_REQUEST, "Each resource must appear at most once."))
                            : replace(context, resource, request.data().validateOnly()));
        }
        return Stages.all(outcomes).thenApply(errors -> {
            var response = new AlterConfigsResponseData();
            for (int i = 0; i < errors.size(); i++) {
                response.responses().add(response(resources.get(i), errors.get(i)));
            }
            return Reply.of(new AlterConfigsResponse(response));
        });
    }

    private static ConfigResource identity(AlterConfigsResource resource) {
        return new ConfigResource(ConfigResource.Type.forId(resource.resourceType()), resource.resourceName());
    }

    private CompletionStage<ApiError> replace(
            RequestContext context, AlterConfigsResource resource, boolean validateOnly) {
        var identity = identity(resource);
        try {
            ConfigChanges.checkConfigs(
                    resource.configs().stream().map(AlterableConfig::name).toList(),
                    resource.configs().stream()
                            .filter(config -> config.value() == null)
                            .map(AlterableConfig::name)
                            .toList());
            changes.checkResource(identity, resource.resourceType());
            var configs = resource.configs().stream()
                    .collect(Collectors.toMap(AlterableConfig::name, config -> Optional.of(config.value())));
            return changes.make(context, identity, new ReplaceConfigs(identity, configs), validateOnly);
        } catch (ApiException e) {
            return CompletableFuture.completedStage(ApiError.fromThrowable(e));
        }
    }

    private static AlterConfigsResourceResponse response(AlterConfigsResource resource, ApiError error) {
        return new AlterConfigsResourceResponse()
                .setResourceType(resource.resourceType())
                .setResourceName(resource.resourceName())
                .setErrorCode(error.error().code())
                .setErrorMessage(error.message());
    }
}
