package io.odradek.raft;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * TLS from a secret that all nodes share, instead of key stores: the key pair is derived from the secret, so that whoever shows
 * the same public key and can sign with it knows the secret. Connections have forward secrecy as with any other key.
 *
 * <p>JGroups' own means for a shared secret, SYM_ENCRYPT, leaves messages without a payload, such as votes, as they are.
 */
public final class ClusterSecret {
    /** Whoever connects sees the public key, and may try secrets against it at home. */
    private static final int MIN_LENGTH = 16;

    private static final int ITERATIONS = 100_000;
    private static final byte[] SALT = "odradek cluster secret 1".getBytes(StandardCharsets.UTF_8);
    private static final int SEED_BYTES = 32;

    private ClusterSecret() {}

    /**
     * For both sides of a connection.
     *
     * @throws IllegalArgumentException if the secret is too short
     */
    public static SSLContext context(String secret) {
        if (secret.length() < MIN_LENGTH) {
            throw new IllegalArgumentException("a cluster's secret must have at least " + MIN_LENGTH + " characters");
        }
        try {
            var keys = keys(secret);
            var certificate = NodeCertificate.selfSigned(keys);
            var context = SSLContext.getInstance("TLSv1.3");
            context.init(
                    new KeyManager[] {new OneKey(keys.getPrivate(), certificate)},
                    new TrustManager[] {new OneTrusted(keys.getPublic())},
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has Ed25519, PBKDF2 and TLS 1.3", e);
        }
    }

    private static KeyPair keys(String secret) throws GeneralSecurityException {
        var seed = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                .generateSecret(new PBEKeySpec(secret.toCharArray(), SALT, ITERATIONS, SEED_BYTES * 8))
                .getEncoded();
        var generator = KeyPairGenerator.getInstance("Ed25519");
        generator.initialize(SEED_BYTES * 8 - 1, new Seed(seed));
        var keys = generator.generateKeyPair();
        // A private key of Ed25519 is the seed itself (RFC 8032), at the end of its encoding.
        var encoded = keys.getPrivate().getEncoded();
        if (!Arrays.equals(seed, Arrays.copyOfRange(encoded, encoded.length - SEED_BYTES, encoded.length))) {
            throw new GeneralSecurityException("this JDK makes keys otherwise than by RFC 8032");
        }
        return keys;
    }

    /** A source of "randomness" that gives what it was given. */
    private static final class Seed extends SecureRandom {
        private static final long serialVersionUID = 1L;
        private final byte[] seed;

        Seed(byte[] seed) {
            this.seed = seed;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(seed, 0, bytes, 0, Math.min(seed.length, bytes.length));
        }
    }

    private static final class OneKey extends X509ExtendedKeyManager {
        private static final String ALIAS = "node";
        private final PrivateKey key;
        private final X509Certificate certificate;

        OneKey(PrivateKey key, X509Certificate certificate) {
            this.key = key;
            this.certificate = certificate;
        }

        private static String alias(String... keyTypes) {
            return Arrays.asList(keyTypes).contains("EdDSA") ? ALIAS : null;
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
            return alias(keyTypes);
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return alias(keyType);
        }

        @Override
        public String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine) {
            return alias(keyTypes);
        }

        @Override
        public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
            return alias(keyType);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {certificate};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }
    }

    /** Names and dates in the certificate do not matter: the key is all there is to know. */
    private static final class OneTrusted extends X509ExtendedTrustManager {
        private final PublicKey key;

        OneTrusted(PublicKey key) {
            this.key = key;
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            if (chain.length == 0 || !chain[0].getPublicKey().equals(key)) {
                throw new CertificateException("the other side does not know this cluster's secret");
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
