package io.odradek.network;

import io.odradek.security.ClientIdentity;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * Decides who a new connection is, once, before its first request is read; where principals and tenants come from.
 *
 * <p>Called on the connection's event loop and must not block; the stage may complete on any thread. A failed stage
 * closes the connection with one log line that carries the failure's message.
 */
@FunctionalInterface
public interface IdentityResolver {
    CompletionStage<ClientIdentity> identify(Arrival arrival);

    /** Takes the principal as the transport proved it, in the default tenant. */
    static IdentityResolver ofTransport() {
        return a -> CompletableFuture.completedFuture(new ClientIdentity(
                a.principal(), ClientIdentity.DEFAULT_TENANT, a.listener(), a.securityProtocol(), a.address()));
    }

    /**
     * What is known of a connection when its transport is ready, TLS handshake included.
     *
     * @param listener name of the listener that accepted it
     * @param address the peer's
     * @param principal of the peer's certificate after {@code ssl.principal.mapping.rules}, else anonymous
     * @param tlsSubject distinguished name (RFC 2253) of the peer's certificate
     * @param tlsServerName the name that the client asked for (SNI)
     */
    record Arrival(
            String listener,
            SecurityProtocol securityProtocol,
            InetSocketAddress address,
            KafkaPrincipal principal,
            Optional<String> tlsSubject,
            Optional<String> tlsServerName) {}
}
