package io.odradek.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Which plugins are used. A name is what the plugin calls itself.
 *
 * @param directory {@code odradek.plugins.directory}; empty for the class path alone
 * @param partitioner {@code odradek.partitioner}
 * @param authorizer {@code odradek.authorizer}; empty where everything is allowed
 * @param authenticators {@code odradek.authenticators}, in the order in which they are asked
 * @param quotaEnforcer {@code odradek.quota.enforcer}; empty where nothing is limited
 * @param tenantResolver {@code odradek.tenant.resolver}; empty where everyone is the default tenant
 */
public record PluginSettings(
        Optional<Path> directory,
        String partitioner,
        Optional<String> authorizer,
        List<String> authenticators,
        Optional<String> quotaEnforcer,
        Optional<String> tenantResolver) {
    public PluginSettings {
        authenticators = List.copyOf(authenticators);
    }
}
