package io.odradek.config;

import java.util.List;

/** Settings of authentication with SASL, which is not offered yet. */
final class SaslSettings {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            sasl.enabled.mechanisms | list | GSSAPI | | medium | per-broker | no | The mechanisms that a SASL listener accepts.
            sasl.mechanism.inter.broker.protocol | string | GSSAPI | | medium | per-broker | no | The mechanism that brokers use among themselves.
            sasl.mechanism.controller.protocol | string | GSSAPI | | high | read-only | no | The mechanism that brokers use towards controllers.
            sasl.jaas.config | password | - | | medium | per-broker | no | The login module and its options, with a listener's and a mechanism's prefix.
            sasl.client.callback.handler.class | class | - | | medium | read-only | no | A class that answers a login module's questions as a client.
            sasl.server.callback.handler.class | class | - | | medium | read-only | no | A class that answers a login module's questions as a server.
            sasl.server.max.receive.size | int | 524288 | | medium | read-only | no | The largest request before authentication.
            sasl.login.class | class | - | | medium | read-only | no | A class that logs in.
            sasl.login.callback.handler.class | class | - | | medium | read-only | no | A class that answers a login module's questions at login.
            sasl.login.connect.timeout.ms | int | - | | low | read-only | no | How long a connection to an identity provider may take.
            sasl.login.read.timeout.ms | int | - | | low | read-only | no | How long an identity provider may take to answer.
            sasl.login.retry.backoff.ms | long | 100 | | low | read-only | no | Pause before an identity provider is asked again.
            sasl.login.retry.backoff.max.ms | long | 10000 | | low | read-only | no | The longest pause before an identity provider is asked again.
            sasl.login.refresh.window.factor | double | 0.8 | | medium | per-broker | no | At which part of its life a credential is renewed.
            sasl.login.refresh.window.jitter | double | 0.05 | | medium | per-broker | no | How far that moment is moved at random.
            sasl.login.refresh.min.period.seconds | short | 60 | | medium | per-broker | no | The shortest time between two renewals.
            sasl.login.refresh.buffer.seconds | short | 300 | | medium | per-broker | no | How long before a credential's end it is renewed at the latest.
            sasl.kerberos.service.name | string | - | | medium | per-broker | no | The Kerberos principal that brokers run as.
            sasl.kerberos.kinit.cmd | string | /usr/bin/kinit | | medium | per-broker | no | Where Kerberos' kinit is.
            sasl.kerberos.ticket.renew.window.factor | double | 0.8 | | medium | per-broker | no | At which part of its life a ticket is renewed.
            sasl.kerberos.ticket.renew.jitter | double | 0.05 | | medium | per-broker | no | How far that moment is moved at random.
            sasl.kerberos.min.time.before.relogin | long | 60000 | | medium | per-broker | no | The shortest time between two logins.
            sasl.kerberos.principal.to.local.rules | list | DEFAULT | | medium | per-broker | no | How a Kerberos principal becomes a user name.
            sasl.oauthbearer.token.endpoint.url | string | - | | medium | read-only | no | Where tokens are got from.
            sasl.oauthbearer.jwks.endpoint.url | string | - | | medium | read-only | no | Where the keys are that tokens are signed with.
            sasl.oauthbearer.jwks.endpoint.refresh.ms | long | 3600000 | | low | read-only | no | How often those keys are read again.
            sasl.oauthbearer.jwks.endpoint.retry.backoff.ms | long | 100 | | low | read-only | no | Pause before those keys are read again after a failure.
            sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms | long | 10000 | | low | read-only | no | The longest such pause.
            sasl.oauthbearer.clock.skew.seconds | int | 30 | | low | read-only | no | How far the clocks of broker and identity provider may differ.
            sasl.oauthbearer.expected.audience | list | | | high | read-only | no | The audiences that a token may be for.
            sasl.oauthbearer.expected.issuer | string | - | | high | read-only | no | Who must have issued a token.
            sasl.oauthbearer.scope | string | - | | medium | read-only | no | The scope that a token is asked for with.
            sasl.oauthbearer.scope.claim.name | string | scope | | low | read-only | no | The claim that holds a token's scope.
            sasl.oauthbearer.sub.claim.name | string | sub | | low | read-only | no | The claim that holds a token's subject.
            sasl.oauthbearer.jwt.retriever.class | class | org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever | | medium | read-only | no | A class that gets tokens.
            sasl.oauthbearer.jwt.validator.class | class | org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator | | medium | read-only | no | A class that checks tokens.
            sasl.oauthbearer.client.credentials.client.id | string | - | | medium | read-only | no | The client id that tokens are asked for with.
            sasl.oauthbearer.client.credentials.client.secret | password | - | | medium | read-only | no | The secret of that client id.
            sasl.oauthbearer.assertion.algorithm | string | RS256 | {ES256,RS256} any case | medium | read-only | no | How an assertion is signed.
            sasl.oauthbearer.assertion.claim.aud | string | - | | medium | read-only | no | The audience of an assertion.
            sasl.oauthbearer.assertion.claim.exp.seconds | int | 300 | 0..86400 | low | read-only | no | How long an assertion is valid.
            sasl.oauthbearer.assertion.claim.iss | string | - | | medium | read-only | no | The issuer of an assertion.
            sasl.oauthbearer.assertion.claim.jti.include | boolean | false | | medium | read-only | no | Whether an assertion has an id of its own.
            sasl.oauthbearer.assertion.claim.nbf.seconds | int | 60 | 0..3600 | low | read-only | no | How far in the past an assertion's validity begins.
            sasl.oauthbearer.assertion.claim.sub | string | - | | medium | read-only | no | The subject of an assertion.
            sasl.oauthbearer.assertion.file | string | - | | medium | read-only | no | A file with an assertion.
            sasl.oauthbearer.assertion.private.key.file | string | - | | medium | read-only | no | A file with the key that assertions are signed with.
            sasl.oauthbearer.assertion.private.key.passphrase | password | - | | medium | read-only | no | Opens that key.
            sasl.oauthbearer.assertion.template.file | string | - | | medium | read-only | no | A file with claims for assertions.
            """);

    private SaslSettings() {}
}
