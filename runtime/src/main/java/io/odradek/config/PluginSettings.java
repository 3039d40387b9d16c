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
    static final List<Setting> SETTINGS = SettingTable.parse("""
            odradek.plugins.directory | string | - | | medium | read-only | yes | A directory with plugins as jar files, beside those on the class path.
            odradek.partitioner | string | murmur2 | | medium | read-only | no | The partitioner that chooses where the broker itself does.
            odradek.authorizer | string | - | | high | read-only | yes | The authorizer that decides who may do what; without one everything is allowed.
            odradek.authenticators | list | | | high | read-only | refuse | The authenticators that are asked who a client is, in this order.
            odradek.quota.enforcer | string | - | | medium | read-only | yes | The plugin that throttles clients; without one nobody is throttled.
            odradek.tenant.resolver | string | - | | medium | read-only | yes | The plugin that says which tenant a connection belongs to; without one it is the default tenant.
            """);

    public PluginSettings {
        authenticators = List.copyOf(authenticators);
    }

    static PluginSettings of(SettingValues v) {
        return new PluginSettings(
                v.text("odradek.plugins.directory").map(Path::of),
                v.string("odradek.partitioner"),
                v.text("odradek.authorizer"),
                v.list("odradek.authenticators"),
                v.text("odradek.quota.enforcer"),
                v.text("odradek.tenant.resolver"));
    }
}
