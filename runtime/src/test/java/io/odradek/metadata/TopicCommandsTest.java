package io.odradek.metadata;

import static io.odradek.metadata.ImageUnderTest.assigned;
import static io.odradek.metadata.ImageUnderTest.id;
import static io.odradek.metadata.ImageUnderTest.topic;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicCommandsTest {
    private final ImageUnderTest cluster = ImageUnderTest.withBrokers(3);

    @Test
    void aTopicIsFoundByIdAndByName() {
        var created = cluster.ok(topic("t", 4, 3, "retention.ms", "5"));

        assertEquals(Optional.of(created), cluster.image().topics().byId(id("t")));
        assertEquals(Optional.of(created), cluster.image().topics().byName("t"));
        assertEquals(4, cluster.image().topics().partitionCount());
        assertEquals(Map.of("retention.ms", "5"), created.configs());
        assertEquals(Set.of(id("t")), cluster.lastChange().topics());
        for (var partition : created.partitions()) {
            assertEquals(3, partition.replicas().size());
            assertEquals(partition.replicas(), partition.isr());
            assertEquals(partition.preferredLeader(), partition.leader());
            assertEquals(List.of(0, 0), List.of(partition.leaderEpoch(), partition.partitionEpoch()));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            .        | Topic name is invalid: '.' is not allowed
            ..       | Topic name is invalid: '..' is not allowed
            a/b      | Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'
            ''       | Topic name is invalid: the empty string is not allowed
            """)
    void namesMustBeValid(String name, String message) {
        cluster.refused(topic(name, 1, 1), Errors.INVALID_TOPIC_EXCEPTION, message);
    }

    @Test
    void aNameHasAtMost249Characters() {
        var name = "x".repeat(249);
        cluster.ok(topic(name, 1, 1));

        cluster.refused(
                topic(name + "x", 1, 1),
                Errors.INVALID_TOPIC_EXCEPTION,
                "Topic name is invalid: the length of '" + name + "x' is longer than the max allowed length 249");
    }

    @Test
    void namesThatMetricsCannotTellApartCollide() {
        cluster.ok(topic("a.b_c", 1, 1));

        cluster.refused(
                topic("a_b.c", 1, 1),
                Errors.INVALID_TOPIC_EXCEPTION,
                "Topic 'a_b.c' collides with existing topic: a.b_c");

        cluster.ok(new Command.DeleteTopic(id("a.b_c")));
        cluster.ok(topic("a_b.c", 1, 1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            t.t | 1     | 1  | TOPIC_ALREADY_EXISTS       | Topic 't.t' already exists.
            u   | 0     | 1  | INVALID_PARTITIONS         | Number of partitions was set to an invalid non-positive value.
            u   | -1    | 1  | INVALID_PARTITIONS         | Number of partitions was set to an invalid non-positive value.
            u   | 1     | 0  | INVALID_REPLICATION_FACTOR | Replication factor must be larger than 0, or -1 to use the default value.
            u   | 1     | -2 | INVALID_REPLICATION_FACTOR | Replication factor must be larger than 0, or -1 to use the default value.
            u   | 1     | 4  | INVALID_REPLICATION_FACTOR | Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be reached because only 3 broker(s) are registered or some brokers have all their log directories cordoned.
            u   | 10001 | 1  | POLICY_VIOLATION           | Excessively large number of partitions per request.
            """)
    void sizesAreChecked(String name, int partitions, int replicationFactor, Errors error, String message) {
        cluster.ok(topic("t.t", 1, 1));

        cluster.refused(topic(name, partitions, replicationFactor), error, message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            retention.ms          | x    | Invalid value x for configuration retention.ms: Not a number of type LONG
            retention.millis      | 1    | Unknown topic config name: retention.millis
            remote.storage.enable | true | Invalid value true for configuration remote.storage.enable: tiered storage is not offered.
            """)
    void configsAreChecked(String name, String value, String message) {
        cluster.refused(topic("u", 1, 1, name, value), Errors.INVALID_CONFIG, message);
    }

    @Test
    void nothingCanBePlacedOnBrokersOutOfService() {
        List.of(1, 2, 3).forEach(cluster::fence);

        cluster.refused(
                topic("u", 1, 1),
                Errors.INVALID_REPLICATION_FACTOR,
                "Unable to replicate the partition 1 time(s): All brokers are currently fenced, or have all their log"
                        + " directories cordoned.");
    }

    @Test
    void aBrokerOutOfServiceMayBeAReplicaButNotInSync() {
        cluster.fence(2);

        var partition = cluster.ok(topic("u", 1, 3)).partitions().get(0);

        assertEquals(Set.of(1, 2, 3), Set.copyOf(partition.replicas()));
        assertEquals(Set.of(1, 3), Set.copyOf(partition.isr()));
        assertTrue(partition.isr().contains(partition.leader()));
    }

    @Test
    void aClientMayChooseReplicas() {
        var topic = cluster.ok(assigned("u", Map.of(0, List.of(2, 1), 1, List.of(3, 2))));

        assertEquals(List.of(2, 1), topic.partitions().get(0).replicas());
        assertEquals(3, topic.partitions().get(1).leader());
    }

    @Test
    void chosenReplicasAreChecked() {
        cluster.fence(3);
        Map<Map<Integer, List<Integer>>, String> refusals = Map.of(
                Map.of(0, List.of()), "The manual partition assignment includes an empty replica list.",
                Map.of(0, List.of(1, 4)),
                        "The manual partition assignment includes broker 4, but no such broker is registered.",
                Map.of(0, List.of(1, 2, 1)), "The manual partition assignment includes the broker 1 more than once.",
                Map.of(0, List.of(1), 1, List.of(1, 2)),
                        "The manual partition assignment includes a partition with 2 replica(s), but this is not"
                                + " consistent with previous partitions, which have 1 replica(s).",
                Map.of(0, List.of(1), 2, List.of(2)), "partitions should be a consecutive 0-based integer sequence",
                Map.of(0, List.of(3)),
                        "All brokers specified in the manual partition assignment for partition 0 are fenced or in"
                                + " controlled shutdown.");

        refusals.forEach((assignments, message) ->
                cluster.refused(assigned("u", assignments), Errors.INVALID_REPLICA_ASSIGNMENT, message));
    }

    @Test
    void choosingReplicasLeavesNoRoomForCounts() {
        Map<Integer, List<Integer>> chosen = Map.of(0, List.of(1));

        cluster.refused(
                new Command.CreateTopic(id("u"), "u", -1, (short) 1, chosen, Map.of()),
                Errors.INVALID_REQUEST,
                "A manual partition assignment was specified, but replication factor was not set to -1.");
        cluster.refused(
                new Command.CreateTopic(id("u"), "u", 1, (short) -1, chosen, Map.of()),
                Errors.INVALID_REQUEST,
                "A manual partition assignment was specified, but numPartitions was not set to -1.");
    }

    @Test
    void anIdIsUsedOnce() {
        cluster.ok(topic("t", 1, 1));

        cluster.refused(
                new Command.CreateTopic(id("t"), "u", 1, (short) 1, Map.of(), Map.of()),
                Errors.INVALID_REQUEST,
                "Topic id " + id("t") + " is already in use.");
    }

    @Test
    void aDeletedTopicLeavesNothing() {
        var before = cluster.image().topics();
        cluster.ok(topic("t.u", 5, 2, "retention.ms", "1"));

        cluster.ok(new Command.DeleteTopic(id("t.u")));

        assertEquals(before, cluster.image().topics());
        assertTrue(cluster.image().configs(ImageUnderTest.topicResource("t.u")).isEmpty());
        cluster.refused(
                new Command.DeleteTopic(id("t.u")),
                Errors.UNKNOWN_TOPIC_ID,
                "This server does not host this topic ID.");
    }

    @Test
    void partitionsAreAdded() {
        var before = cluster.ok(topic("t", 2, 2)).partitions();

        var after = cluster.ok(new Command.CreatePartitions("t", 5, Optional.empty()));

        assertEquals(before, after.partitions().subList(0, 2));
        assertEquals(5, cluster.image().topics().partitionCount());
        assertEquals(
                List.of(2, 3, 4),
                after.partitions().subList(2, 5).stream()
                        .map(PartitionImage::partition)
                        .toList());
        assertTrue(after.partitions().stream().allMatch(p -> p.replicas().size() == 2));
    }

    @Test
    void addedPartitionsMayBeAssigned() {
        cluster.ok(topic("t", 1, 1));

        var after = cluster.ok(new Command.CreatePartitions("t", 2, Optional.of(List.of(List.of(3)))));

        assertEquals(List.of(3), after.partitions().get(1).replicas());
        assertFalse(cluster.image().topics().of(3).isEmpty());
    }

    @Test
    void addedPartitionsAreChecked() {
        cluster.ok(topic("t", 2, 1));

        cluster.refused(
                new Command.CreatePartitions("u", 2, Optional.empty()),
                Errors.UNKNOWN_TOPIC_OR_PARTITION,
                "This server does not host this topic-partition.");
        cluster.refused(
                new Command.CreatePartitions("t", 2, Optional.empty()),
                Errors.INVALID_PARTITIONS,
                "Topic already has 2 partition(s).");
        cluster.refused(
                new Command.CreatePartitions("t", 1, Optional.empty()),
                Errors.INVALID_PARTITIONS,
                "The topic t currently has 2 partition(s); 1 would not be an increase.");
        cluster.refused(
                new Command.CreatePartitions("t", 4, Optional.of(List.of(List.of(1)))),
                Errors.INVALID_REPLICA_ASSIGNMENT,
                "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.");
        cluster.refused(
                new Command.CreatePartitions("t", 3, Optional.of(List.of(List.of(1, 2)))),
                Errors.INVALID_REPLICA_ASSIGNMENT,
                "The manual partition assignment includes a partition with 2 replica(s), but this is not consistent"
                        + " with previous partitions, which have 1 replica(s).");
        cluster.refused(
                new Command.CreatePartitions("t", 20_000, Optional.empty()),
                Errors.POLICY_VIOLATION,
                "Excessively large number of partitions per request.");
    }

    @Test
    void manyTopicsShareWhatACommandDoesNotChange() {
        for (int i = 0; i < 2_000; i++) {
            cluster.ok(new Command.CreateTopic(new Uuid(2, i), "t" + i, 1, (short) 1, Map.of(), Map.of()));
        }
        var before = cluster.topic("t77");

        cluster.ok(topic("one-more", 1, 1));

        assertTrue(before == cluster.topic("t77"));
        assertEquals(
                List.of("t1998", "t1999", "t2"),
                cluster.image().topics().from("t1998").stream()
                        .limit(3)
                        .map(TopicImage::name)
                        .toList());
    }
}
