package io.odradek.network;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.network.RequestMetrics.Refusal;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.requests.MetadataResponse;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {
    @TempDir
    static Path directory;

    private static Certificates certificates;

    @BeforeAll
    static void generate() throws Exception {
        certificates = Certificates.in(directory);
        certificates.keyStore("broker", "PKCS12");
        certificates.keyStore("alice", "PKCS12");
    }

    private static TestClient connect(TestServer server, SSLContext context) throws IOException {
        return new TestClient(context.getSocketFactory().createSocket("127.0.0.1", server.port()));
    }

    private static String principal(TestClient client) throws IOException {
        return ((MetadataResponse) client.read(client.sendMetadata("x"))).data().clusterId();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PKCS12", "JKS", "PEM", "inline"})
    void serves(String type) throws Exception {
        var settings =
                switch (type) {
                    case "PEM" -> certificates.pemFile(directory.resolve("serves.pem"), "broker");
                    case "inline" -> certificates.pem("broker");
                    default -> certificates.store(type.equals("JKS") ? "jks" : "broker", type);
                };
        try (var server = TestServer.startTls(settings);
                var client =
                        type.equals("JKS") ? server.connect() : connect(server, certificates.client("", "broker"))) {
            assertEquals("User:ANONYMOUS", principal(client));
            var large = "x".repeat(20_000);
            for (int i = 0; i < 5; i++) {
                client.ping();
                client.readMetadata(client.sendMetadata(large, large + i, large));
            }
        }
    }

    @Test
    void certificateOfTheClientIsItsPrincipal() throws Exception {
        var settings = Certificates.all(
                certificates.pem("broker"),
                Map.of(
                        "ssl.client.auth", "required",
                        "ssl.truststore.type", "PEM",
                        "ssl.truststore.certificates", certificates.certificatePem("alice")));
        try (var server = TestServer.startTls(settings);
                var alice = connect(server, certificates.client("alice", "broker"))) {
            assertEquals("User:CN=alice,O=Odradek", principal(alice));
            for (var other : new String[] {"", "broker"}) {
                try (var client = connect(server, certificates.client(other, "broker"))) {
                    assertThrows(IOException.class, client::ping);
                }
            }
            await().until(() -> server.metrics.refused(Refusal.HANDSHAKE_FAILED) == 2);
            alice.ping();
        }
    }

    @Test
    void certificateIsMappedByRulesAndMayBeLeftOutWhereItIsOnlyRequested() throws Exception {
        var settings = Certificates.all(
                certificates.pem("broker"),
                Map.of(
                        "ssl.client.auth", "requested",
                        "ssl.principal.mapping.rules", "RULE:^CN=(.*?),.*$/$1/U,DEFAULT",
                        "ssl.truststore.type", "PKCS12",
                        "ssl.truststore.password", Certificates.PASSWORD,
                        "ssl.truststore.location", trustStore("alice").toString()));
        try (var server = TestServer.startTls(settings);
                var alice = connect(server, certificates.client("alice", "broker"));
                var nobody = connect(server, certificates.client("", "broker"))) {
            assertEquals("User:ALICE", principal(alice));
            assertEquals("User:ANONYMOUS", principal(nobody));
        }
    }

    private static Path trustStore(String name) throws Exception {
        var store = java.security.KeyStore.getInstance("PKCS12");
        store.load(null, null);
        var certificate = java.security.cert.CertificateFactory.getInstance("X.509")
                .generateCertificate(new java.io.ByteArrayInputStream(
                        certificates.certificatePem(name).getBytes()));
        store.setCertificateEntry(name, certificate);
        var file = directory.resolve("trust-" + name);
        try (var out = Files.newOutputStream(file)) {
            store.store(out, Certificates.PASSWORD.toCharArray());
        }
        return file;
    }

    @Test
    void protocolsAndCiphersAreAsConfigured() throws Exception {
        var settings = Certificates.all(
                certificates.pem("broker"),
                Map.of(
                        "ssl.enabled.protocols", "TLSv1.2",
                        "ssl.cipher.suites", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"));
        try (var server = TestServer.startTls(settings);
                var client = server.connect()) {
            client.ping();
            var session = ((SSLSocket) client.socket()).getSession();
            assertEquals("TLSv1.2", session.getProtocol());
            assertEquals("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", session.getCipherSuite());
        }
    }

    @Test
    void whoDoesNotSpeakTlsIsClosed() throws Exception {
        try (var server = TestServer.startTls(
                config -> config.handshakeTimeout(Duration.ofMillis(300)), certificates.pem("broker"))) {
            try (var plain = new TestClient(new Socket("127.0.0.1", server.port()))) {
                plain.write(ByteBuffer.allocate(100).putInt(96));
                plain.readUntilClosed();
            }
            try (var silent = new TestClient(new Socket("127.0.0.1", server.port()))) {
                assertTrue(silent.isClosedByServer());
            }
            await().until(() -> server.metrics.refused(Refusal.HANDSHAKE_FAILED) == 2);
            try (var client = server.connect()) {
                client.ping();
            }
        }
    }

    @Test
    void changedFilesAreUsedByNewConnectionsAndBrokenOnesAreNot() throws Exception {
        var file = directory.resolve("changing.pem");
        var settings = Certificates.all(certificates.pemFile(file, "broker"), Map.of("ssl.allow.dn.changes", "true"));
        try (var server = TestServer.startTls(
                        config -> config.certificateCheckInterval(Duration.ofMillis(20)), settings);
                var early = server.connect()) {
            assertEquals("CN=broker,O=Odradek", servedBy(server));
            certificates.pemFile(file, "alice");
            await().until(() -> servedBy(server).equals("CN=alice,O=Odradek"));
            early.ping();

            var good = Files.readString(file);
            Files.writeString(file, good.substring(0, good.length() / 2));
            assertEquals("CN=alice,O=Odradek", servedBy(server));
            Files.delete(file);
            assertEquals("CN=alice,O=Odradek", servedBy(server));
            certificates.pemFile(file, "broker");
            Files.setLastModifiedTime(file, FileTime.fromMillis(1)); // older, but other
            await().until(() -> servedBy(server).equals("CN=broker,O=Odradek"));
        }
    }

    private static String servedBy(TestServer server) throws IOException {
        try (var client = server.connect()) {
            client.ping();
            var session = ((SSLSocket) client.socket()).getSession();
            return ((X509Certificate) session.getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ssl.keystore.location=/no/such/file,ssl.keystore.password=x",
                "ssl.keystore.type=PEM,ssl.keystore.key=nonsense,ssl.keystore.certificate.chain=nonsense",
            })
    void settingsThatCannotBeUsedStopTheStartWithOneLine(String given) {
        var settings = new java.util.HashMap<String, String>();
        for (var setting : given.split(",")) {
            if (!setting.isEmpty()) {
                settings.put(setting.split("=")[0], setting.split("=")[1]);
            }
        }
        var thrown = assertThrows(ConfigException.class, () -> TestServer.startTls(settings));
        assertTrue(thrown.getMessage().startsWith("listener PLAINTEXT: TLS cannot be set up"), thrown::getMessage);
        assertFalse(thrown.getMessage().contains("\n"));
    }

    @Test
    void clientThatDoesNotTrustTheBrokerIsOneFailedHandshake() throws Exception {
        try (var server = TestServer.startTls(certificates.pem("broker"));
                var client = connect(server, certificates.client("", "alice"))) {
            assertThrows(SSLException.class, client::ping);
            await().until(() -> server.metrics.refused(Refusal.HANDSHAKE_FAILED) == 1);
        }
    }
}
