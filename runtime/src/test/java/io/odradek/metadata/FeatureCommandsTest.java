package io.odradek.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.server.common.MetadataVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeatureCommandsTest {
    private static Command.UpdateFeatures update(String name, int level, UpgradeType type) {
        return new Command.UpdateFeatures(Map.of(name, new Command.FeatureUpdate((short) level, type)));
    }

    @Test
    void aClusterIsInitializedOnce() {
        var cluster = ImageUnderTest.withBrokers(0);

        assertEquals(Optional.of("cluster"), cluster.image().clusterId());
        assertEquals(Features.latest(), cluster.image().features());
        assertEquals((short) 30, cluster.image().features().get("metadata.version"));
        cluster.refused(
                new Command.InitializeCluster("other", Map.of()),
                Errors.INVALID_REQUEST,
                "The cluster is initialized already, with id cluster.");
        new ImageUnderTest()
                .refused(
                        new Command.InitializeCluster(" ", Map.of()), Errors.INVALID_REQUEST, "A cluster needs an id.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            metadata.version | 29 | UPGRADE          | Invalid update version 29 for feature metadata.version. Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.
            metadata.version | 29 | SAFE_DOWNGRADE   | Unsupported metadata.version downgrade from 30 to 29. Refusing to perform the requested downgrade because it might delete metadata information.
            metadata.version | 29 | UNSAFE_DOWNGRADE | Unsupported metadata.version downgrade from 30 to 29. Unsafe metadata downgrade is not supported in this version.
            metadata.version | 31 | UPGRADE          | Invalid update version 31 for feature metadata.version. Broker 1 only supports versions 7-30
            metadata.version | -1 | UPGRADE          | Invalid update version -1 for feature metadata.version. A feature version cannot be less than 0.
            metadata.version | 30 | UNKNOWN          | Invalid update version 30 for feature metadata.version. The controller does not support the given upgrade type.
            share.version    | 1  | UPGRADE          | Invalid update version 1 for feature share.version. Broker 1 does not support this feature.
            no.such.version  | 1  | UPGRADE          | Invalid update version 1 for feature no.such.version. Broker 1 does not support this feature.
            """)
    void anUpdateThatCannotBeIsRefused(String name, int level, UpgradeType type, String message) {
        ImageUnderTest.withBrokers(1).refused(update(name, level, type), Errors.INVALID_UPDATE_VERSION, message);
    }

    @Test
    void levelsGoUpAndWhereNothingIsLostDown() {
        var cluster = new ImageUnderTest();
        cluster.ok(new Command.InitializeCluster("c", Map.of("metadata.version", (short) 24)));

        cluster.refused(
                update("metadata.version", 25, UpgradeType.SAFE_DOWNGRADE),
                Errors.INVALID_UPDATE_VERSION,
                "Invalid update version 25 for feature metadata.version. Can't downgrade to a newer version.");
        cluster.ok(update("metadata.version", 25, UpgradeType.UPGRADE));
        assertTrue(cluster.lastChange().featuresChanged());
        cluster.ok(update("metadata.version", 25, UpgradeType.UPGRADE));
        assertFalse(cluster.lastChange().featuresChanged());
        cluster.ok(update("metadata.version", 23, UpgradeType.SAFE_DOWNGRADE));
        assertEquals(Map.of("metadata.version", (short) 23), cluster.image().features());
    }

    @Test
    void everyBrokerMustServeANewLevel() {
        var cluster = new ImageUnderTest();
        cluster.ok(new Command.InitializeCluster("c", Map.of("metadata.version", (short) 24)));
        cluster.ok(new Command.RegisterBroker(
                5,
                ImageUnderTest.id("x"),
                List.of(),
                Optional.empty(),
                Map.of("metadata.version", new VersionRange((short) 20, (short) 25))));

        cluster.refused(
                update("metadata.version", 26, UpgradeType.UPGRADE),
                Errors.INVALID_UPDATE_VERSION,
                "Invalid update version 26 for feature metadata.version. Broker 5 only supports versions 20-25");
    }

    /** Else nodes of several versions would come to several conclusions. */
    @Test
    void whatTheVersionThatDecidesServesDoesNotMatter() {
        var cluster = new ImageUnderTest();
        cluster.ok(new Command.InitializeCluster("c", Map.of("metadata.version", (short) 31)));
        cluster.ok(new Command.RegisterBroker(
                5,
                ImageUnderTest.id("x"),
                List.of(),
                Optional.empty(),
                Map.of("metadata.version", new VersionRange((short) 20, (short) 40))));
        cluster.ok(update("metadata.version", 40, UpgradeType.UPGRADE));

        var unknown = assertThrows(
                UnknownFormatException.class,
                () -> Features.requireKnown(cluster.image().features(), Features.supported()));
        assertEquals(
                "the cluster is at level 40 of metadata.version, this version knows 7-30: start a newer version of"
                        + " this node",
                unknown.getMessage());
        Features.requireKnown(Features.latest(), Features.supported());
    }

    @Test
    void metadataVersionsChangeTheMetadataWhereKafkasDo() {
        for (var from : MetadataVersion.values()) {
            for (var to : MetadataVersion.values()) {
                if (to.isLessThan(from) && from.featureLevel() <= Features.LATEST_METADATA_VERSION) {
                    assertEquals(
                            MetadataVersion.checkIfMetadataChanged(from, to),
                            Features.metadataChanged(from.featureLevel(), to.featureLevel()),
                            from + " to " + to);
                }
            }
        }
        assertEquals(MetadataVersion.latestProduction().featureLevel(), Features.LATEST_METADATA_VERSION);
        assertEquals(
                new VersionRange((short) 7, (short) 30), Features.supported().get("metadata.version"));
    }
}
