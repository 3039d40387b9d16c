package io.odradek.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SslClientAuth;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.config.internals.BrokerSecurityConfigs;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.apache.kafka.common.security.ssl.SslPrincipalMapper;
import org.jboss.logging.Logger;

/**
 * The key, certificates and trust of one TLS listener, from Kafka's {@code ssl.*} settings. When their files change, new
 * connections get what is in them then; what cannot be used is left aside.
 *
 * <p>Loading is Kafka's own ({@link DefaultSslEngineFactory}), for JKS, PKCS12 and PEM alike. Thread safe but for
 * {@link #reloadIfChanged}, which one thread calls.
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
                    "");

    private final String listener;
    private final Map<String, Object> settings;
    private final List<Path> files;
    private final SslPrincipalMapper principalMapper;
    private volatile DefaultSslEngineFactory engines;
    private Map<Path, FileState> loaded;

    /** @throws ConfigException in one line, if the settings or what they point to cannot be used */
    TlsCredentials(ListenerConfig listener) {
        this.listener = listener.name();
        try {
            this.settings = SETTINGS.parse(listener.ssl());
            this.principalMapper = SslPrincipalMapper.fromRules(
                    (String) settings.get(BrokerSecurityConfigs.SSL_PRINCIPAL_MAPPING_RULES_CONFIG));
            this.files = Stream.of(SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG, SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG)
                    .map(settings::get)
                    .filter(Objects::nonNull)
                    .map(location -> Path.of((String) location))
                    .toList();
            this.loaded = fileStates();
            this.engines = load();
        } catch (RuntimeException e) {
            throw new ConfigException("listener " + this.listener + ": TLS cannot be set up: " + reasons(e));
        }
    }

    private DefaultSslEngineFactory load() {
        for (var file : files) {
            if (!Files.isReadable(file)) {
                throw new ConfigException(file + " is not there or cannot be read");
            }
        }
        var factory = new DefaultSslEngineFactory();
        factory.configure(settings);
        if (factory.keystore() == null) {
            throw new ConfigException("there is no ssl.keystore.location and no ssl.keystore.key");
        }
        factory.createServerSslEngine("", 0); // refuses unknown protocols and cipher suites
        return factory;
    }

    SSLEngine engine(String peerHost, int peerPort) {
        return engines.createServerSslEngine(peerHost, peerPort);
    }

    /** The principal of a certificate's subject, by {@code ssl.principal.mapping.rules}. */
    KafkaPrincipal principal(String subject) {
        try {
            return new KafkaPrincipal(KafkaPrincipal.USER_TYPE, principalMapper.getName(subject));
        } catch (IOException e) {
            throw new ConfigException("no principal for " + subject + ": " + e.getMessage());
        }
    }

    boolean hasFiles() {
        return !files.isEmpty();
    }

    /** Reads the files again if their time or size changed. Blocks. */
    void reloadIfChanged() {
        var now = fileStates();
        if (now.equals(loaded)) {
            return;
        }
        loaded = now;
        try {
            engines = load();
            LOG.infof("listener %s: new connections use the certificates now in %s", listener, files);
        } catch (RuntimeException e) {
            LOG.errorf(
                    "listener %s: the changed certificates in %s cannot be used, the former stay: %s",
                    listener, files, reasons(e));
        }
    }

    private record FileState(long modifiedMs, long bytes) {
        private static final FileState ABSENT = new FileState(-1, -1);
    }

    private Map<Path, FileState> fileStates() {
        var states = new HashMap<Path, FileState>();
        for (var file : files) {
            try {
                states.put(file, new FileState(Files.getLastModifiedTime(file).toMillis(), Files.size(file)));
            } catch (IOException e) {
                states.put(file, FileState.ABSENT);
            }
        }
        return states;
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
