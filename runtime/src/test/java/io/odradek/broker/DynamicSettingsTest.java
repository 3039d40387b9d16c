package io.odradek.broker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.config.BrokerConfig;
import io.odradek.network.Certificates;
import io.odradek.network.TestClient;
import io.odradek.network.TestTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Settings that an admin client changes while the broker runs: they are heeded at once, and after a restart. */
@Timeout(120)
class DynamicSettingsTest {
    private static final String BROKER = "1";
    private static final String CLUSTER = "";

    @TempDir
    Path directory;

    private final Map<String, String> settings = new HashMap<>();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private Broker broker;
    private Admin admin;

    @BeforeEach
    void settings() {
        settings.putAll(Map.of(
                "node.id", BROKER,
                "log.dirs", directory.resolve("data").toString(),
                "listeners", "PLAINTEXT://127.0.0.1:0,OTHER://127.0.0.1:0",
                "advertised.listeners", "PLAINTEXT://127.0.0.1:0,OTHER://127.0.0.1:0",
                "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,OTHER:PLAINTEXT,TLS:SSL,NEW:PLAINTEXT"));
    }

    private void start() {
        broker = Broker.start(BrokerConfig.of(settings));
        admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + broker.port("PLAINTEXT")));
    }

    private void restart() throws Exception {
        stop();
        start();
    }

    @AfterEach
    void stop() throws Exception {
        for (var one : opened) {
            one.close();
        }
        opened.clear();
        admin.close();
        broker.close();
    }

    private void alter(String resource, boolean validateOnly, AlterConfigOp... changes) throws Exception {
        try {
            admin.incrementalAlterConfigs(
                            Map.of(new ConfigResource(ConfigResource.Type.BROKER, resource), List.of(changes)),
                            new AlterConfigsOptions().validateOnly(validateOnly))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            throw (Exception) e.getCause();
        }
    }

    private void set(String resource, String name, String value) throws Exception {
        alter(resource, false, new AlterConfigOp(new ConfigEntry(name, value), OpType.SET));
    }

    private void unset(String resource, String name) throws Exception {
        alter(resource, false, new AlterConfigOp(new ConfigEntry(name, null), OpType.DELETE));
    }

    private TestClient connect(String listener) throws IOException {
        var client = new TestClient(broker.port(listener));
        opened.add(client);
        return client;
    }

    @Test
    void limitOfAListenerHoldsAtOnceAndAfterARestart() throws Exception {
        start();
        set(CLUSTER, "listener.name.other.max.connections", "1");
        assertOneConnectionIsTheLimit();
        restart();
        assertOneConnectionIsTheLimit();
        unset(CLUSTER, "listener.name.other.max.connections");
        connect("OTHER").ping();
    }

    private void assertOneConnectionIsTheLimit() throws Exception {
        var first = connect("OTHER");
        first.ping();
        var second = connect("OTHER");
        var request = second.sendMetadata();
        second.socket().setSoTimeout(200);
        assertThrows(java.net.SocketTimeoutException.class, second::readFrame);
        second.socket().setSoTimeout(TestClient.TIMEOUT_MS);
        first.close();
        second.read(request);
    }

    @Test
    void limitOfAnAddressHoldsAtOnceAndAfterARestart() throws Exception {
        start();
        set(CLUSTER, "max.connections.per.ip.overrides", "127.0.0.2:1");
        for (int i = 0; i < 2; i++) {
            var first = new TestClient(socketFrom("127.0.0.2"));
            opened.add(first);
            first.ping();
            try (var second = new TestClient(socketFrom("127.0.0.2"))) {
                assertTrue(second.isClosedByServer());
            }
            restart();
        }
        set(CLUSTER, "max.connections.per.ip.overrides", "127.0.0.2:2");
        for (int i = 0; i < 2; i++) {
            var client = new TestClient(socketFrom("127.0.0.2"));
            opened.add(client);
            client.ping();
        }
    }

    private Socket socketFrom(String address) throws IOException {
        return new Socket("127.0.0.1", broker.port("OTHER"), InetAddress.getByName(address), 0);
    }

    @Test
    void threadsOfCompactionComeAndGo() throws Exception {
        start();
        var before = cleaners();
        set(CLUSTER, "log.cleaner.threads", "2");
        assertEquals(before + 1, cleaners());
        restart();
        assertEquals(before + 1, cleaners());
        unset(CLUSTER, "log.cleaner.threads");
        await().until(() -> cleaners() == before);
    }

    private static long cleaners() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().startsWith("log-cleaner-"))
                .count();
    }

    @Test
    void whatKafkaRefusesIsRefusedAndNotStored() throws Exception {
        start();
        for (var bad : Map.of(
                        "num.io.threads", "100",
                        "num.network.threads", "100",
                        "log.cleaner.threads", "0",
                        "max.connections", "0",
                        "log.cleaner.dedupe.buffer.size", "1000",
                        "max.connections.per.ip.overrides", "no-such-host.invalid:3")
                .entrySet()) {
            assertThrows(InvalidRequestException.class, () -> set(CLUSTER, bad.getKey(), bad.getValue()), bad::getKey);
        }
        var validOnly = new AlterConfigOp(new ConfigEntry("num.io.threads", "100"), OpType.SET);
        assertThrows(InvalidRequestException.class, () -> alter(CLUSTER, true, validOnly));
        set(BROKER, "some.name.that.nobody.knows", "x");
        set(BROKER, "listener.name.other.nobody.knows.it", "x");
        assertEquals(
                Map.of("min.insync.replicas", "1"),
                broker.image().configs(new ConfigResource(ConfigResource.Type.BROKER, CLUSTER)));
        set(CLUSTER, "num.network.threads", "6");
        connect("OTHER").ping();
    }

    @Test
    void aListenerIsAddedAndTakenAway() throws Exception {
        start();
        var more = settings.get("listeners") + ",NEW://127.0.0.1:0";
        set(BROKER, "listeners", more);
        connect("NEW").ping();
        restart();
        connect("NEW").ping();
        var port = broker.port("NEW");
        unset(BROKER, "listeners");
        assertThrows(java.net.ConnectException.class, () -> new TestClient(port));
        assertThrows(InvalidRequestException.class, () -> set(BROKER, "listeners", "PLAINTEXT://127.0.0.1:0"));
    }

    @Test
    void certificatesAreChangedAndABadOneIsRefused() throws Exception {
        var first = Certificates.in(Files.createDirectory(directory.resolve("first")));
        var second = Certificates.in(Files.createDirectory(directory.resolve("second")));
        settings.merge("listeners", ",TLS://127.0.0.1:0", String::concat);
        settings.merge("advertised.listeners", ",TLS://127.0.0.1:0", String::concat);
        first.store("broker", "PKCS12").forEach((name, value) -> settings.put("listener.name.tls." + name, value));
        start();
        assertEquals(TestTls.serial(first, "broker"), TestTls.servedBy(broker.port("TLS")));

        var location = "listener.name.tls.ssl.keystore.location";
        set(BROKER, location, second.keyStore("broker", "PKCS12").toString());
        assertEquals(TestTls.serial(second, "broker"), TestTls.servedBy(broker.port("TLS")));

        for (var bad :
                List.of("/no/such/file", second.keyStore("alice", "PKCS12").toString())) {
            var thrown = assertThrows(InvalidRequestException.class, () -> set(BROKER, location, bad));
            assertTrue(thrown.getMessage().startsWith("listener TLS: TLS cannot be set up: "), thrown::getMessage);
        }
        assertThrows(InvalidRequestException.class, () -> set(BROKER, "listener.name.tls.ssl.client.auth", "required"));
        assertEquals(TestTls.serial(second, "broker"), TestTls.servedBy(broker.port("TLS")));

        // What it was started with is not needed any more, as in Kafka.
        settings.remove(location);
        restart();
        assertEquals(TestTls.serial(second, "broker"), TestTls.servedBy(broker.port("TLS")));
    }

    @Test
    void aNewBrokerWithoutACertificateDoesNotStart() {
        settings.merge("listeners", ",TLS://127.0.0.1:0", String::concat);
        var thrown = assertThrows(BrokerStartException.class, this::start);
        assertTrue(thrown.getMessage().contains("listener TLS: TLS cannot be set up"), thrown::getMessage);
        assertTrue(Files.notExists(directory.resolve("data").resolve("meta.properties")));
        settings.merge("listeners", "PLAINTEXT://127.0.0.1:0", (old, plain) -> plain);
        settings.put("advertised.listeners", "PLAINTEXT://127.0.0.1:0");
        start();
    }

    @Test
    void newPartitionsKeepAwayFromACordonedDirectory() throws Exception {
        var one = directory.resolve("one");
        var two = directory.resolve("two");
        settings.put("log.dirs", one + "," + two);
        start();
        set(BROKER, "cordoned.log.dirs", one.toString());
        admin.createTopics(List.of(new NewTopic("a", 4, (short) 1))).all().get();
        restart();
        admin.createTopics(List.of(new NewTopic("b", 4, (short) 1))).all().get();
        assertEquals(0, partitions(one));
        assertEquals(8, partitions(two));
        assertInstanceOf(
                InvalidRequestException.class,
                assertThrows(Exception.class, () -> set(BROKER, "cordoned.log.dirs", "/elsewhere")));
    }

    private static long partitions(Path logDirectory) throws IOException {
        try (var files = Files.list(logDirectory)) {
            return files.filter(f -> f.getFileName().toString().matches("[ab]-[0-9]"))
                    .count();
        }
    }
}
