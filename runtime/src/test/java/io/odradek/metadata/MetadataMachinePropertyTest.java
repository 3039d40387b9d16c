package io.odradek.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;

/** What holds after any commands in any order. */
class MetadataMachinePropertyTest {
    private static final int COMMANDS = 120;

    @Property(tries = 200)
    void invariantsHoldAfterEveryCommand(@ForAll long seed) {
        var commands = new RandomCommands(seed);
        var image = MetadataImage.EMPTY;
        for (int i = 0; i < COMMANDS; i++) {
            var command = commands.next();
            var applied = MetadataMachine.apply(image, command);
            check(image, applied, command);
            image = applied.image();
            commands.saw(image);
        }
    }

    private static void check(MetadataImage before, MetadataMachine.Applied<?> applied, Command<?> command) {
        var after = applied.image();
        assertEquals(before.commands() + 1, after.commands());
        assertNotEquals(before.digest(), after.digest());
        if (applied.result() instanceof Result.Failed<?> failed) {
            assertNotEquals(Errors.UNKNOWN_SERVER_ERROR, failed.error(), () -> "a bug, seen at " + command);
            assertTrue(!failed.message().isEmpty());
            assertEquals(before.topics(), after.topics());
            assertEquals(before.brokers(), after.brokers());
        }
        checkTopics(after);
        checkPartitions(after);
        checkChange(before, after, applied.change());
        checkEpochs(before, after);
    }

    /** All ways to a topic lead to the same one, and to nothing else. */
    private static void checkTopics(MetadataImage image) {
        var topics = image.topics();
        assertEquals(topics.size(), topics.all().size());
        long partitions = 0;
        Map<Integer, HashSet<Uuid>> byBroker = new HashMap<>();
        for (var topic : topics.all()) {
            assertEquals(topic, topics.byId(topic.id()).orElseThrow());
            assertEquals(topic, topics.byName(topic.name()).orElseThrow());
            partitions += topic.partitions().size();
            topic.partitions().forEach(p -> p.replicas().forEach(b -> byBroker.computeIfAbsent(b, k -> new HashSet<>())
                    .add(topic.id())));
        }
        assertEquals(partitions, topics.partitionCount());
        for (int broker = -1; broker < 5; broker++) {
            assertEquals(byBroker.getOrDefault(broker, new HashSet<>()), topics.of(broker));
        }
        assertTrue(topics.byName("a.b").isEmpty() || topics.byName("a_b").isEmpty());
    }

    private static void checkPartitions(MetadataImage image) {
        for (var topic : image.topics().all()) {
            for (int i = 0; i < topic.partitions().size(); i++) {
                var partition = topic.partitions().get(i);
                assertEquals(i, partition.partition());
                assertEquals(partition.replicas().size(), new HashSet<>(partition.replicas()).size());
                assertEquals(partition.isr().size(), new HashSet<>(partition.isr()).size());
                assertTrue(!partition.isr().isEmpty());
                assertTrue(partition.replicas().containsAll(partition.isr()));
                var inService = partition.isr().stream()
                        .filter(b -> image.broker(b).filter(x -> !x.fenced()).isPresent())
                        .toList();
                if (partition.hasLeader()) {
                    assertTrue(inService.contains(partition.leader()));
                    assertEquals(partition.isr(), inService);
                } else {
                    assertEquals(List.of(), inService);
                    assertEquals(1, partition.isr().size());
                }
            }
        }
    }

    /** A change names all that differs. */
    private static void checkChange(MetadataImage before, MetadataImage after, MetadataChange change) {
        assertEquals(before, change.before());
        var ids = new HashSet<Uuid>();
        before.topics().all().forEach(t -> ids.add(t.id()));
        after.topics().all().forEach(t -> ids.add(t.id()));
        ids.removeIf(id -> before.topics().byId(id).equals(after.topics().byId(id)));
        assertTrue(change.topics().containsAll(ids));
        var brokers = new HashSet<Integer>(before.brokers().keySet());
        brokers.addAll(after.brokers().keySet());
        brokers.removeIf(id -> before.broker(id).equals(after.broker(id)));
        assertTrue(change.brokers().containsAll(brokers));
        if (!before.configs().equals(after.configs())) {
            assertTrue(!change.configs().isEmpty());
        }
    }

    private static void checkEpochs(MetadataImage before, MetadataImage after) {
        for (var topic : before.topics().all()) {
            after.topics().byId(topic.id()).ifPresent(later -> {
                for (var partition : topic.partitions()) {
                    checkEpochs(partition, later.partitions().get(partition.partition()));
                }
            });
        }
        for (var broker : before.brokers().values()) {
            after.broker(broker.id()).ifPresent(later -> assertTrue(later.epoch() >= broker.epoch()));
        }
        var epochs = after.brokers().values().stream().map(BrokerImage::epoch).toList();
        assertEquals(epochs.size(), new HashSet<>(epochs).size());
        assertTrue(after.nextProducerId() >= before.nextProducerId());
    }

    private static void checkEpochs(PartitionImage before, PartitionImage after) {
        assertTrue(after.leaderEpoch() >= before.leaderEpoch());
        assertTrue(after.partitionEpoch() >= before.partitionEpoch());
        if (after.leader() != before.leader()) {
            assertTrue(after.leaderEpoch() > before.leaderEpoch());
        }
        if (!after.equals(before)) {
            assertTrue(after.partitionEpoch() > before.partitionEpoch());
        }
    }

    @Property(tries = 100)
    void encodedCommandsMakeAnEqualImageAndDigest(@ForAll long seed) {
        var commands = new RandomCommands(seed);
        var image = MetadataImage.EMPTY;
        var log = new ArrayList<byte[]>();
        var batch = new ArrayList<Command<?>>();
        for (int i = 0; i < COMMANDS; i++) {
            var command = commands.next();
            image = MetadataMachine.apply(image, command).image();
            commands.saw(image);
            batch.add(command);
            if (i % 3 == 2) {
                log.add(CommandCodec.encode(batch));
                batch.clear();
            }
        }

        var replayed = MetadataImage.EMPTY;
        for (var entry : log) {
            for (var command : CommandCodec.decode(entry)) {
                replayed = MetadataMachine.apply(replayed, command).image();
            }
        }

        assertEquals(image, replayed);
        assertEquals(image.digest(), replayed.digest());
    }

    @Property(tries = 100)
    void aSnapshotIsTheImageAndGoesOnTheSame(@ForAll long seed) throws IOException {
        var commands = new RandomCommands(seed);
        var image = MetadataImage.EMPTY;
        for (int i = 0; i < COMMANDS; i++) {
            image = MetadataMachine.apply(image, commands.next()).image();
            commands.saw(image);
        }
        image = image.at(seed & Long.MAX_VALUE);

        var out = new ByteArrayOutputStream();
        SnapshotCodec.write(image, out);
        var restored = SnapshotCodec.read(new ByteArrayInputStream(out.toByteArray()));

        assertEquals(image, restored);
        var command = commands.next();
        assertEquals(
                MetadataMachine.apply(image, command).image(),
                MetadataMachine.apply(restored, command).image());
    }
}
