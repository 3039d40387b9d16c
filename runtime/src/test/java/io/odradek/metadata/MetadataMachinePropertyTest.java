package io.odradek.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.ElectionType;
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
        assertEquals(
                topics.all().stream()
                        .filter(t -> t.partitions().stream().anyMatch(PartitionImage::isReassigning))
                        .toList(),
                List.copyOf(topics.reassigning()));
        assertTrue(topics.byName("a.b").isEmpty() || topics.byName("a_b").isEmpty());
    }

    private static void checkPartitions(MetadataImage image) {
        for (var topic : image.topics().all()) {
            for (int i = 0; i < topic.partitions().size(); i++) {
                var partition = topic.partitions().get(i);
                assertEquals(i, partition.partition());
                checkReplicas(partition);
                checkIsr(image, partition);
                checkElr(image, topic, partition);
            }
        }
    }

    private static void checkReplicas(PartitionImage partition) {
        assertDistinct(partition.replicas());
        assertTrue(partition.replicas().containsAll(partition.addingReplicas()));
        assertTrue(partition.replicas().containsAll(partition.removingReplicas()));
        assertTrue(Collections.disjoint(partition.addingReplicas(), partition.removingReplicas()));
        assertTrue(!partition.originalReplicas().isEmpty());
        assertTrue(!partition.targetReplicas().isEmpty());
    }

    private static void assertDistinct(List<Integer> ids) {
        assertEquals(ids.size(), new HashSet<>(ids).size());
    }

    private static void checkIsr(MetadataImage image, PartitionImage partition) {
        assertDistinct(partition.isr());
        assertTrue(partition.replicas().containsAll(partition.isr()));
        var active = active(image, partition.isr());
        if (partition.hasLeader()) {
            assertTrue(active.contains(partition.leader()));
            assertEquals(partition.isr(), active);
        } else {
            assertEquals(List.of(), active);
        }
    }

    private static void checkElr(MetadataImage image, TopicImage topic, PartitionImage partition) {
        assertDistinct(partition.elr());
        assertTrue(partition.replicas().containsAll(partition.elr()));
        assertTrue(Collections.disjoint(partition.elr(), partition.isr()));
        assertTrue(partition.lastKnownElr().size() <= 1);
        if (partition.hasLeader()) {
            assertEquals(List.of(), partition.lastKnownElr());
        } else {
            assertEquals(List.of(), active(image, partition.elr()));
        }
        if (!eligibleLeaderReplicas(image) || partition.isr().size() >= minInSync(image, topic, partition)) {
            assertEquals(List.of(), partition.elr());
        }
    }

    private static List<Integer> active(MetadataImage image, List<Integer> brokers) {
        return brokers.stream()
                .filter(id -> image.broker(id).filter(BrokerImage::isActive).isPresent())
                .toList();
    }

    private static boolean eligibleLeaderReplicas(MetadataImage image) {
        return image.features().containsKey(Features.ELIGIBLE_LEADER_REPLICAS_VERSION);
    }

    private static int minInSync(MetadataImage image, TopicImage topic, PartitionImage partition) {
        var cluster = image.configs(ImageUnderTest.brokerResource("")).getOrDefault("min.insync.replicas", "1");
        var configured = topic.configs().getOrDefault("min.insync.replicas", cluster);
        return Math.min(Integer.parseInt(configured), partition.replicas().size());
    }

    /** Whoever is elected has all that may have been committed, but where that was given up. */
    @Property(tries = 150)
    void noCleanElectionLosesWhatWasCommitted(@ForAll long seed) {
        var commands = new RandomCommands(seed);
        var image = MetadataImage.EMPTY;
        var committed = new CommittedRecords();
        for (int i = 0; i < 2 * COMMANDS; i++) {
            var command = commands.next();
            var before = image;
            var applied = MetadataMachine.apply(image, command);
            image = applied.image();
            commands.saw(image);
            if (applied.result() instanceof Result.Ok<?>) {
                committed.heed(before, command, image);
            }
        }
    }

    /** Which replicas have all that was ever committed, if something is committed whenever that can be. */
    private static final class CommittedRecords {
        private final Map<Uuid, Map<Integer, Set<Integer>>> holders = new HashMap<>();

        private void heed(MetadataImage before, Command<?> command, MetadataImage after) {
            if (command instanceof Command.RegisterBroker registration) {
                forgetWhatWasLost(before, registration);
            }
            holders.keySet().removeIf(id -> after.topics().byId(id).isEmpty());
            for (var topic : after.topics().all()) {
                var ofTopic = holders.computeIfAbsent(topic.id(), id -> new HashMap<>());
                for (var partition : topic.partitions()) {
                    var complete = ofTopic.computeIfAbsent(partition.partition(), p -> new HashSet<>(partition.isr()));
                    complete.retainAll(partition.replicas());
                    if (command instanceof Command.AlterPartition alter
                            && alter.topicId().equals(topic.id())
                            && alter.partition() == partition.partition()) {
                        alter.isr().forEach(member -> complete.add(member.id()));
                    }
                    if (partition.hasLeader()) {
                        checkElection(before, command, topic, partition, complete);
                        if (partition.isr().size() >= minInSync(after, topic, partition)
                                || !complete.contains(partition.leader())) {
                            complete.clear();
                        }
                        complete.addAll(partition.isr());
                    }
                }
            }
        }

        /** Whether it led last and nobody else is known to have all. */
        private static boolean isLastKnown(int leader, PartitionImage earlier, Command<?> command) {
            var eligible = new HashSet<>(earlier.isr());
            eligible.addAll(earlier.elr());
            eligible.remove(leader);
            int gone = -1;
            if (command instanceof Command.RegisterBroker registration) {
                gone = registration.id();
            } else if (command instanceof Command.UnregisterBroker removal) {
                gone = removal.id();
            }
            eligible.remove(gone);
            return eligible.isEmpty() && (earlier.lastKnownElr().equals(List.of(leader)) || gone == leader);
        }

        /** With eligible leader replicas, an unclean shutdown counts as the loss of what was not flushed. */
        private void forgetWhatWasLost(MetadataImage before, Command.RegisterBroker registration) {
            var known = before.broker(registration.id());
            var sameProcess = known.filter(b -> b.incarnation().equals(registration.incarnation()));
            var clean = known.filter(b -> b.epoch() == registration.previousEpoch());
            if (eligibleLeaderReplicas(before) && sameProcess.isEmpty() && clean.isEmpty()) {
                holders.values().forEach(ofTopic -> ofTopic.values().forEach(ids -> ids.remove(registration.id())));
            }
        }

        private static void checkElection(
                MetadataImage before,
                Command<?> command,
                TopicImage topic,
                PartitionImage partition,
                Set<Integer> complete) {
            var earlier = before.topics().byId(topic.id()).flatMap(t -> t.partition(partition.partition()));
            var uncleanAllowed = Boolean.parseBoolean(topic.configs()
                            .getOrDefault(
                                    "unclean.leader.election.enable",
                                    before.configs(ImageUnderTest.brokerResource(""))
                                            .getOrDefault("unclean.leader.election.enable", "false")))
                    || command instanceof Command.ElectLeader e && e.type() == ElectionType.UNCLEAN
                    || command instanceof Command.IncrementalAlterConfigs
                    || command instanceof Command.ReplaceConfigs;
            if (earlier.isPresent() && earlier.get().leader() != partition.leader() && !uncleanAllowed) {
                assertTrue(
                        complete.contains(partition.leader())
                                || isLastKnown(partition.leader(), earlier.get(), command),
                        () -> partition + " after " + earlier.get() + " and " + command + ", complete are " + complete);
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
