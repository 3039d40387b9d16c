package io.odradek.spi;

import java.net.InetSocketAddress;

/**
 * Who asks: the identity of a connection, the same for all its requests.
 *
 * @param principal decided by the {@link Authenticator}; {@link Principal#ANONYMOUS} if the connection did not authenticate
 * @param tenant id of the tenant whose view of the cluster the connection sees, decided by the {@link TenantResolver}
 * @param listener name of the listener that accepted the connection, such as {@code PLAINTEXT}
 * @param address the peer's address
 */
public record Client(Principal principal, String tenant, String listener, InetSocketAddress address) {}
