package io.odradek.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerConfigTest {
    /** Settings as pairs of name and value. */
    private static BrokerConfig config(String... settings) {
        var map = new HashMap<String, String>();
        for (int i = 0; i < settings.length; i += 2) {
            map.put(settings[i], settings[i + 1]);
        }
        return BrokerConfig.of(map);
    }

    @Test
    void withoutSettingsItIsOneNodeOnKafkasPort() {
        var config = config();

        assertEquals(1, config.nodeId());
        assertEquals(List.of(Path.of("./data")), config.log().logDirs());
        assertEquals(LogConfig.defaults(), config.topicDefaults());
        assertEquals("PLAINTEXT", config.listeners().interBrokerListenerName());
        var listener = config.listeners().listeners().get(0);
        assertEquals(9092, listener.port());
        assertEquals(Optional.of(new Listener.HostPort("", 9092)), listener.advertised());
    }

    @Test
    void theComposeFileOfKafkasImageWorks() {
        var config = config(
                "node.id", "1",
                "process.roles", "broker,controller",
                "listeners", "PLAINTEXT://:19092,PLAINTEXT_HOST://:9092,CONTROLLER://:9093",
                "advertised.listeners", "PLAINTEXT://broker:19092,PLAINTEXT_HOST://localhost:9092",
                "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "inter.broker.listener.name", "PLAINTEXT",
                "controller.listener.names", "CONTROLLER",
                "controller.quorum.voters", "1@broker:9093",
                "offsets.topic.replication.factor", "1",
                "transaction.state.log.replication.factor", "1",
                "transaction.state.log.min.isr", "1",
                "group.initial.rebalance.delay.ms", "0",
                "share.coordinator.state.topic.replication.factor", "1",
                "share.coordinator.state.topic.min.isr", "1",
                "log.dirs", "/tmp/kraft-combined-logs");

        assertEquals(
                List.of("PLAINTEXT", "PLAINTEXT_HOST"),
                config.listeners().listeners().stream().map(Listener::name).toList());
        assertEquals(
                List.of("CONTROLLER"),
                config.listeners().controllerListeners().stream()
                        .map(Listener::name)
                        .toList());
        assertEquals(
                List.of(new MetadataSettings.Voter(1, new Listener.HostPort("broker", 9093))),
                config.metadata().quorumVoters());
        assertFalse(config.isAlone(), "others may join it");
        assertTrue(config().isAlone());
        assertTrue(config("controller.quorum.voters", "1@broker:9093").isAlone(), "it listens for nobody");
    }

    /** Kafka takes it for PLAINTEXT where there is no map at all. */
    @Test
    void aSingleNodeNeedNotSayHowItsControllerIsProtected() {
        var settings = List.of(
                "process.roles", "broker,controller",
                "listeners", "PLAINTEXT://:9092,CONTROLLER://:9093",
                "controller.listener.names", "CONTROLLER",
                "controller.quorum.voters", "1@broker:9093");
        assertTrue(config(settings.toArray(String[]::new)).isAlone());

        var withMap = new ArrayList<>(settings);
        withMap.addAll(List.of("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT"));
        assertTrue(config(withMap.toArray(String[]::new)).isAlone());

        var withSecret = new ArrayList<>(settings);
        withSecret.addAll(List.of("odradek.cluster.secret", "a secret of nodes"));
        assertFalse(config(withSecret.toArray(String[]::new)).isAlone());
    }

    @Test
    void severalNodesHaveToSayHowTheyAreProtected() {
        var config = config(
                "listeners", "PLAINTEXT://:9092,CONTROLLER://:9093",
                "controller.listener.names", "CONTROLLER",
                "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT",
                "controller.quorum.voters", "1@kafka-1:9093,2@kafka-2:9093");

        assertFalse(config.isAlone());
        assertEquals(new ClusterSettings.Protection.Unsaid(), config.cluster().protection());
    }

    /** As in the compose file of Kafka's image for three nodes that are both broker and controller. */
    @Test
    void theComposeFileOfAClusterWorks() {
        var config = cluster("node.id", "2", "process.roles", "broker,controller");

        assertTrue(config.metadata().isVoter(2));
        assertFalse(config.isAlone());
        assertEquals(
                Optional.of(new Listener.HostPort("kafka-2", 9093)),
                config.metadata().voter(2).map(MetadataSettings.Voter::address));
    }

    @Test
    void aNodeThatIsNotAmongTheVotersFollows() {
        for (var config : List.of(cluster("node.id", "4"), cluster("node.id", "4", "process.roles", "broker"))) {
            assertFalse(config.metadata().isVoter(4));
            assertFalse(config.isAlone());
        }
    }

    /** As the controllers of a compose file of Kafka's image that has them apart from brokers. */
    @Test
    void aNodeMayBeAControllerAlone() {
        var config = config(
                "node.id", "1",
                "process.roles", "controller",
                "listeners", "CONTROLLER://:9093",
                "inter.broker.listener.name", "PLAINTEXT",
                "controller.listener.names", "CONTROLLER",
                "controller.quorum.voters", "1@controller-1:9093");

        assertFalse(config.metadata().isBroker());
        assertFalse(config.isAlone(), "brokers are to find it");
        assertEquals(List.of(), config.listeners().listeners());
    }

    @Test
    void rolesAndVotersMustAgree() {
        assertEquals(
                "If process.roles contains the 'controller' role, the node id 4 must be included in the set of voters"
                        + " controller.quorum.voters=[1, 2, 3]",
                assertThrows(ConfigException.class, () -> cluster("node.id", "4", "process.roles", "broker,controller"))
                        .getMessage());
        assertEquals(
                "If process.roles contains just the 'broker' role, the node id 1 must not be included in the set of"
                        + " voters controller.quorum.voters=[1, 2, 3]",
                assertThrows(ConfigException.class, () -> cluster("node.id", "1", "process.roles", "broker"))
                        .getMessage());
    }

    private static BrokerConfig cluster(String... settings) {
        var all = new ArrayList<>(List.of(
                "listeners", "PLAINTEXT://:19092,CONTROLLER://:9093",
                "controller.listener.names", "CONTROLLER",
                "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "controller.quorum.voters", "1@kafka-1:9093,2@kafka-2:9093,3@kafka-3:9093"));
        all.addAll(List.of(settings));
        return config(all.toArray(String[]::new));
    }

    @Test
    void oldNamesOfNodeIdAndLogDirsCount() {
        assertEquals(7, config("broker.id", "7").nodeId());
        assertEquals(List.of(Path.of("/a")), config("log.dir", "/a").log().logDirs());
        assertEquals(
                List.of(Path.of("/b"), Path.of("/c")),
                config("log.dir", "/a", "log.dirs", "/b,/c").log().logDirs());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1 | 2 | 3 | 1
              | 2 | 3 | 120000
              |   | 3 | 10800000
              |   |   | 604800000
              |   | -1 | -1
            -5 | 2 | 3 | -1
            """)
    void retentionIsTakenFromTheFinestUnitThatIsSet(String ms, String minutes, String hours, long expected) {
        var settings = new HashMap<String, String>();
        settings.put("log.retention.ms", ms);
        settings.put("log.retention.minutes", minutes);
        settings.put("log.retention.hours", hours);
        settings.values().removeIf(v -> v == null);

        assertEquals(expected, BrokerConfig.of(settings).topicDefaults().retentionMs());
    }

    @Test
    void topicDefaultsComeFromTheBrokersSettings() {
        var defaults = config(
                        "log.roll.hours", "2",
                        "log.flush.scheduler.interval.ms", "50",
                        "log.cleaner.min.cleanable.ratio", "0.25",
                        "message.max.bytes", "77",
                        "odradek.durability", "fsync")
                .topicDefaults();

        assertEquals(7_200_000, defaults.segmentMs());
        assertEquals(50, defaults.flushMs());
        assertEquals(0.25, defaults.minCleanableDirtyRatio());
        assertEquals(77, defaults.maxMessageBytes());
        assertEquals(Durability.FSYNC, defaults.durability());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            num.partitons                | 1         | Unknown setting num.partitons: did you mean num.partitions?
            odradek.durabilty            | fsync     | Unknown setting odradek.durabilty: did you mean odradek.durability?
            listener.name.a.ssl.keystore.lokation | /a | Unknown setting listener.name.a.ssl.keystore.lokation: did you mean listener.name.a.ssl.keystore.location?
            zookeeper.connect            | localhost | Unknown setting zookeeper.connect
            num.partitions               | many      | Invalid value many for configuration num.partitions: Not a number of type INT
            num.partitions               | 0         | Invalid value 0 for configuration num.partitions: Value must be at least 1
            odradek.durability           | maybe     | Invalid value maybe for configuration odradek.durability: String must be one of: page-cache, fsync
            authorizer.class.name        | a.B       | Invalid value a.B for configuration authorizer.class.name: this is not offered; leave the setting out
            remote.log.storage.system.enable | true  | Invalid value true for configuration remote.log.storage.system.enable: this is not offered; leave the setting out
            process.roles                | controller | The listeners config must only contain KRaft controller listeners from controller.listener.names when process.roles=controller
            process.roles                | broker    | If process.roles contains just one role, controller.quorum.voters must name the nodes that vote
            controller.quorum.voters     | 1@a:1,1@b:1 | controller.quorum.voters names a node more than once: [1, 1]
            controller.quorum.voters     | 1@a:1,2@b:1 | controller.listener.names must contain at least one value appearing in the 'listeners' configuration when controller.quorum.voters names this node and others
            controller.quorum.bootstrap.servers | a:1,b:1 | controller.quorum.bootstrap.servers may name only this node: name those that vote with controller.quorum.voters
            controller.quorum.voters     | a:1       | Invalid value a:1 for configuration controller.quorum.voters: must be id@host:port, separated by commas
            controller.quorum.voters     | 1@a       | Invalid value a for configuration controller.quorum.voters: must be host:port
            log.retention.ms             | 0.5       | Invalid value 0.5 for configuration log.retention.ms: Not a number of type LONG
            queued.max.request.bytes     | 1000      | queued.max.request.bytes must be larger or equal to socket.request.max.bytes
            max.connections.per.ip       | 0         | max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides is set
            max.connections.per.ip.overrides | host  | Invalid value host for configuration max.connections.per.ip.overrides: must be host:count, separated by commas
            log.cleaner.dedupe.buffer.size | 1000    | log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread
            cordoned.log.dirs            | /b        | cordoned.log.dirs has /b, which is not among log.dirs or log.dir
            default.replication.factor   | 0         | Invalid value 0 for configuration default.replication.factor: must be from 1 to 32767
            replica.fetch.wait.max.ms    | 31000     | replica.socket.timeout.ms must be at least replica.fetch.wait.max.ms, or fetches would time out for nothing
            log.cleaner.min.compaction.lag.ms | 9223372036854775807 |
            """)
    void aBadSettingIsNamedInOneLine(String name, String value, String message) {
        if (message == null) {
            config(name, value);
            return;
        }
        var refused = assertThrows(ConfigException.class, () -> config(name, value));

        assertEquals(message, refused.getMessage());
        assertFalse(refused.getMessage().contains("\n"));
    }

    @Test
    void idsThatDifferAreRefused() {
        assertEquals(
                "You must set `node.id` to the same value as `broker.id`.",
                assertThrows(ConfigException.class, () -> config("node.id", "1", "broker.id", "2"))
                        .getMessage());
    }

    @Test
    void limitsPerAddressMayNameIpv6Addresses() {
        assertEquals(
                Map.of("10.0.0.1", 5, "::1", 7, "host", 9),
                config("max.connections.per.ip.overrides", "10.0.0.1:5,::1:7, host : 9")
                        .sockets()
                        .maxConnectionsPerIpOverrides());
    }

    @Test
    void secretsAreNotPrinted() {
        var config = config(
                "listeners", "SSL://:9093",
                "security.inter.broker.protocol", "SSL",
                "ssl.keystore.type", "PEM",
                "ssl.keystore.key", "S3cret",
                "ssl.keystore.certificate.chain", "chain",
                "listener.name.ssl.ssl.key.password", "S3cret");

        assertFalse(config.toString().contains("S3cret"), config.toString());
        assertFalse(config.listeners().listeners().get(0).ssl().toString().contains("S3cret"));
    }
}
