package io.odradek.config;

import java.util.List;

/** Settings of who may do what, but for authentication. */
final class SecuritySettings {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            authorizer.class.name | string | | | low | read-only | refuse | A class of Kafka's that decides who may do what: see `odradek.authorizer`.
            create.topic.policy.class.name | class | - | | low | read-only | refuse | A class of Kafka's that decides which topics may be created.
            alter.config.policy.class.name | class | - | | low | read-only | refuse | A class of Kafka's that decides which configs may be set.
            principal.builder.class | class | org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder | | medium | per-broker | refuse | A class of Kafka's that names the principal of a connection.
            security.providers | string | - | | low | read-only | no | Classes that provide security algorithms to the JDK.
            connections.max.reauth.ms | long | 0 | | medium | read-only | no | How long a connection may live without authenticating again.
            delegation.token.secret.key | password | - | | medium | read-only | no | Signs delegation tokens, which are not offered.
            delegation.token.expiry.time.ms | long | 86400000 | 1.. | medium | read-only | no | How long a delegation token is valid without being renewed.
            delegation.token.max.lifetime.ms | long | 604800000 | 1.. | medium | read-only | no | How long a delegation token is valid at most.
            delegation.token.expiry.check.interval.ms | long | 3600000 | 1.. | low | read-only | no | How often delegation tokens are searched for those to remove.
            """);

    private SecuritySettings() {}
}
