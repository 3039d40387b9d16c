package io.odradek.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;
import org.junit.jupiter.api.Test;

class DynamicConfigTest {
    private static final ConfigLayers DEFAULTS = new ConfigLayers(Map.of(), Map.of(), Map.of());

    private static ConfigDescription named(String name, List<ConfigDescription> descriptions) {
        return descriptions.stream()
                .filter(d -> d.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> synonyms(ConfigDescription description) {
        return description.synonyms().stream()
                .map(s -> s.name() + "=" + s.value().orElse("?") + " " + s.source())
                .toList();
    }

    @Test
    void eachLayerHidesThoseBelow() {
        var layers = new ConfigLayers(
                Map.of("message.max.bytes", "2"), Map.of("message.max.bytes", "3"), Map.of("message.max.bytes", "4"));

        var described =
                named("max.message.bytes", DynamicConfig.describeTopic(layers, Map.of("max.message.bytes", "1")));

        assertEquals(Optional.of("1"), described.value());
        assertEquals(ConfigSource.TOPIC_CONFIG, described.source());
        assertEquals(
                List.of(
                        "max.message.bytes=1 TOPIC_CONFIG",
                        "message.max.bytes=2 DYNAMIC_BROKER_CONFIG",
                        "message.max.bytes=3 DYNAMIC_DEFAULT_BROKER_CONFIG",
                        "message.max.bytes=4 STATIC_BROKER_CONFIG",
                        "message.max.bytes=1048588 DEFAULT_CONFIG"),
                synonyms(described));
        assertEquals(
                1,
                DynamicConfig.logConfig(layers, Map.of("max.message.bytes", "1"))
                        .maxMessageBytes());
        assertEquals(2, DynamicConfig.logConfig(layers, Map.of()).maxMessageBytes());
    }

    @Test
    void anUpperLayerHidesAlsoWhatMeansTheSameByAnotherName() {
        var layers = new ConfigLayers(Map.of(), Map.of("log.retention.ms", "-1"), Map.of("log.retention.hours", "1"));

        assertEquals(-1, DynamicConfig.logConfig(layers, Map.of()).retentionMs());
        assertEquals(
                3_600_000,
                DynamicConfig.logConfig(new ConfigLayers(Map.of(), Map.of(), layers.startedWith()), Map.of())
                        .retentionMs());
    }

    @Test
    void aTopicThatSetsNothingShowsDefaults() {
        var described = DynamicConfig.describeTopic(DEFAULTS, Map.of());

        assertEquals(TopicSettings.names().size(), described.size());
        assertTrue(described.stream().allMatch(d -> d.source() == ConfigSource.DEFAULT_CONFIG && !d.readOnly()));
        assertFalse(described.stream().anyMatch(d -> d.name().startsWith("internal.")));
        assertEquals(Optional.of("604800000"), named("retention.ms", described).value());
    }

    @Test
    void theBrokerShowsAllSettingsAndWhichMayChange() {
        var layers = new ConfigLayers(
                Map.of("log.retention.ms", "5"),
                Map.of(),
                Map.of("listener.name.a.ssl.keystore.password", "hidden", "num.partitions", "3"));

        var described = DynamicConfig.describeBroker(layers);

        assertEquals(
                ConfigSource.STATIC_BROKER_CONFIG,
                named("num.partitions", described).source());
        assertTrue(named("num.partitions", described).readOnly());
        assertFalse(named("log.retention.ms", described).readOnly());
        var secret = named("listener.name.a.ssl.keystore.password", described);
        assertTrue(secret.sensitive());
        assertEquals(Optional.empty(), secret.value());
        assertEquals(
                List.of("log.retention.ms=5 DYNAMIC_BROKER_CONFIG", "log.retention.hours=168 DEFAULT_CONFIG"),
                synonyms(named("log.retention.ms", described)));
        assertFalse(described.toString().contains("hidden"));
        assertFalse(described.stream().anyMatch(d -> d.name().equals("log.initial.task.delay.ms")));
    }

    @Test
    void theDefaultOfAllBrokersShowsOnlyWhatIsSetThere() {
        var layers = new ConfigLayers(
                Map.of("log.retention.ms", "5"), Map.of("log.retention.ms", "6"), Map.of("num.partitions", "3"));

        var described = DynamicConfig.describeClusterDefault(layers);

        assertEquals(1, described.size());
        assertEquals(Optional.of("6"), described.get(0).value());
        assertEquals(List.of("log.retention.ms=6 DYNAMIC_DEFAULT_BROKER_CONFIG"), synonyms(described.get(0)));
    }

    @Test
    void whatNobodyKnowsMayBeASecret() {
        var described = DynamicConfig.describeBroker(
                new ConfigLayers(Map.of("secret.of.a.plugin", "hidden"), Map.of(), Map.of()));

        assertTrue(named("secret.of.a.plugin", described).sensitive());
        assertFalse(described.toString().contains("hidden"));
    }

    @Test
    void groupsFallBackToTheBroker() {
        var layers = new ConfigLayers(Map.of(), Map.of(), Map.of("group.consumer.session.timeout.ms", "50000"));

        var described = DynamicConfig.describeGroup(layers, Map.of("consumer.heartbeat.interval.ms", "6000"));

        assertEquals(
                Optional.of("50000"),
                named("consumer.session.timeout.ms", described).value());
        assertEquals(
                ConfigSource.STATIC_BROKER_CONFIG,
                named("consumer.session.timeout.ms", described).source());
        assertEquals(
                ConfigSource.GROUP_CONFIG,
                named("consumer.heartbeat.interval.ms", described).source());
        assertEquals(
                Optional.of("latest"),
                named("share.auto.offset.reset", described).value());
    }

    @Test
    void subscriptionsToMetricsShowDefaults() {
        var described = DynamicConfig.describeClientMetrics(Map.of("interval.ms", "1000"));

        assertEquals(Optional.of("1000"), named("interval.ms", described).value());
        assertEquals(
                ConfigSource.CLIENT_METRICS_CONFIG,
                named("interval.ms", described).source());
        assertEquals(Optional.of(""), named("match", described).value());
    }
}
