package io.odradek.config;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.config.types.Password;

/**
 * TLS of one listener, after the listener's own settings were laid over the broker's.
 *
 * @param keystore our key and certificate chain
 * @param truststore whose certificates we accept; empty for the JDK's own
 * @param cipherSuites empty for the JDK's default
 * @param endpointIdentificationAlgorithm {@code https}, or empty for no check of host names
 * @param values every {@code ssl.*} setting that was given or has a default, parsed, for Kafka's own classes
 */
public record SslSettings(
        Optional<Store> keystore,
        Optional<Store> truststore,
        String protocol,
        List<String> enabledProtocols,
        List<String> cipherSuites,
        Optional<String> provider,
        String keyManagerAlgorithm,
        String trustManagerAlgorithm,
        Optional<String> secureRandomImplementation,
        String endpointIdentificationAlgorithm,
        ClientAuth clientAuth,
        String principalMappingRules,
        Map<String, Object> values) {

    /** Whether clients show a certificate. */
    public enum ClientAuth {
        NONE,
        REQUESTED,
        REQUIRED
    }

    /** Where keys or certificates are. */
    public sealed interface Store {
        /** {@code JKS}, {@code PKCS12} or {@code PEM}. */
        String type();
    }

    /** A file that may be replaced while the broker runs. */
    public record FileStore(String type, String location, Optional<Password> password, Optional<Password> keyPassword)
            implements Store {}

    /**
     * PEM given as a setting's value.
     *
     * @param privateKey present in a key store
     * @param certificates the chain of a key store, the trusted ones of a trust store
     */
    public record PemStore(Optional<Password> privateKey, String certificates, Optional<Password> keyPassword)
            implements Store {
        @Override
        public String type() {
            return "PEM";
        }
    }

    static SslSettings of(SettingValues v) {
        var values = new HashMap<String, Object>();
        v.asMap().forEach((name, value) -> {
            if (name.startsWith("ssl.") && value != null) {
                values.put(name, value);
            }
        });
        return new SslSettings(
                store(v, "keystore", v.password("ssl.keystore.key"), v.password("ssl.keystore.certificate.chain")),
                store(v, "truststore", Optional.empty(), v.password("ssl.truststore.certificates")),
                v.string("ssl.protocol"),
                v.list("ssl.enabled.protocols"),
                v.list("ssl.cipher.suites"),
                v.text("ssl.provider"),
                v.string("ssl.keymanager.algorithm"),
                v.string("ssl.trustmanager.algorithm"),
                v.text("ssl.secure.random.implementation"),
                v.text("ssl.endpoint.identification.algorithm").orElse(""),
                ClientAuth.valueOf(v.string("ssl.client.auth").toUpperCase(Locale.ROOT)),
                v.string("ssl.principal.mapping.rules"),
                values);
    }

    private static Optional<Store> store(
            SettingValues v, String which, Optional<Password> key, Optional<Password> certificates) {
        var type = v.string("ssl." + which + ".type");
        var location = v.text("ssl." + which + ".location");
        var keyPassword = which.equals("keystore") ? v.password("ssl.key.password") : Optional.<Password>empty();
        Check.that(
                Set.of("JKS", "PKCS12", "PEM").contains(type),
                "ssl." + which + ".type is " + type + " and must be JKS, PKCS12 or PEM");
        if (certificates.isPresent() || key.isPresent()) {
            Check.that(
                    type.equals("PEM") && location.isEmpty(),
                    "Certificates given as values need ssl." + which + ".type=PEM and no ssl." + which + ".location");
            Check.that(
                    certificates.isPresent() && (key.isPresent() || which.equals("truststore")),
                    "ssl.keystore.key and ssl.keystore.certificate.chain belong together");
            return Optional.of(new PemStore(key, certificates.get().value(), keyPassword));
        }
        return location.map(file -> new FileStore(type, file, v.password("ssl." + which + ".password"), keyPassword));
    }
}
