package io.odradek.api;

import io.odradek.config.BrokerConfig;
import io.odradek.config.ConfigDescription;
import io.odradek.config.DynamicConfig;
import io.odradek.metadata.EffectiveConfig;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataStore;
import io.odradek.security.AccessControl;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.apache.kafka.common.requests.DescribeConfigsResponse;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigType;

/**
 * DescribeConfigs (KIP-133, KIP-226, KIP-569): of topics, of this broker and of the cluster's defaults, of groups, of
 * subscriptions to client metrics, and the levels of this broker's loggers.
 */
public final class DescribeConfigsHandler implements ApiHandler<DescribeConfigsRequest> {
    private final MetadataStore metadata;
    private final BrokerConfig config;
    private final AccessControl access;
    private final BrokerLoggers loggers;

    public DescribeConfigsHandler(
            MetadataStore metadata, BrokerConfig config, AccessControl access, BrokerLoggers loggers) {
        this.metadata = metadata;
        this.config = config;
        this.access = access;
        this.loggers = loggers;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.DESCRIBE_CONFIGS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, DescribeConfigsRequest request) {
        for (var resource : request.data().resources()) {
            if (identity(resource).type() == ConfigResource.Type.UNKNOWN) {
                throw new InvalidRequestException("Unexpected resource type " + ConfigResource.Type.UNKNOWN
                        + " for resource " + resource.resourceName());
            }
        }
        var image = metadata.image();
        return Stages.all(request.data().resources().stream()
                        .map(resource -> describe(context, image, request.data(), resource))
                        .toList())
                .thenApply(results ->
                        Reply.of(new DescribeConfigsResponse(new DescribeConfigsResponseData().setResults(results))));
    }

    private static ConfigResource identity(DescribeConfigsResource resource) {
        return new ConfigResource(ConfigResource.Type.forId(resource.resourceType()), resource.resourceName());
    }

    private CompletionStage<DescribeConfigsResult> describe(
            RequestContext context,
            MetadataImage image,
            DescribeConfigsRequestData request,
            DescribeConfigsResource resource) {
        var identity = identity(resource);
        return ConfigPermission.of(access, context.client(), AclOperation.DESCRIBE_CONFIGS, identity)
                .thenApply(permission -> {
                    var result = permission.isFailure()
                            ? failed(permission)
                            : describe(image, identity, request, resource.configurationKeys());
                    return result.setResourceType(resource.resourceType()).setResourceName(resource.resourceName());
                });
    }

    private static DescribeConfigsResult failed(ApiError error) {
        return new DescribeConfigsResult()
                .setErrorCode(error.error().code())
                .setErrorMessage(error.message())
                .setConfigs(List.of());
    }

    private DescribeConfigsResult describe(
            MetadataImage image, ConfigResource resource, DescribeConfigsRequestData request, List<String> keys) {
        try {
            var wanted = keys == null || keys.isEmpty() ? null : new HashSet<>(keys);
            return new DescribeConfigsResult()
                    .setConfigs(configs(image, resource, request)
                            .filter(described -> wanted == null || wanted.contains(described.name()))
                            .toList());
        } catch (ApiException e) {
            return failed(ApiError.fromThrowable(e));
        }
    }

    private Stream<DescribeConfigsResourceResult> configs(
            MetadataImage image, ConfigResource resource, DescribeConfigsRequestData request) {
        if (resource.type() == ConfigResource.Type.BROKER_LOGGER) {
            return loggers(resource.name());
        }
        return descriptions(image, resource).stream().map(description -> result(description, request));
    }

    private List<ConfigDescription> descriptions(MetadataImage image, ConfigResource resource) {
        var layers = EffectiveConfig.layers(config, image);
        var own = image.configs(resource);
        switch (resource.type()) {
            case TOPIC -> {
                Topic.validate(resource.name());
                if (image.topics().byName(resource.name()).isEmpty()) {
                    throw new UnknownTopicOrPartitionException(Errors.UNKNOWN_TOPIC_OR_PARTITION.message());
                }
                return DynamicConfig.describeTopic(layers, own);
            }
            case BROKER -> {
                if (resource.name().isEmpty()) {
                    return DynamicConfig.describeClusterDefault(layers);
                }
                checkIsThisBroker(resource.name(), " or empty string");
                return DynamicConfig.describeBroker(layers);
            }
            case GROUP -> {
                checkNotEmpty(resource.name(), "Group name must not be empty");
                return DynamicConfig.describeGroup(layers, own);
            }
            case CLIENT_METRICS -> {
                checkNotEmpty(resource.name(), "Client metrics subscription name must not be empty");
                return DynamicConfig.describeClientMetrics(own);
            }
            default -> throw new InvalidRequestException("Unsupported resource type: " + resource.type());
        }
    }

    private Stream<DescribeConfigsResourceResult> loggers(String brokerId) {
        checkNotEmpty(brokerId, "Broker id must not be empty");
        checkIsThisBroker(brokerId, "");
        return loggers.levels().entrySet().stream().map(e -> new DescribeConfigsResourceResult()
                .setName(e.getKey())
                .setValue(e.getValue())
                .setConfigSource(ConfigSource.DYNAMIC_BROKER_LOGGER_CONFIG.id()));
    }

    private static void checkNotEmpty(String name, String message) {
        if (name.isEmpty()) {
            throw new InvalidRequestException(message);
        }
    }

    private void checkIsThisBroker(String name, String alternative) {
        int id;
        try {
            id = Integer.parseInt(name);
        } catch (NumberFormatException e) {
            throw new InvalidRequestException("Broker id must be an integer, but it is: " + name);
        }
        if (id != config.nodeId()) {
            throw new InvalidRequestException(
                    "Unexpected broker id, expected " + config.nodeId() + alternative + ", but received " + name);
        }
    }

    private static DescribeConfigsResourceResult result(
            ConfigDescription description, DescribeConfigsRequestData request) {
        var result = new DescribeConfigsResourceResult()
                .setName(description.name())
                .setValue(description.value().orElse(null))
                .setConfigSource(description.source().id())
                .setIsSensitive(description.sensitive())
                .setReadOnly(description.readOnly())
                .setConfigType(description
                        .type()
                        .map(DescribeConfigsHandler::type)
                        .orElse(ConfigType.UNKNOWN)
                        .id())
                .setDocumentation(request.includeDocumentation() ? description.documentation() : null);
        if (request.includeSynonyms()) {
            description.synonyms().forEach(synonym -> result.synonyms()
                    .add(new DescribeConfigsSynonym()
                            .setName(synonym.name())
                            .setValue(synonym.value().orElse(null))
                            .setSource(synonym.source().id())));
        }
        return result;
    }

    private static ConfigType type(ConfigDef.Type type) {
        return ConfigType.valueOf(type.name());
    }
}
