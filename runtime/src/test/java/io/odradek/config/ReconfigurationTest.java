package io.odradek.config;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReconfigurationTest {
    private static final Map<String, String> BEFORE = Map.of(
            "listeners",
            "PLAINTEXT://:9092,INSIDE://:9093",
            "advertised.listeners",
            "PLAINTEXT://here:9092",
            "listener.security.protocol.map",
            "PLAINTEXT:PLAINTEXT,INSIDE:SSL,OTHER:PLAINTEXT",
            "listener.name.inside.ssl.keystore.location",
            "/a",
            "num.io.threads",
            "8",
            "num.network.threads",
            "4",
            "log.cleaner.threads",
            "2");

    private static void check(String name, String value) {
        var after = new HashMap<>(BEFORE);
        after.put(name, value);
        Reconfiguration.check(BrokerConfig.of(BEFORE), BrokerConfig.of(after));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "num.io.threads | 4",
                "num.io.threads | 16",
                "num.network.threads | 8",
                "listener.name.inside.num.network.threads | 2",
                "log.cleaner.threads | 4",
                "log.cleaner.threads | 1",
                "max.connections | 1",
                "listener.name.plaintext.max.connection.creation.rate | 1",
                "listener.name.inside.ssl.keystore.location | /b",
                "listener.name.inside.ssl.truststore.location | /b",
                "listener.name.other.ssl.client.auth | required",
                "listeners | PLAINTEXT://:9092,INSIDE://:9093,OTHER://:9094",
                "listeners | PLAINTEXT://:9092",
                "log.cleaner.backoff.ms | 1",
            })
    void isPossible(String name, String value) {
        assertDoesNotThrow(() -> check(name, value));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "num.io.threads | 3 | at least half",
                "num.io.threads | 17 | double",
                "background.threads | 100 | double",
                "num.replica.fetchers | 3 | double",
                "num.recovery.threads.per.data.dir | 5 | double",
                "num.network.threads | 9 | double",
                "listener.name.inside.num.network.threads | 1 | listener.name.inside.num.network.threads",
                "log.cleaner.threads | 0 | at least 1",
                "log.cleaner.threads | 5 | double",
                "max.connections | 0 | Invalid max.connections",
                "listener.name.inside.max.connections | 0 | Invalid listener.name.inside.max.connections",
                "listener.name.inside.ssl.client.auth | required | existing listener INSIDE",
                "listeners | INSIDE://:9093 | ",
                "listener.security.protocol.map | PLAINTEXT:PLAINTEXT,INSIDE:PLAINTEXT | Security protocol",
            })
    void isNot(String name, String value, String why) {
        var thrown = assertThrows(ConfigException.class, () -> check(name, value));
        assertTrue(why == null || thrown.getMessage().contains(why), thrown::getMessage);
    }

    @Test
    void whatIsZeroFromTheStartMayStaySo() {
        var zero = new HashMap<>(BEFORE);
        zero.put("max.connections", "0");
        zero.put("log.cleaner.threads", "0");
        var other = new HashMap<>(zero);
        other.put("log.cleaner.backoff.ms", "7");
        assertDoesNotThrow(() -> Reconfiguration.check(BrokerConfig.of(zero), BrokerConfig.of(other)));
        other.put("log.cleaner.threads", "2");
        assertDoesNotThrow(() -> Reconfiguration.check(BrokerConfig.of(zero), BrokerConfig.of(other)));
    }
}
