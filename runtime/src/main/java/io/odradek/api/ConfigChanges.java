package io.odradek.api;

import io.odradek.config.GroupConfigSettings;
import io.odradek.metadata.Command;
import io.odradek.metadata.Command.Done;
import io.odradek.metadata.DynamicSettings;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataMachine;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.Result;
import io.odradek.security.AccessControl;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;

/** What the two ways of altering configs have in common: who may, which resources there are, and how it is done. */
public final class ConfigChanges {
    /** Neither request carries a timeout. */
    private static final int TIMEOUT_MS = 60_000;

    private final MetadataStore metadata;
    private final AccessControl access;
    private final DynamicSettings settings;
    private final int nodeId;
    private final Executor blocking;

    /**
     * @param settings of this broker, which says whether it could heed what is to be set
     * @param blocking runs that check, which may read certificates
     */
    public ConfigChanges(
            MetadataStore metadata, AccessControl access, DynamicSettings settings, int nodeId, Executor blocking) {
        this.metadata = metadata;
        this.access = access;
        this.settings = settings;
        this.nodeId = nodeId;
        this.blocking = blocking;
    }

    /**
     * Alters each resource of a request; one that it names more than once is refused.
     *
     * @param alter completes with what became of one, or throws an {@link ApiException}
     * @param response makes the answer for one
     * @return the answers in the order of the resources
     */
    static <T, R> CompletionStage<List<R>> ofEach(
            Collection<T> resources,
            Function<T, ConfigResource> identity,
            Function<T, CompletionStage<ApiError>> alter,
            Response<T, R> response) {
        var inOrder = List.copyOf(resources);
        var duplicates = duplicates(inOrder, identity);
        var outcomes = new ArrayList<CompletionStage<ApiError>>();
        for (var resource : inOrder) {
            outcomes.add(duplicates.contains(identity.apply(resource)) ? refusedDuplicate() : altered(resource, alter));
        }
        return Stages.all(outcomes).thenApply(errors -> {
            var responses = new ArrayList<R>();
            for (int i = 0; i < errors.size(); i++) {
                responses.add(response.of(inOrder.get(i), errors.get(i)));
            }
            return responses;
        });
    }

    /** Makes the answer for one resource. */
    interface Response<T, R> {
        R of(T resource, ApiError outcome);
    }

    private static <T> Set<ConfigResource> duplicates(Collection<T> resources, Function<T, ConfigResource> identity) {
        var seen = new HashSet<ConfigResource>();
        return resources.stream()
                .map(identity)
                .filter(resource -> !seen.add(resource))
                .collect(Collectors.toSet());
    }

    private static CompletionStage<ApiError> refusedDuplicate() {
        return CompletableFuture.completedStage(
                new ApiError(Errors.INVALID_REQUEST, "Each resource must appear at most once."));
    }

    private static <T> CompletionStage<ApiError> altered(T resource, Function<T, CompletionStage<ApiError>> alter) {
        try {
            return alter.apply(resource);
        } catch (ApiException e) {
            return CompletableFuture.completedStage(ApiError.fromThrowable(e));
        }
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
                        : checked(resource, command))
                .thenCompose(refusal -> refusal.isFailure()
                        ? CompletableFuture.completedStage(refusal)
                        : outcome(command, validateOnly).thenApply(Outcome::error));
    }

    /**
     * What this broker says to a change of its own settings, before they are stored: afterwards it would be too late. And
     * to those of a group, which must be within what the broker allows.
     */
    private CompletionStage<ApiError> checked(ConfigResource resource, Command<Done> command) {
        return switch (resource.type()) {
            case BROKER ->
                BlockingWork.run(blocking, () -> check(command, settings::check))
                        .exceptionally(ApiError::fromThrowable);
            case GROUP ->
                CompletableFuture.completedStage(check(
                        command,
                        image -> GroupConfigSettings.validateBounds(image.configs(resource), settings.current())));
            default -> CompletableFuture.completedStage(ApiError.NONE);
        };
    }

    private ApiError check(Command<Done> command, Consumer<MetadataImage> rule) {
        var applied = MetadataMachine.apply(metadata.image(), command);
        if (applied.result() instanceof Result.Failed<Done> refused) {
            return new ApiError(refused.error(), refused.message());
        }
        try {
            rule.accept(applied.image());
            return ApiError.NONE;
        } catch (ConfigException e) {
            // Not INVALID_CONFIG, as in Kafka (KAFKA-13609).
            return new ApiError(Errors.INVALID_REQUEST, e.getMessage());
        } catch (ApiException e) {
            return ApiError.fromThrowable(e);
        }
    }

    private CompletionStage<Outcome<Done>> outcome(Command<Done> command, boolean validateOnly) {
        return validateOnly ? Outcome.validate(metadata, command) : Outcome.propose(metadata, command, TIMEOUT_MS);
    }
}
