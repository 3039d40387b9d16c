package io.odradek.api;

import io.odradek.security.AccessControl;
import io.odradek.security.ClientIdentity;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.resource.ResourceType;

/** Whether a client may read or change the configs of a resource. */
final class ConfigPermission {
    private ConfigPermission() {}

    /** {@link ApiError#NONE} or the refusal. */
    static CompletionStage<ApiError> of(
            AccessControl access, ClientIdentity client, AclOperation operation, ConfigResource resource) {
        return switch (resource.type()) {
            case TOPIC ->
                access.allowed(client, operation, ResourceType.TOPIC, resource.name())
                        .thenApply(allowed -> error(allowed, Errors.TOPIC_AUTHORIZATION_FAILED));
            case GROUP ->
                access.allowed(client, operation, ResourceType.GROUP, resource.name())
                        .thenApply(allowed -> error(allowed, Errors.GROUP_AUTHORIZATION_FAILED));
            default ->
                access.allowedOnCluster(client, operation)
                        .thenApply(allowed -> error(allowed, Errors.CLUSTER_AUTHORIZATION_FAILED));
        };
    }

    private static ApiError error(boolean allowed, Errors refusal) {
        return allowed ? ApiError.NONE : new ApiError(refusal, refusal.message());
    }
}
