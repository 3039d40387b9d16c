package io.odradek.api;

import io.odradek.metadata.Command.ConfigChange;
import io.odradek.metadata.Command.IncrementalAlterConfigs;
import io.odradek.security.AccessControl;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.apache.kafka.common.requests.IncrementalAlterConfigsResponse;

/**
 * IncrementalAlterConfigs (KIP-339): set, delete, append and subtract. The changes of one resource are made all or none.
 * Configs are kept in the metadata, levels of loggers (KIP-412) in this process alone.
 */
public final class IncrementalAlterConfigsHandler implements ApiHandler<IncrementalAlterConfigsRequest> {
    private final ConfigChanges changes;
    private final AccessControl access;
    private final BrokerLoggers loggers;

    public IncrementalAlterConfigsHandler(ConfigChanges changes, AccessControl access, BrokerLoggers loggers) {
        this.changes = changes;
        this.access = access;
        this.loggers = loggers;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.INCREMENTAL_ALTER_CONFIGS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, IncrementalAlterConfigsRequest request) {
        return ConfigChanges.ofEach(
                        request.data().resources(),
                        IncrementalAlterConfigsHandler::identity,
                        resource -> alter(context, resource, request.data().validateOnly()),
                        IncrementalAlterConfigsHandler::response)
                .thenApply(responses -> Reply.of(new IncrementalAlterConfigsResponse(
                        new IncrementalAlterConfigsResponseData().setResponses(responses))));
    }

    private static ConfigResource identity(AlterConfigsResource resource) {
        return new ConfigResource(ConfigResource.Type.forId(resource.resourceType()), resource.resourceName());
    }

    private CompletionStage<ApiError> alter(
            RequestContext context, AlterConfigsResource resource, boolean validateOnly) {
        var identity = identity(resource);
        check(resource);
        if (identity.type() == ConfigResource.Type.BROKER_LOGGER) {
            return alterLoggers(context, resource, validateOnly);
        }
        changes.checkResource(identity, resource.resourceType());
        var command = new IncrementalAlterConfigs(
                identity,
                resource.configs().stream()
                        .map(IncrementalAlterConfigsHandler::change)
                        .toList());
        return changes.make(context, identity, command, validateOnly);
    }

    private static void check(AlterConfigsResource resource) {
        ConfigChanges.checkConfigs(
                resource.configs().stream().map(AlterableConfig::name).toList(),
                resource.configs().stream()
                        .filter(c -> c.value() == null && c.configOperation() != OpType.DELETE.id())
                        .map(AlterableConfig::name)
                        .toList());
    }

    private static ConfigChange change(AlterableConfig config) {
        var operation = OpType.forId(config.configOperation());
        if (operation == null) {
            throw new InvalidRequestException("Unknown operations type " + config.configOperation());
        }
        return new ConfigChange(config.name(), operation, Optional.ofNullable(config.value()));
    }

    private CompletionStage<ApiError> alterLoggers(
            RequestContext context, AlterConfigsResource resource, boolean validateOnly) {
        return access.allowedOnCluster(context.client(), AclOperation.ALTER_CONFIGS)
                .thenApply(allowed -> {
                    if (!allowed) {
                        return new ApiError(
                                Errors.CLUSTER_AUTHORIZATION_FAILED, Errors.CLUSTER_AUTHORIZATION_FAILED.message());
                    }
                    try {
                        changes.checkIsThisBroker(resource.resourceName());
                        loggers.validate(resource.configs());
                        if (!validateOnly) {
                            loggers.apply(resource.configs());
                        }
                        return ApiError.NONE;
                    } catch (ApiException e) {
                        return ApiError.fromThrowable(e);
                    }
                });
    }

    private static AlterConfigsResourceResponse response(AlterConfigsResource resource, ApiError error) {
        return new AlterConfigsResourceResponse()
                .setResourceType(resource.resourceType())
                .setResourceName(resource.resourceName())
                .setErrorCode(error.error().code())
                .setErrorMessage(error.message());
    }
}
