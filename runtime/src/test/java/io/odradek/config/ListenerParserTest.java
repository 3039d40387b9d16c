package io.odradek.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenerParserTest {
    private static ListenerSettings listeners(Map<String, String> settings) {
        return BrokerConfig.of(settings).listeners();
    }

    @Test
    void addressesMayBeNamesIpv4OrIpv6() {
        var listeners = listeners(Map.of(
                "listeners", "PLAINTEXT://127.0.0.1:1,A://[::1]:1,b://host-1.example:0",
                "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,A:PLAINTEXT,B:PLAINTEXT"));

        assertEquals(
                List.of("127.0.0.1", "::1", "host-1.example"),
                listeners.listeners().stream().map(Listener::host).toList());
        assertEquals("B", listeners.listeners().get(2).name());
        assertEquals("[::1]:1", new Listener.HostPort("::1", 1).toString());
    }

    @Test
    void aListenerThatIsNotAdvertisedIsOnlyBound() {
        var listeners = listeners(Map.of(
                "listeners", "PLAINTEXT://:1,INTERNAL://:2",
                "advertised.listeners", "PLAINTEXT://public:3",
                "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT"));

        assertEquals(
                Optional.of(new Listener.HostPort("public", 3)),
                listeners.listener("PLAINTEXT").orElseThrow().advertised());
        assertEquals(
                Optional.empty(), listeners.listener("INTERNAL").orElseThrow().advertised());
    }

    /** As the scripts of Kafka's image do it. */
    @Test
    void whatIsAdvertisedIsListenedAtWhereNothingElseIsSaid() {
        var listeners = listeners(Map.of(
                "advertised.listeners", "PLAINTEXT_HOST://localhost:9092,PLAINTEXT://broker:19092",
                "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT"));

        assertEquals(
                List.of(":9092", ":19092"),
                listeners.listeners().stream()
                        .map(l -> l.host() + ":" + l.port())
                        .toList());
        assertEquals(
                Optional.of(new Listener.HostPort("broker", 19092)),
                listeners.listener("PLAINTEXT").orElseThrow().advertised());

        var mapped = listeners(Map.of("advertised.listeners", "PLAINTEXT://public:3"));
        assertEquals(9092, mapped.listeners().get(0).port(), "the default has it");
    }

    @Test
    void everyAddressIsAdvertisedAsThisMachinesName() {
        var listeners = listeners(Map.of("listeners", "PLAINTEXT://0.0.0.0:9092"));

        assertEquals(
                Optional.of(new Listener.HostPort("", 9092)),
                listeners.listeners().get(0).advertised());
    }

    @Test
    void aListenersOwnTlsSettingsWin() {
        var settings = new HashMap<>(Map.of(
                "listeners", "SSL://:1,OTHER://:2",
                "listener.security.protocol.map", "SSL:SSL,OTHER:SSL",
                "security.inter.broker.protocol", "SSL",
                "ssl.keystore.location", "/common",
                "ssl.keystore.password", "p1",
                "ssl.keystore.type", "PKCS12",
                "ssl.client.auth", "required"));
        settings.put("listener.name.other.ssl.keystore.location", "/other");
        settings.put("listener.name.other.ssl.client.auth", "none");
        settings.put("listener.name.other.max.connections", "5");

        var listeners = listeners(settings);

        var common = listeners.listener("SSL").orElseThrow().ssl().orElseThrow();
        var other = listeners.listener("OTHER").orElseThrow();
        assertEquals(
                Optional.of(new SslSettings.FileStore(
                        "PKCS12", "/common", Optional.of(new Password("p1")), Optional.empty())),
                common.keystore());
        assertEquals(SslSettings.ClientAuth.REQUIRED, common.clientAuth());
        assertEquals(
                Optional.of(new SslSettings.FileStore(
                        "PKCS12", "/other", Optional.of(new Password("p1")), Optional.empty())),
                other.ssl().orElseThrow().keystore());
        assertEquals(SslSettings.ClientAuth.NONE, other.ssl().orElseThrow().clientAuth());
        assertEquals(5, other.maxConnections());
        assertEquals(Integer.MAX_VALUE, listeners.listener("SSL").orElseThrow().maxConnections());
    }

    @Test
    void certificatesMayBeGivenAsValues() {
        var ssl = listeners(Map.of(
                        "listeners", "SSL://:1",
                        "security.inter.broker.protocol", "SSL",
                        "ssl.keystore.type", "PEM",
                        "ssl.keystore.key", "key",
                        "ssl.keystore.certificate.chain", "chain",
                        "ssl.truststore.type", "PEM",
                        "ssl.truststore.certificates", "trusted"))
                .listeners()
                .get(0)
                .ssl()
                .orElseThrow();

        assertEquals(
                Optional.of(new SslSettings.PemStore(Optional.of(new Password("key")), "chain", Optional.empty())),
                ssl.keystore());
        assertEquals(
                Optional.of(new SslSettings.PemStore(Optional.empty(), "trusted", Optional.empty())), ssl.truststore());
    }

    @Test
    void aControllersListenerNeedsNoProtocolWhereNothingIsSecured() {
        var listeners = listeners(Map.of(
                "listeners", "PLAINTEXT://:1,CTRL://:2",
                "controller.listener.names", "CTRL"));

        assertEquals(
                SecurityProtocol.PLAINTEXT,
                listeners.controllerListeners().get(0).securityProtocol());
        assertTrue(listeners.listener("CTRL").isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            listeners=PLAINTEXT:9092                        | Invalid value PLAINTEXT:9092 for configuration listeners: must be name://host:port, separated by commas
            listeners=PLAINTEXT://a:70000                   | Invalid value PLAINTEXT://a:70000 for configuration listeners: has no such port
            listeners=PLAINTEXT://a:-1                      | Invalid value PLAINTEXT://a:-1 for configuration listeners: has no such port
            listeners=PLAINTEXT://a:1,plaintext://a:2       | Invalid value plaintext://a:2 for configuration listeners: each listener must have a different name
            listeners=PLAINTEXT://a:1,SSL://b:1             | listeners has port 1 more than once: each listener must have a different port, unless one has an IPv4 address and the other an IPv6 address
            listeners=FOO://:1                              | No security protocol is defined for listener FOO: see listener.security.protocol.map
            listeners=SASL_PLAINTEXT://:1                   | listeners has SASL_PLAINTEXT with SASL_PLAINTEXT, and SASL is not offered
            listener.security.protocol.map=A                | Invalid value A for configuration listener.security.protocol.map: must be name:protocol, separated by commas
            listener.security.protocol.map=A:B              | Invalid value B for configuration listener.security.protocol.map: must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL
            advertised.listeners=SSL://a:1                  | advertised.listeners has SSL, which is not among listeners
            advertised.listeners=PLAINTEXT://0.0.0.0:1      | advertised.listeners cannot use the nonroutable address 0.0.0.0. Use a routable IP address.
            inter.broker.listener.name=OTHER                | The listener between brokers, OTHER, must be among listeners and advertised.listeners; see inter.broker.listener.name
            inter.broker.listener.name=PLAINTEXT;security.inter.broker.protocol=SSL | Only one of inter.broker.listener.name and security.inter.broker.protocol should be set
            controller.listener.names=PLAINTEXT             | listeners must contain one that is not in controller.listener.names
            """)
    void whatIsWrongIsNamed(String settings, String message) {
        var map = new HashMap<String, String>();
        for (var setting : settings.split(";")) {
            map.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
        }
        // So that the case of one line is not hidden by another.
        map.putIfAbsent("listeners", "PLAINTEXT://localhost:9092");

        assertEquals(
                message,
                assertThrows(ConfigException.class, () -> listeners(map)).getMessage());
    }
}
