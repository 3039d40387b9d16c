package io.odradek.security;

import io.odradek.spi.Client;
import io.odradek.spi.Principal;
import java.net.InetSocketAddress;
import java.util.Map;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * Who is at the other end of a connection.
 *
 * @param principal {@link KafkaPrincipal#ANONYMOUS} unless the connection authenticated
 * @param tenant the tenant whose view of the cluster this connection sees; {@link #DEFAULT_TENANT} is what a Kafka user
 *     without tenants sees
 * @param listener name of the listener that accepted the connection
 */
public record ClientIdentity(
        KafkaPrincipal principal,
        String tenant,
        String listener,
        SecurityProtocol securityProtocol,
        InetSocketAddress address) {
    public static final String DEFAULT_TENANT = "default";

    public static ClientIdentity anonymous(String listener, SecurityProtocol protocol, InetSocketAddress address) {
        return new ClientIdentity(KafkaPrincipal.ANONYMOUS, DEFAULT_TENANT, listener, protocol, address);
    }

    /** This identity as plugins see it. */
    Client toSpi() {
        return new Client(
                new Principal(principal.getPrincipalType(), principal.getName(), Map.of()), tenant, listener, address);
    }
}
