package io.odradek.broker;

import io.odradek.config.BrokerConfig;
import io.odradek.network.IdentityResolver;
import io.odradek.plugin.Plugins;
import io.odradek.security.AccessControl;
import io.odradek.security.Quotas;
import io.odradek.spi.Authorizer;
import io.odradek.spi.QuotaEnforcer;
import io.odradek.spi.TenantResolver;

/** The plugins that the settings name, wrapped in what the broker asks. */
final class ChosenPlugins implements AutoCloseable {
    private final Plugins plugins;
    final AccessControl access;
    final Quotas quotas;
    final IdentityResolver identities;

    private ChosenPlugins(Plugins plugins, BrokerConfig config) {
        var names = config.plugins();
        var settings = config.originals();
        this.plugins = plugins;
        access = names.authorizer()
                .map(name -> new AccessControl(plugins.load(Authorizer.class, name, settings)))
                .orElseGet(AccessControl::allowAll);
        quotas = names.quotaEnforcer()
                .map(name -> new Quotas(plugins.load(QuotaEnforcer.class, name, settings), System::nanoTime))
                .orElseGet(Quotas::unlimited);
        identities = names.tenantResolver()
                .<IdentityResolver>map(name -> new TenantIdentity(plugins.load(TenantResolver.class, name, settings)))
                .orElseGet(IdentityResolver::ofTransport);
    }

    static ChosenPlugins load(BrokerConfig config) {
        var plugins = config.plugins().directory().map(Plugins::in).orElseGet(Plugins::onClassPath);
        try {
            return new ChosenPlugins(plugins, config);
        } catch (RuntimeException e) {
            plugins.close();
            throw e;
        }
    }

    @Override
    public void close() {
        plugins.close();
    }
}
