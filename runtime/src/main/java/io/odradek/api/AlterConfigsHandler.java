package io.odradek.api;

import io.odradek.metadata.Command.ReplaceConfigs;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AlterConfigsRequest;
import org.apache.kafka.common.requests.AlterConfigsResponse;
import org.apache.kafka.common.requests.ApiError;

/**
 * AlterConfigs, deprecated in Kafka but served: what the request gives for a resource replaces all that was set for it.
 */
public final class AlterConfigsHandler implements ApiHandler<AlterConfigsRequest> {
    private final ConfigChanges changes;

    public AlterConfigsHandler(ConfigChanges changes) {
        this.changes = changes;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.ALTER_CONFIGS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, AlterConfigsRequest request) {
        return ConfigChanges.ofEach(
                        request.data().resources(),
                        AlterConfigsHandler::identity,
                        resource -> replace(context, resource, request.data().validateOnly()),
                        AlterConfigsHandler::response)
                .thenApply(responses ->
                        Reply.of(new AlterConfigsResponse(new AlterConfigsResponseData().setResponses(responses))));
    }

    private static ConfigResource identity(AlterConfigsResource resource) {
        return new ConfigResource(ConfigResource.Type.forId(resource.resourceType()), resource.resourceName());
    }

    private CompletionStage<ApiError> replace(
            RequestContext context, AlterConfigsResource resource, boolean validateOnly) {
        var identity = identity(resource);
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
    }

    private static AlterConfigsResourceResponse response(AlterConfigsResource resource, ApiError error) {
        return new AlterConfigsResourceResponse()
                .setResourceType(resource.resourceType())
                .setResourceName(resource.resourceName())
                .setErrorCode(error.error().code())
                .setErrorMessage(error.message());
    }
}
