package io.odradek.broker;

import io.odradek.network.IdentityResolver;
import io.odradek.security.ClientIdentity;
import io.odradek.spi.Principal;
import io.odradek.spi.TenantResolver;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The transport's principal, in the tenant that the plugin says. */
final class TenantIdentity implements IdentityResolver {
    private final TenantResolver tenants;

    TenantIdentity(TenantResolver tenants) {
        this.tenants = tenants;
    }

    @Override
    public CompletionStage<ClientIdentity> identify(Arrival arrival) {
        var principal = new Principal(
                arrival.principal().getPrincipalType(), arrival.principal().getName(), Map.of());
        var evidence = new TenantResolver.Evidence(
                principal,
                Optional.empty(),
                arrival.tlsSubject(),
                arrival.tlsServerName(),
                arrival.listener(),
                arrival.address());
        return tenants.resolve(evidence)
                .map(tenant -> new ClientIdentity(
                        arrival.principal(), tenant, arrival.listener(), arrival.securityProtocol(), arrival.address()))
                .subscribeAsCompletionStage();
    }
}
