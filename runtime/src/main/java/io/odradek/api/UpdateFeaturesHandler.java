package io.odradek.api;

import io.odradek.metadata.Command.FeatureUpdate;
import io.odradek.metadata.Command.UpdateFeatures;
import io.odradek.metadata.MetadataStore;
import io.odradek.security.AccessControl;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKey;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.message.UpdateFeaturesResponseData.UpdatableFeatureResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.UpdateFeaturesRequest;
import org.apache.kafka.common.requests.UpdateFeaturesRequest.FeatureUpdateItem;
import org.apache.kafka.common.requests.UpdateFeaturesResponse;

/** UpdateFeatures (KIP-584): finalized levels go up or down, all that the request names or none. */
public final class UpdateFeaturesHandler implements ApiHandler<UpdateFeaturesRequest> {
    private static final int LAST_VERSION_WITH_RESULTS = 1;

    private final MetadataStore metadata;
    private final int minInsyncReplicas;
    private final AccessControl access;

    /** @param minInsyncReplicas this broker's own setting, for a cluster that has none */
    public UpdateFeaturesHandler(MetadataStore metadata, int minInsyncReplicas, AccessControl access) {
        this.metadata = metadata;
        this.minInsyncReplicas = minInsyncReplicas;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.UPDATE_FEATURES;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, UpdateFeaturesRequest request) {
        return access.requireOnCluster(context.client(), AclOperation.ALTER).thenCompose(granted -> {
            // Of a feature that is named twice the last update counts, as in Kafka.
            var command = new UpdateFeatures(
                    request.featureUpdates().stream()
                            .collect(Collectors.toMap(
                                    FeatureUpdateItem::feature, UpdateFeaturesHandler::update, (first, last) -> last)),
                    minInsyncReplicas);
            var outcome = request.data().validateOnly()
                    ? Outcome.validate(metadata, command)
                    : Outcome.propose(metadata, command, request.data().timeoutMs());
            return outcome.thenApply(done -> Reply.of(new UpdateFeaturesResponse(response(request, done.error()))));
        });
    }

    private static FeatureUpdate update(FeatureUpdateItem item) {
        return new FeatureUpdate(item.versionLevel(), item.upgradeType());
    }

    private static UpdateFeaturesResponseData response(UpdateFeaturesRequest request, ApiError error) {
        var response =
                new UpdateFeaturesResponseData().setErrorCode(error.error().code());
        if (error.isFailure()) {
            return response.setErrorMessage(
                    "The update failed for all features since the following feature had an error: " + error.message());
        }
        if (request.version() <= LAST_VERSION_WITH_RESULTS) {
            for (FeatureUpdateKey update : request.data().featureUpdates()) {
                response.results().add(new UpdatableFeatureResult().setFeature(update.feature()));
            }
        }
        return response;
    }
}
