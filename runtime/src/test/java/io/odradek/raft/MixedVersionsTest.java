package io.odradek.raft;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.metadata.Command;
import io.odradek.metadata.CommandCodec;
import io.odradek.metadata.Features;
import io.odradek.metadata.VersionRange;
import io.odradek.metadata.proto.MetadataProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.common.errors.InvalidUpdateVersionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes of two versions, the older of which does not know the latest level of {@code metadata.version}. */
class MixedVersionsTest {
    private static final short LATEST = Features.latest().get(Features.METADATA_VERSION);
    private static final Map<String, VersionRange> OLDER = older();

    @TempDir
    Path directory;

    private LoopbackCluster cluster;

    private static Map<String, VersionRange> older() {
        var ranges = new HashMap<>(Features.supported());
        ranges.put(Features.METADATA_VERSION, new VersionRange((short) 7, (short) (LATEST - 1)));
        return ranges;
    }

    @BeforeEach
    void threeNodesTheThirdOfWhichIsOlder() throws IOException {
        cluster = new LoopbackCluster(directory, 3);
        cluster.features.put(3, OLDER);
        cluster.start(1, 2, 3);
        var features = new HashMap<>(Features.latest());
        features.put(Features.METADATA_VERSION, (short) (LATEST - 1));
        propose(1, new Command.InitializeCluster("cluster", features));
        propose(1, registered(1, Features.supported()));
        propose(2, registered(2, Features.supported()));
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private <R> R propose(int node, Command<R> command) {
        return LoopbackCluster.propose(cluster.node(node), command);
    }

    private static Command.RegisterBroker registered(int id, Map<String, VersionRange> features) {
        var plain = TestCommands.registerBroker(id);
        return new Command.RegisterBroker(id, plain.incarnation(), plain.endpoints(), plain.rack(), features);
    }

    private static Command.UpdateFeatures upgrade() {
        return new Command.UpdateFeatures(
                Map.of(Features.METADATA_VERSION, new Command.FeatureUpdate(LATEST, UpgradeType.UPGRADE)));
    }

    private short level(int node) {
        return cluster.node(node).image().features().get(Features.METADATA_VERSION);
    }

    private Throwable refusal(int node, Command<?> command) {
        return assertThrows(CompletionException.class, () -> propose(node, command))
                .getCause();
    }

    private void awaitAt(short level, int... nodes) {
        for (int node : nodes) {
            await().atMost(Duration.ofSeconds(30)).until(() -> level(node) == level);
        }
        var digests = java.util.Arrays.stream(nodes)
                .mapToObj(node -> cluster.node(node).image().digest())
                .distinct();
        assertEquals(1, digests.count());
    }

    @Test
    void theUpgradeWaitsUntilTheOlderBrokerIsUpgraded() {
        propose(3, registered(3, OLDER));
        for (int node = 1; node <= 3; node++) {
            var refused = assertInstanceOf(InvalidUpdateVersionException.class, refusal(node, upgrade()));
            assertTrue(
                    refused.getMessage().endsWith("Broker 3 only supports versions " + OLDER.get("metadata.version")),
                    refused.getMessage());
        }
        awaitAt((short) (LATEST - 1), 1, 2, 3);

        cluster.stop(3);
        cluster.features.remove(3);
        cluster.start(3);
        propose(3, registered(3, Features.supported()));
        propose(1, upgrade());
        awaitAt(LATEST, 1, 2, 3);
        assertInstanceOf(UnsupportedVersionException.class, refusal(3, registered(3, OLDER)), "there is no way back");
        assertEquals(Map.of(), cluster.failures);
    }

    @Test
    void theUpgradeWaitsUntilTheOlderBrokerIsGone() {
        propose(3, registered(3, OLDER));
        assertInstanceOf(InvalidUpdateVersionException.class, refusal(1, upgrade()));
        cluster.stop(3);
        assertInstanceOf(InvalidUpdateVersionException.class, refusal(1, upgrade()), "it may come back");
        propose(1, new Command.UnregisterBroker(3));
        propose(1, upgrade());
        awaitAt(LATEST, 1, 2);
    }

    /** A controller that is no broker is asked by nobody. */
    @Test
    void aNodeThatDoesNotKnowTheLevelStopsAndComesBackWhenItDoes() {
        propose(1, upgrade());
        await().until(() -> cluster.failures.containsKey(3));
        var line = cluster.failures.get(3).getMessage();
        assertEquals(1, line.lines().count(), line);
        assertTrue(
                line.contains("cannot be applied (the cluster is at level " + LATEST
                        + " of metadata.version, this version knows 7-" + (LATEST - 1)
                        + ": start a newer version of this node)"),
                line);
        assertEquals(LATEST - 1, level(3), "nothing of it was applied");
        propose(1, TestCommands.createTopic("t"));
        awaitAt(LATEST, 1, 2);
        assertFalse(cluster.node(3).image().topics().byName("t").isPresent());

        cluster.stop(3);
        var refused = assertThrows(CompletionException.class, () -> cluster.start(3));
        assertTrue(refused.getCause().getMessage().contains("start a newer version"), refused.getMessage());
        cluster.features.remove(3);
        cluster.start(3);
        awaitAt(LATEST, 1, 2, 3);
        assertTrue(cluster.node(3).image().topics().byName("t").isPresent());
    }

    /** Of an entry of which a node does not know one command, it applies none. */
    @Test
    void aCommandThatNobodyKnowsStopsANodeWithItsStateAsItWas() throws Exception {
        var known = MetadataProto.CommandBatch.parseFrom(CommandCodec.encode(List.of(TestCommands.createTopic("t"))));
        var unknown = MetadataProto.Command.parseFrom(new byte[] {(byte) 0xa2, (byte) 0x1f, 0}); // field 500, empty
        var batch = known.toBuilder().addCommands(unknown).build().toByteArray();
        await().until(() -> cluster.activeController() > 0);
        var leader = cluster.node(cluster.activeController());
        var entry = ByteBuffer.allocate(32 + batch.length)
                .put(new Entry(UUID.randomUUID(), 1, leader.status().term(), List.of()).encode())
                .put(batch)
                .array();
        leader.stack().raft().setAsync(entry, 0, entry.length, false, null);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> cluster.failures.size() == 2); // the last one has no majority
        for (int node : cluster.failures.keySet()) {
            var line = cluster.failures.get(node).getMessage();
            assertEquals(1, line.lines().count(), line);
            assertTrue(line.contains("cannot be applied (") && line.contains("takes no further part"), line);
            assertFalse(cluster.node(node).image().topics().byName("t").isPresent());
        }
    }
}
