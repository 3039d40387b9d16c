package io.odradek.api;

import io.odradek.metadata.Command;
import io.odradek.metadata.Command.Done;
import io.odradek.metadata.MetadataStore;
import io.odradek.security.AccessControl;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.requests.ApiError;

/** What the two ways of altering configs have in common: who may, which resources there are, and how it is done. */
final class ConfigChanges {
    /** Neither request carries a timeout. */
    private static final int TIMEOUT_MS = 60_000;

    private final MetadataStore metadata;
    private final AccessControl access;
    private final int nodeId;

    ConfigChanges(MetadataStore metadata, AccessControl access, int nodeId) {
        this.metadata = metadata;
        this.access = access;
        this.nodeId = nodeId;
    }

    /** The resources that a request names more than once. */
    static <T> Set<ConfigResource> duplicates(Collection<T> resources, Function<T, ConfigResource> identity) {
        var seen = new HashSet<ConfigResource>();
        return resources.stream()
                .map(identity)
                .filter(resource -> !seen.add(resource))
                .collect(Collectors.toSet());
    }

    /** @param nullNames names whose value is null where there must be one */
    static void checkConfigs(Collection<String> names, Collection<String> nullNames) {
        if (Set.copyOf(names).size() < names.size()) {
            throw new InvalidRequestException("Error due to duplicate config keys");
        }
        if (!nullNames.isEmpty()) {
            throw new InvalidRequestException("Null value not supported for : " + String.join(", ", nullNames));
        }
    }

    /** @throws InvalidRequestException unless configs of such a resource are kept */
    void checkResource(ConfigResource resource, byte typeId) {
        switch (resource.type()) {
            case TOPIC, GROUP, CLIENT_METRICS -> {}
            case BROKER -> {
                if (!resource.name().isEmpty()) {
                    checkIsThisBroker(resource.name());
                }
            }
            default -> throw new InvalidRequestException("Unknown resource type " + typeId);
        }
    }

    /** @throws InvalidRequestException if the resource is another broker */
    void checkIsThisBroker(String name) {
        int id;
        try {
            id = Integer.parseInt(name);
        } catch (NumberFormatException e) {
            throw new InvalidRequestException("Node id must be an integer, but it is: " + name);
        }
        if (id != nodeId) {
            throw new InvalidRequestException("Unexpected broker id, expected " + nodeId + ", but received " + name);
        }
    }

    /** Makes the change, or only says whether it could be made. */
    CompletionStage<ApiError> make(
            RequestContext context, ConfigResource resource, Command<Done> command, boolean validateOnly) {
        return ConfigPermission.of(access, context.client(), AclOperation.ALTER_CONFIGS, resource)
                .thenCompose(permission -> permission.isFailure()
                        ? CompletableFuture.completedStage(permission)
                        : outcome(command, validateOnly).thenApply(Outcome::error));
    }

    private CompletionStage<Outcome<Done>> outcome(Command<Done> command, boolean validateOnly) {
        return validateOnly ? Outcome.validate(metadata, command) : Outcome.propose(metadata, command, TIMEOUT_MS);
    }
}
