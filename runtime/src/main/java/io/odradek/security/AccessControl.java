package io.odradek.security;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Whether a client may do something. Thread-safe; never blocks, and the stages never fail: what the authorisation plugin
 * cannot decide is denied.
 *
 * <p>Where everything is allowed, the answers are constants and cost no allocation.
 */
public final class AccessControl {
    private static final CompletionStage<Boolean> YES = CompletableFuture.completedStage(Boolean.TRUE);
    private static final CompletionStage<Predicate<String>> ALL = CompletableFuture.completedStage(name -> true);

    public static AccessControl allowAll() {
        return new AccessControl();
    }

    /** True if no question needs to be asked at all, for paths where even a completed stage would cost. */
    public boolean allowsEverything() {
        return true;
    }

    /** Whether {@code client} may do {@code operation} on the one resource. */
    public CompletionStage<Boolean> allowed(
            ClientIdentity client, AclOperation operation, ResourceType type, String name) {
        return YES;
    }

    /** On which of {@code names} the client may do {@code operation}: a predicate that is defined for these names. */
    public CompletionStage<Predicate<String>> allowed(
            ClientIdentity client, AclOperation operation, ResourceType type, Collection<String> names) {
        return ALL;
    }

    /**
     * The authorized-operations bit field (KIP-430) of each of {@code names}: bit n is set if the operation with code n is
     * allowed. The function is defined for these names.
     */
    public CompletionStage<ToIntFunction<String>> authorizedOperations(
            ClientIdentity client, ResourceType type, Collection<String> names) {
        throw new UnsupportedOperationException();
    }
}
