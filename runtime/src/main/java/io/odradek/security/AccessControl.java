package io.odradek.security;

import io.odradek.spi.Authorizer;
import io.odradek.spi.Authorizer.Action;
import io.odradek.spi.Authorizer.Decision;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourceType;
import org.jboss.logging.Logger;

/**
 * Whether a client may do something. Thread-safe; never blocks, and no stage fails because of the authorisation
 * plugin: what it cannot decide is denied, with one line in the log.
 *
 * <p>Where everything is allowed, the answers are constants and cost no allocation.
 */
public final class AccessControl {
    private static final Logger LOG = Logger.getLogger(AccessControl.class);
    private static final CompletionStage<Boolean> YES = CompletableFuture.completedStage(Boolean.TRUE);
    private static final CompletionStage<Predicate<String>> ALL = CompletableFuture.completedStage(name -> true);

    private final Authorizer authorizer;
    private final boolean allowsEverything;

    public AccessControl(Authorizer authorizer) {
        this.authorizer = authorizer;
        this.allowsEverything = authorizer == Authorizer.allowAll();
    }

    public static AccessControl allowAll() {
        return new AccessControl(Authorizer.allowAll());
    }

    /** True if no question needs to be asked at all, for paths where even a completed stage would cost. */
    public boolean allowsEverything() {
        return allowsEverything;
    }

    /** Whether {@code client} may do {@code operation} on the one resource. */
    public CompletionStage<Boolean> allowed(
            ClientIdentity client, AclOperation operation, ResourceType type, String name) {
        if (allowsEverything) {
            return YES;
        }
        return decide(client, List.of(action(operation, type, name))).thenApply(d -> d.get(0) == Decision.ALLOWED);
    }

    /** Whether {@code client} may do {@code operation} on the cluster. */
    public CompletionStage<Boolean> allowedOnCluster(ClientIdentity client, AclOperation operation) {
        return allowed(client, operation, ResourceType.CLUSTER, Resource.CLUSTER_NAME);
    }

    /**
     * For requests that are refused as a whole.
     *
     * @return fails with {@link ClusterAuthorizationException} if {@code client} may not do {@code operation} on the cluster
     */
    public CompletionStage<Void> requireOnCluster(ClientIdentity client, AclOperation operation) {
        return allowedOnCluster(client, operation).thenAccept(allowed -> {
            if (!allowed) {
                throw new ClusterAuthorizationException(Errors.CLUSTER_AUTHORIZATION_FAILED.message());
            }
        });
    }

    /** On which of {@code names} the client may do {@code operation}: a predicate that is defined for these names. */
    public CompletionStage<Predicate<String>> allowed(
            ClientIdentity client, AclOperation operation, ResourceType type, Collection<String> names) {
        if (allowsEverything || names.isEmpty()) {
            return ALL;
        }
        var distinct = List.copyOf(new LinkedHashSet<>(names));
        var actions =
                distinct.stream().map(name -> action(operation, type, name)).toList();
        return decide(client, actions).thenApply(decisions -> {
            var allowed = new HashSet<String>();
            for (int i = 0; i < actions.size(); i++) {
                if (decisions.get(i) == Decision.ALLOWED) {
                    allowed.add(distinct.get(i));
                }
            }
            return allowed::contains;
        });
    }

    /** Whether the client may do {@code operation} on at least one resource of the type, whichever that is. */
    public CompletionStage<Boolean> allowedOnAny(ClientIdentity client, AclOperation operation, ResourceType type) {
        if (allowsEverything) {
            return YES;
        }
        try {
            return authorizer
                    .authorizeAny(client.toSpi(), operation(operation), type(type))
                    .subscribeAsCompletionStage()
                    .handle((decision, failure) -> {
                        if (failure != null) {
                            refuse(client, failure);
                        }
                        return decision == Decision.ALLOWED;
                    });
        } catch (RuntimeException e) {
            refuse(client, e);
            return CompletableFuture.completedStage(false);
        }
    }

    /**
     * The authorized-operations bit field (KIP-430) of each of {@code names}: bit n is set if the operation with code n is
     * allowed. The function is defined for these names.
     */
    public CompletionStage<ToIntFunction<String>> authorizedOperations(
            ClientIdentity client, ResourceType type, Collection<String> names) {
        var operations = List.copyOf(AuthorizedOperations.of(type));
        if (allowsEverything) {
            int all = operations.stream().mapToInt(o -> 1 << o.code()).sum();
            return CompletableFuture.completedStage(name -> all);
        }
        if (names.isEmpty()) {
            return CompletableFuture.completedStage(name -> 0);
        }
        var distinct = List.copyOf(new LinkedHashSet<>(names));
        var actions = new ArrayList<Action>(distinct.size() * operations.size());
        for (var name : distinct) {
            for (var operation : operations) {
                actions.add(action(operation, type, name));
            }
        }
        return decide(client, actions).thenApply(decisions -> {
            var bits = new HashMap<String, Integer>();
            for (int i = 0; i < actions.size(); i++) {
                int bit = decisions.get(i) == Decision.ALLOWED
                        ? 1 << operations.get(i % operations.size()).code()
                        : 0;
                bits.merge(distinct.get(i / operations.size()), bit, (a, b) -> a | b);
            }
            return name -> bits.getOrDefault(name, 0);
        });
    }

    private CompletionStage<List<Decision>> decide(ClientIdentity client, List<Action> actions) {
        try {
            return authorizer
                    .authorize(client.toSpi(), actions)
                    .subscribeAsCompletionStage()
                    .handle((decisions, failure) -> {
                        if (failure == null && decisions != null && decisions.size() == actions.size()) {
                            return decisions;
                        }
                        return refuse(
                                client,
                                actions,
                                failure != null
                                        ? failure
                                        : new IllegalStateException("one decision per action expected"));
                    });
        } catch (RuntimeException e) {
            return CompletableFuture.completedStage(refuse(client, actions, e));
        }
    }

    private List<Decision> refuse(ClientIdentity client, List<Action> actions, Throwable failure) {
        refuse(client, failure);
        return Collections.nCopies(actions.size(), Decision.DENIED);
    }

    private void refuse(ClientIdentity client, Throwable failure) {
        LOG.errorf("Authorizer %s failed, %s is denied: %s", authorizer.name(), client.principal(), failure);
    }

    private static Action action(AclOperation operation, ResourceType type, String name) {
        return new Action(operation(operation), type(type), name);
    }

    private static Authorizer.Operation operation(AclOperation operation) {
        return Authorizer.Operation.valueOf(operation.name());
    }

    private static Authorizer.ResourceType type(ResourceType type) {
        return Authorizer.ResourceType.valueOf(type.name());
    }
}
