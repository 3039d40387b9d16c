package io.odradek.api;

import io.odradek.metadata.Command.ConfigChange;
import io.odradek.metadata.Command.IncrementalAlterConfigs;
import io.odradek.metadata.MetadataStore;
import io.odradek.security.AccessControl;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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

    public IncrementalAlterConfigsHandler(
            MetadataStore metadata, AccessControl access, BrokerLoggers loggers, int nodeId) {
        this.changes = new ConfigChanges(metadata, access, nodeId);
        this.access = access;
        this.loggers = loggers;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.INCREMENTAL_ALTER_CONFIGS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, IncrementalAlterConfigsRequest request) {
        var resources = List.copyOf(request.data().resources());
        var duplicates = ConfigChanges.duplicates(resources, IncrementalAlterConfigsHandler::identity);
        var outcomes = new ArrayList<CompletionStage<ApiError>>();
        for (var resource : resources) {
            outcomes.add(
                    duplicates.contains(identity(resource))
                            ? failed(Errors.INVALID_REQUEST, "Each resource must appear at most once.")
                            : alter(context, resource, request.data().validateOnly()));
        }
        return Stages.all(outcomes).thenApply(errors -> {
            var response = new IncrementalAlterConfigsResponseData();
            for (int i = 0; i < errors.size(); i++) {
                response.responses().add(response(resources.get(i), errors.get(i)));
            }
            return Reply.of(new IncrementalAlterConfigsResponse(response));
        });
    }

    private static ConfigResource identity(AlterConfigsResource resource) {
        return new ConfigResource(ConfigResource.Type.forId(resource.resourceType()), resource.resourceName());
    }

    private CompletionStage<ApiError> alter(
            RequestContext context, AlterConfigsResource resource, boolean validateOnly) {
        var identity = identity(resource);
        try {
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
        } catch (ApiException e) {
            return CompletableFuture.completedStage(ApiError.fromThrowable(e));
        }
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

    private static CompletionStage<ApiError> failed(Errors error, String message) {
        return CompletableFuture.completedStage(new ApiError(error, message));
    }

    private static AlterConfigsResourceResponse response(AlterConfigsResource resource, ApiError error) {
        return new AlterConfigsResourceResponse()
                .setResourceType(resource.resourceType())
                .setResourceName(resource.resourceName())
                .setErrorCode(error.error().code())
                .setErrorMessage(error.message());
    }
}
