package io.odradek.api;

import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.TopicImage;
import io.odradek.security.AccessControl;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListConfigResourcesRequest;
import org.apache.kafka.common.requests.ListConfigResourcesResponse;

/** ListConfigResources (KIP-1142), in its version 0 ListClientMetricsResources (KIP-1000). */
public final class ListConfigResourcesHandler implements ApiHandler<ListConfigResourcesRequest> {
    private final MetadataStore metadata;
    private final AccessControl access;

    public ListConfigResourcesHandler(MetadataStore metadata, AccessControl access) {
        this.metadata = metadata;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.LIST_CONFIG_RESOURCES;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, ListConfigResourcesRequest request) {
        return access.allowedOnCluster(context.client(), AclOperation.DESCRIBE_CONFIGS)
                .thenApply(allowed -> Reply.of(new ListConfigResourcesResponse(
                        allowed
                                ? list(request, BrokerView.of(metadata.image(), context))
                                : error(Errors.CLUSTER_AUTHORIZATION_FAILED))));
    }

    private static ListConfigResourcesResponseData error(Errors error) {
        return new ListConfigResourcesResponseData().setErrorCode(error.code());
    }

    private static ListConfigResourcesResponseData list(ListConfigResourcesRequest request, BrokerView brokers) {
        var served = request.supportedResourceTypes();
        var asked = request.data().resourceTypes();
        if (!served.containsAll(asked)) {
            return error(Errors.UNSUPPORTED_VERSION);
        }
        var types = asked.isEmpty() ? served : Set.copyOf(asked);
        return new ListConfigResourcesResponseData()
                .setConfigResources(Stream.of(
                                ConfigResource.Type.GROUP,
                                ConfigResource.Type.CLIENT_METRICS,
                                ConfigResource.Type.BROKER_LOGGER,
                                ConfigResource.Type.BROKER,
                                ConfigResource.Type.TOPIC)
                        .filter(type -> types.contains(type.id()))
                        .flatMap(type -> names(type, brokers).stream().map(name -> resource(type, name)))
                        .toList());
    }

    private static List<String> names(ConfigResource.Type type, BrokerView brokers) {
        return switch (type) {
            case GROUP, CLIENT_METRICS -> withConfigs(brokers.image(), type);
            case BROKER, BROKER_LOGGER ->
                brokers.registered().map(node -> node.idString()).toList();
            case TOPIC ->
                brokers.image().topics().all().stream().map(TopicImage::name).toList();
            case UNKNOWN -> List.of();
        };
    }

    private static List<String> withConfigs(MetadataImage image, ConfigResource.Type type) {
        return image.configs().keySet().stream()
                .filter(resource -> resource.type() == type)
                .map(ConfigResource::name)
                .sorted()
                .toList();
    }

    private static ListConfigResourcesResponseData.ConfigResource resource(ConfigResource.Type type, String name) {
        return new ListConfigResourcesResponseData.ConfigResource()
                .setResourceType(type.id())
                .setResourceName(name);
    }
}
