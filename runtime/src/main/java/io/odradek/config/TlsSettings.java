package io.odradek.config;

import java.util.List;

/** Settings of TLS of listeners; each may have a listener's prefix. */
final class TlsSettings {
    static final List<Setting> SETTINGS = SettingTable.parse("""
            ssl.keystore.type | string | JKS | | medium | per-broker | yes | JKS, PKCS12 or PEM.
            ssl.keystore.location | string | - | | medium | per-broker | yes | The file with this broker's key and certificates; read again when it changes.
            ssl.keystore.password | password | - | | medium | per-broker | yes | Opens the file of `ssl.keystore.location`; not for PEM.
            ssl.key.password | password | - | | medium | per-broker | yes | Opens the private key.
            ssl.keystore.key | password | - | | medium | per-broker | yes | The private key itself, PEM with PKCS#8.
            ssl.keystore.certificate.chain | password | - | | medium | per-broker | yes | The certificates themselves, PEM.
            ssl.truststore.type | string | JKS | | medium | per-broker | yes | JKS, PKCS12 or PEM.
            ssl.truststore.location | string | - | | medium | per-broker | yes | The file with the certificates that are trusted; read again when it changes.
            ssl.truststore.password | password | - | | medium | per-broker | yes | Opens the file of `ssl.truststore.location`; not for PEM.
            ssl.truststore.certificates | password | - | | medium | per-broker | yes | The trusted certificates themselves, PEM.
            ssl.protocol | string | TLSv1.3 | | medium | per-broker | yes | The protocol that the TLS context is made with.
            ssl.enabled.protocols | list | TLSv1.2,TLSv1.3 | | medium | per-broker | yes | The versions of TLS that are spoken.
            ssl.cipher.suites | list | | | medium | per-broker | yes | The cipher suites that are spoken; empty is the default of the JDK.
            ssl.provider | string | - | | medium | per-broker | yes | The security provider of TLS; without it, the default of the JDK.
            ssl.client.auth | string | none | {required,requested,none} | medium | per-broker | yes | Whether clients show a certificate: required, requested or none.
            ssl.endpoint.identification.algorithm | string | https | | low | per-broker | yes | How the other broker's host name is checked against its certificate; empty is not at all.
            ssl.keymanager.algorithm | string | SunX509 | | medium | per-broker | yes | The JDK's algorithm for keys.
            ssl.trustmanager.algorithm | string | PKIX | | medium | per-broker | yes | The JDK's algorithm for trust.
            ssl.secure.random.implementation | string | - | | low | per-broker | yes | The JDK's source of randomness for TLS.
            ssl.engine.factory.class | class | - | | low | per-broker | refuse | A class of Kafka's that makes TLS engines.
            ssl.principal.mapping.rules | string | DEFAULT | | low | read-only | yes | How a certificate's distinguished name becomes a user name.
            ssl.allow.dn.changes | boolean | false | | low | read-only | yes | Whether a certificate that takes another's place while the broker runs may have another distinguished name.
            ssl.allow.san.changes | boolean | false | | low | read-only | yes | Whether a certificate that takes another's place while the broker runs may lack some of its alternative names.
            """);

    private TlsSettings() {}
}
