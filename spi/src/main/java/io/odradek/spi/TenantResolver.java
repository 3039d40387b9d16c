package io.odradek.spi;

import io.smallrye.mutiny.Uni;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Decides which tenant's view of the cluster a connection sees, once, after it authenticated.
 *
 * <p>Threading: called on the connections' event loops, by many at once, and must not block; an answer that has to be
 * waited for is a {@link Uni} that completes later, on any thread.
 *
 * <p>Errors: a connection that belongs to no tenant is a {@code Uni} failed with {@link AuthenticationRefusedException};
 * the broker closes the connection as if it had not authenticated. Any other failure does so too and is logged.
 *
 * <p>Example, SASL user names of the form {@code tenant/user}:
 *
 * <pre>{@code
 * public Uni<String> resolve(Evidence evidence) {
 *     String user = evidence.saslUser().orElse("");
 *     int slash = user.indexOf('/');
 *     return Uni.createFrom().item(slash > 0 ? user.substring(0, slash) : DEFAULT_TENANT);
 * }
 * }</pre>
 */
public interface TenantResolver extends Plugin {
    /** The tenant that a Kafka user without tenants sees. */
    String DEFAULT_TENANT = "default";

    /** Answers the tenant's id. A tenant that does not exist is refused by the broker. */
    Uni<String> resolve(Evidence evidence);

    /** Everyone belongs to {@link #DEFAULT_TENANT}: what applies when no resolver is configured. */
    static TenantResolver single() {
        return SingleTenant.INSTANCE;
    }

    /**
     * All that is known of a connection when it has authenticated.
     *
     * @param principal with the claims of its token, if it showed one
     * @param saslUser the SASL user name as the client sent it
     * @param tlsSubject distinguished name of the client's certificate (RFC 2253)
     * @param tlsServerName the name that the client asked for (SNI)
     * @param listener name of the listener that accepted the connection
     */
    record Evidence(
            Principal principal,
            Optional<String> saslUser,
            Optional<String> tlsSubject,
            Optional<String> tlsServerName,
            String listener,
            InetSocketAddress address) {}
}

final class SingleTenant implements TenantResolver {
    static final SingleTenant INSTANCE = new SingleTenant();
    private static final Uni<String> DEFAULT = Uni.createFrom().item(DEFAULT_TENANT);

    private SingleTenant() {}

    @Override
    public String name() {
        return "single";
    }

    @Override
    public Uni<String> resolve(Evidence evidence) {
        return DEFAULT;
    }
}
