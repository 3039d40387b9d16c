package io.odradek.config;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configs of groups and of subscriptions to metrics, against the definitions of Apache Kafka itself. */
class ResourceSettingsTest {
    @Test
    void groupConfigsAreKafkas() {
        var kafka = GroupConfig.CONFIG_DEF.configKeys();
        assertEquals(
                new TreeSet<>(kafka.keySet()),
                new TreeSet<>(GroupConfigSettings.definitions().keySet()));
        assertAll(kafka.values().stream().map(key -> () -> {
            var ours = GroupConfigSettings.definitions().get(key.name);
            assertEquals(key.type, ours.type, key.name);
            assertEquals(
                    ConfigDef.convertToString(key.defaultValue, key.type),
                    ConfigDef.convertToString(ours.defaultValue, ours.type),
                    key.name);
            assertEquals(GroupConfig.brokerSynonym(key.name), GroupConfigSettings.synonym(key.name), key.name);
        }));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            consumer.session.timeout.ms | 50000 |
            consumer.session.timeout.ms | 5000  |
            consumer.session.timeout    | 1     | Unknown group config name: consumer.session.timeout
            consumer.session.timeout.ms | 0     | Invalid value 0 for configuration consumer.session.timeout.ms: Value must be at least 1
            share.auto.offset.reset     | earliest |
            share.auto.offset.reset     | by_duration:PT1H |
            share.auto.offset.reset     | by_duration:-PT1H | Invalid value `by_duration:-PT1H` for configuration share.auto.offset.reset. The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.
            share.auto.offset.reset     | by_duration:x | Invalid value `by_duration:x` for configuration share.auto.offset.reset. The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.
            share.isolation.level       | read_all | Invalid value read_all for configuration share.isolation.level: String must be one of: read_committed, read_uncommitted
            """)
    void groupConfigsAreChecked(String name, String value, String refusal) {
        assertEquals(refusal, refusal(() -> GroupConfigSettings.validate(Map.of(name, value))));
    }

    @Test
    void aSessionIsLongerThanTheIntervalOfItsHeartbeats() {
        var configs = Map.of("consumer.session.timeout.ms", "50000", "consumer.heartbeat.interval.ms", "50000");
        assertEquals(
                "consumer.session.timeout.ms must be greater than consumer.heartbeat.interval.ms",
                refusal(() -> GroupConfigSettings.validate(configs)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            consumer.session.timeout.ms    | 60000 |
            consumer.session.timeout.ms    | 60001 | consumer.session.timeout.ms must be less than or equal to group.consumer.max.session.timeout.ms
            consumer.session.timeout.ms    | 44999 | consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms
            consumer.heartbeat.interval.ms | 100   |
            consumer.heartbeat.interval.ms | 99    | consumer.heartbeat.interval.ms must be greater than or equal to group.consumer.min.heartbeat.interval.ms
            consumer.heartbeat.interval.ms | 45000 | consumer.session.timeout.ms must be greater than consumer.heartbeat.interval.ms
            consumer.assignment.interval.ms | 15001 | consumer.assignment.interval.ms must be less than or equal to group.consumer.max.assignment.interval.ms
            share.delivery.count.limit     | 11    | share.delivery.count.limit must be less than or equal to group.share.max.delivery.count.limit
            streams.num.standby.replicas   | 3     | streams.num.standby.replicas must be less than or equal to group.streams.max.standby.replicas
            """)
    void groupConfigsStayWithinWhatTheBrokerAllows(String name, String value, String refusal) {
        var broker = BrokerConfig.of(Map.of(
                "group.consumer.min.heartbeat.interval.ms", "100",
                "group.consumer.max.heartbeat.interval.ms", "50000"));
        assertEquals(refusal, refusal(() -> GroupConfigSettings.validateBounds(Map.of(name, value), broker)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            metrics     | *
            metrics     | org.apache.kafka.producer.,org.apache.kafka.consumer.
            metrics     | a,a
            interval.ms | 100
            interval.ms | 99
            interval.ms | 3600001
            interval.ms | x
            match       | client_id=a.*,client_software_name=java
            match       | client_id
            match       | client_shoe_size=43
            match       | client_id=[
            interval    | 5
            """)
    void subscriptionsToMetricsAreCheckedAsInKafka(String name, String value) {
        var configs = Map.of(name, value);

        assertEquals(
                refusal(() -> ClientMetricsConfigs.validate("s", configs)),
                refusal(() -> ClientMetricsSettings.validate(configs)));
    }

    /** Null if there is none. */
    private static String refusal(Runnable check) {
        try {
            check.run();
            return null;
        } catch (ApiException | ConfigException e) {
            return e.getMessage();
        }
    }
}
