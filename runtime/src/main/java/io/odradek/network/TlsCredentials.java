package io.odradek.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SslClientAuth;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.config.internals.BrokerSecurityConfigs;
import org.apache.kafka.common.network.ConnectionMode;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.ssl.SslFactory;
import org.apache.kafka.common.security.ssl.SslPrincipalMapper;
import org.jboss.logging.Logger;

/**
 * The key, certificates and trust of one TLS listener, for those who connect to it or, as the client between brokers, for
 * connecting to the like of it on other brokers; from Kafka's {@code ssl.*} settings. When the settings or their files
 * change, new connections get what is there then; what cannot be used is left aside.
 *
 * <p>Loading is Kafka's own ({@link SslFactory}), for JKS, PKCS12 and PEM alike, and so is what may follow what: the
 * names in a certificate stay unless {@code ssl.allow.dn.changes} and {@code ssl.allow.san.changes} say otherwise.
 * Thread safe.
 */
final class TlsCredentials {
    private static final Logger LOG = Logger.getLogger(TlsCredentials.class);
    private static final ConfigDef SETTINGS = new ConfigDef()
            .withClientSslSupport()
            .define(
                    BrokerSecurityConfigs.SSL_CLIENT_AUTH_CONFIG,
                    ConfigDef.Type.STRING,
                    SslClientAuth.NONE.toString().toLowerCase(java.util.Locale.ROOT),
                    ConfigDef.Importance.MEDIUM,
                    "")
            .define(
                    BrokerSecurityConfigs.SSL_PRINCIPAL_MAPPING_RULES_CONFIG,
                    ConfigDef.Type.STRING,
                    BrokerSecurityConfigs.DEFAULT_SSL_PRINCIPAL_MAPPING_RULES,
                    ConfigDef.Importance.LOW,
                    "")
            .define(
                    BrokerSecurityConfigs.SSL_ALLOW_DN_CHANGES_CONFIG,
                    ConfigDef.Type.BOOLEAN,
                    BrokerSecurityConfigs.DEFAULT_SSL_ALLOW_DN_CHANGES_VALUE,
                    ConfigDef.Importance.LOW,
                    "")
            .define(
                    BrokerSecurityConfigs.SSL_ALLOW_SAN_CHANGES_CONFIG,
                    ConfigDef.Type.BOOLEAN,
                    BrokerSecurityConfigs.DEFAULT_SSL_ALLOW_SAN_CHANGES_VALUE,
                    ConfigDef.Importance.LOW,
                    "");

    private final String listener;
    private final ConnectionMode mode;
    private final SslPrincipalMapper principalMapper;
    private volatile Source source;
    /** Empty where what the source has cannot be used. */
    private volatile Optional<SslFactory> engines = Optional.empty();
    /** Why not. */
    private volatile String problem = "";

    /** Settings, and the files that they name as they were when they were read. */
    private record Source(Map<String, Object> settings, Map<Path, FileState> files) {
        static Source of(Map<String, ?> ssl) {
            var settings = SETTINGS.parse(ssl);
            var files = new HashMap<Path, FileState>();
            Stream.of(SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG, SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG)
                    .map(settings::get)
                    .filter(Objects::nonNull)
                    .map(location -> Path.of((String) location))
                    .forEach(file -> files.put(file, FileState.of(file)));
            return new Source(settings, files);
        }

        void requireFiles() {
            for (var file : files.keySet()) {
                if (!Files.isReadable(file)) {
                    throw new ConfigException(file + " is not there or cannot be read");
                }
            }
        }

        SslFactory load(ConnectionMode mode) {
            requireFiles();
            // A client between brokers shows what the listener shows, so they must trust each other.
            var factory = new SslFactory(mode, null, mode == ConnectionMode.CLIENT);
            factory.configure(settings);
            if (factory.sslEngineFactory().keystore() == null) {
                throw new ConfigException("there is no ssl.keystore.location and no ssl.keystore.key");
            }
            factory.createSslEngine("", 0); // refuses unknown protocols and cipher suites
            return factory;
        }
    }

    private record FileState(long modifiedMs, long bytes) {
        private static final FileState ABSENT = new FileState(-1, -1);

        static FileState of(Path file) {
            try {
                return new FileState(Files.getLastModifiedTime(file).toMillis(), Files.size(file));
            } catch (IOException e) {
                return ABSENT;
            }
        }
    }

    /**
     * Reads the files. What cannot be used is told by {@link #requireUsable}: settings that the metadata has may still
     * come.
     *
     * @throws ConfigException in one line, if the settings are malformed
     */
    TlsCredentials(ListenerConfig listener) {
        this(listener.name(), listener.ssl(), ConnectionMode.SERVER);
    }

    /** @param mode which side of a connection shows and checks them */
    TlsCredentials(String listener, Map<String, ?> ssl, ConnectionMode mode) {
        this.listener = listener;
        this.mode = mode;
        try {
            source = Source.of(ssl);
            principalMapper = SslPrincipalMapper.fromRules(
                    (String) source.settings.get(BrokerSecurityConfigs.SSL_PRINCIPAL_MAPPING_RULES_CONFIG));
        } catch (RuntimeException e) {
            throw unusable(reasons(e));
        }
        try {
            engines = Optional.of(source.load(mode));
        } catch (RuntimeException e) {
            problem = reasons(e);
        }
    }

    /** @throws ConfigException in one line, if what the settings point to cannot be used */
    void requireUsable() {
        if (engines.isEmpty()) {
            throw unusable(problem);
        }
    }

    private ConfigException unusable(String why) {
        return new ConfigException("listener " + listener + ": TLS cannot be set up: " + why);
    }

    /** Once it is usable. */
    SSLEngine engine(String peerHost, int peerPort) {
        return engines.orElseThrow().createSslEngine(peerHost, peerPort);
    }

    /** The principal of a certificate's subject, by {@code ssl.principal.mapping.rules}. */
    KafkaPrincipal principal(String subject) {
        try {
            return new KafkaPrincipal(KafkaPrincipal.USER_TYPE, principalMapper.getName(subject));
        } catch (IOException e) {
            throw new ConfigException("no principal for " + subject + ": " + e.getMessage());
        }
    }

    /**
     * Whether these settings may follow those in use. Reads the files.
     *
     * @throws ConfigException in one line, if not
     */
    void check(Map<String, ?> ssl) {
        var wanted = Source.of(ssl);
        if (!wanted.equals(source)) {
            try {
                check(wanted);
            } catch (RuntimeException e) {
                throw unusable(reasons(e));
            }
        }
    }

    private void check(Source wanted) {
        wanted.requireFiles();
        if (engines.isPresent()) {
            engines.get().validateReconfiguration(wanted.settings);
        } else {
            wanted.load(mode);
        }
    }

    /** Uses other settings for new connections; they have been checked. Reads the files. */
    synchronized void reconfigure(Map<String, ?> ssl) {
        var wanted = Source.of(ssl);
        if (!wanted.equals(source)) {
            use(wanted);
        }
    }

    /** Reads the files again if their time or size changed. */
    synchronized void reloadIfChanged() {
        var now = Source.of(source.settings);
        if (now.equals(source)) {
            return;
        }
        try {
            check(now);
        } catch (RuntimeException e) {
            source = now; // is not tried again before it has changed again
            cannotUse(e);
            return;
        }
        use(now);
    }

    private void use(Source wanted) {
        source = wanted;
        try {
            engines = Optional.of(wanted.load(mode));
            LOG.infof("listener %s: new connections use the certificates now in %s", listener, where(wanted));
        } catch (RuntimeException e) {
            cannotUse(e);
        }
    }

    private void cannotUse(RuntimeException e) {
        problem = reasons(e);
        if (engines.isEmpty()) {
            LOG.debugf("listener %s: the changed certificates cannot be used either: %s", listener, problem);
            return; // whoever needs them is told
        }
        LOG.errorf(
                "listener %s: the changed certificates in %s cannot be used, the former stay: %s",
                listener, where(source), problem);
    }

    private static String where(Source source) {
        return source.files.isEmpty() ? "its settings" : source.files.keySet().toString();
    }

    private static String reasons(Throwable failure) {
        var reasons = new StringBuilder();
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            var message = String.valueOf(cause.getMessage());
            // An exception made from its cause alone repeats it.
            if (cause.getCause() == null || !message.equals(cause.getCause().toString())) {
                reasons.append(reasons.isEmpty() ? "" : ": ").append(message);
            }
        }
        return reasons.toString();
    }
}
