package io.odradek.spi;

import io.smallrye.mutiny.Uni;
import java.util.Collections;
import java.util.List;

/**
 * Decides whether a client may do what it asks for.
 *
 * <p>A request is asked about once, with all the actions it consists of: a produce to fifty topics is one call with
 * fifty actions.
 *
 * <p>Threading: called on the connections' event loops, by many at once, and must not block; an authorizer that has to
 * wait (for a policy server, say) answers with a {@link Uni} that completes later, on any thread. What can be answered at once should be, with
 * an already completed {@code Uni}.
 *
 * <p>Errors: a {@code Uni} that fails, or an exception, is a refusal of all actions and is logged as the plugin's
 * failure. An authorizer that waits should bound its waiting itself.
 *
 * <p>Example, a cluster that nobody but {@code User:admin} may write to:
 *
 * <pre>{@code
 * public Uni<List<Decision>> authorize(Client client, List<Action> actions) {
 *     boolean admin = client.principal().equals(Principal.user("admin"));
 *     return Uni.createFrom().item(actions.stream()
 *             .map(a -> admin || a.operation() == Operation.READ || a.operation() == Operation.DESCRIBE
 *                     ? Decision.ALLOWED : Decision.DENIED)
 *             .toList());
 * }
 * }</pre>
 */
public interface Authorizer extends Plugin {
    /**
     * Decides about each of the actions.
     *
     * @param client who asks
     * @param actions what for; not empty
     * @return one decision per action, in the order of {@code actions}
     */
    Uni<List<Decision>> authorize(Client client, List<Action> actions);

    /**
     * Decides whether the client may do the operation on at least one resource of the type, whichever that is. Kafka asks
     * this for producers that want an id before they say which topics they write to.
     */
    Uni<Decision> authorizeAny(Client client, Operation operation, ResourceType resourceType);

    /** Allows everything to everyone: what applies when no authorizer is configured. */
    static Authorizer allowAll() {
        return AllowAll.INSTANCE;
    }

    enum Decision {
        ALLOWED,
        DENIED
    }

    /**
     * Something a client wants to do.
     *
     * @param resourceName the topic's, group's or transactional id's name within the client's tenant; for the cluster
     *     {@code kafka-cluster}
     */
    record Action(Operation operation, ResourceType resourceType, String resourceName) {}

    /** Operations, named as in Kafka's {@code AclOperation}. */
    enum Operation {
        READ,
        WRITE,
        CREATE,
        DELETE,
        ALTER,
        DESCRIBE,
        CLUSTER_ACTION,
        DESCRIBE_CONFIGS,
        ALTER_CONFIGS,
        IDEMPOTENT_WRITE,
        CREATE_TOKENS,
        DESCRIBE_TOKENS,
        TWO_PHASE_COMMIT
    }

    /** Types of resources, named as in Kafka's {@code ResourceType}. */
    enum ResourceType {
        TOPIC,
        GROUP,
        CLUSTER,
        TRANSACTIONAL_ID,
        DELEGATION_TOKEN,
        USER
    }
}

final class AllowAll implements Authorizer {
    static final AllowAll INSTANCE = new AllowAll();
    private static final Uni<Decision> ALLOWED = Uni.createFrom().item(Decision.ALLOWED);

    private AllowAll() {}

    @Override
    public String name() {
        return "allow-all";
    }

    @Override
    public Uni<List<Decision>> authorize(Client client, List<Action> actions) {
        return Uni.createFrom().item(Collections.nCopies(actions.size(), Decision.ALLOWED));
    }

    @Override
    public Uni<Decision> authorizeAny(Client client, Operation operation, ResourceType resourceType) {
        return ALLOWED;
    }
}
