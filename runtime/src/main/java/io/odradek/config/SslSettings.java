package io.odradek.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
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
}
