package io.odradek.api;

import io.odradek.metadata.MetadataStore;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.feature.Features;
import org.apache.kafka.common.feature.SupportedVersionRange;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;

/**
 * ApiVersions: the APIs that are served, nothing else, each in every version of its message classes; features that
 * this broker supports, and those finalized for the cluster (KIP-584).
 *
 * <p>A request of a version yet unknown is handed in as one of version 0 that knows so, and answered as such.
 */
public final class ApiVersionsHandler implements ApiHandler<ApiVersionsRequest> {
    /** Clients that speak older versions stumble over a feature whose lowest level is 0 (KAFKA-17492). */
    private static final int FIRST_VERSION_OF_LEVEL_0 = 4;

    private final Set<ApiKeys> served;
    private final MetadataStore metadata;
    private final int nodeId;

    /** @param served by the dispatcher that this handler belongs to; itself need not be among them */
    public ApiVersionsHandler(Set<ApiKeys> served, MetadataStore metadata, int nodeId) {
        this.served =
                Stream.concat(served.stream(), Stream.of(ApiKeys.API_VERSIONS)).collect(Collectors.toUnmodifiableSet());
        this.metadata = metadata;
        this.nodeId = nodeId;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.API_VERSIONS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, ApiVersionsRequest request) {
        return CompletableFuture.completedStage(Reply.of(answer(request)));
    }

    private ApiVersionsResponse answer(ApiVersionsRequest request) {
        if (request.hasUnsupportedRequestVersion()) {
            return request.getErrorResponse(0, Errors.UNSUPPORTED_VERSION.exception());
        }
        if (!request.isValid()) {
            return request.getErrorResponse(0, Errors.INVALID_REQUEST.exception());
        }
        var image = metadata.image();
        return new ApiVersionsResponse.Builder()
                .setApiVersions(ApiVersionsResponse.collectApis(ListenerType.BROKER, served, false))
                .setSupportedFeatures(supportedFeatures())
                .setFinalizedFeatures(image.features())
                .setFinalizedFeaturesEpoch(image.appliedIndex())
                .setAlterFeatureLevel0(request.version() < FIRST_VERSION_OF_LEVEL_0)
                .build();
    }

    private Features<SupportedVersionRange> supportedFeatures() {
        return Features.supportedFeatures(metadata.image()
                .broker(nodeId)
                .map(broker -> broker.features().entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey,
                                e -> new SupportedVersionRange(
                                        e.getValue().min(), e.getValue().max()))))
                .orElse(Map.of()));
    }
}
