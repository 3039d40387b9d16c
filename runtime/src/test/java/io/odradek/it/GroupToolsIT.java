package io.odradek.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Apache Kafka's tools for groups: who is in one, where it stands, moving it and deleting it. */
class GroupToolsIT {
    private static final String TOPIC = "counted";
    private static final int RECORDS = 10;
    private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    static Path home;

    private static BrokerProcess broker;
    private static Admin admin;
    private static KafkaTool consumerGroups;
    private static KafkaTool groups;

    private String group;

    /** Two partitions with a record for each hour. */
    @BeforeAll
    static void start() throws Exception {
        broker = BrokerProcess.in(home)
                .with("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
                .start();
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
        consumerGroups =
                new KafkaTool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", broker.bootstrap());
        groups = new KafkaTool("org.apache.kafka.tools.GroupsCommand", broker.bootstrap());
        admin.createTopics(List.of(new NewTopic(TOPIC, 2, (short) 1).configs(Map.of("retention.ms", "-1"))))
                .all()
                .get();
        Map<String, Object> config = Map.of("bootstrap.servers", broker.bootstrap());
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                for (int partition = 0; partition < 2; partition++) {
                    long timestamp = FIRST.plus(Duration.ofHours(i)).toEpochMilli();
                    producer.send(new ProducerRecord<>(TOPIC, partition, timestamp, "k", "v" + i));
                }
            }
        }
    }

    @AfterAll
    static void stop() {
        admin.close();
        broker.close();
    }

    @BeforeEach
    void groupOfItsOwn(TestInfo test) {
        group = test.getTestMethod().orElseThrow().getName()
                + Math.abs(test.getDisplayName().hashCode());
    }

    private void committed(long zero, long one) throws Exception {
        admin.alterConsumerGroupOffsets(
                        group,
                        Map.of(
                                new TopicPartition(TOPIC, 0),
                                new OffsetAndMetadata(zero),
                                new TopicPartition(TOPIC, 1),
                                new OffsetAndMetadata(one)))
                .all()
                .get();
    }

    private List<Long> committed() throws Exception {
        var offsets = new TreeMap<Integer, Long>();
        admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get()
                .forEach((partition, offset) -> offsets.put(partition.partition(), offset.offset()));
        return List.copyOf(offsets.values());
    }

    static Stream<Arguments> resets() {
        var hoursAgo = Duration.between(FIRST.plus(Duration.ofHours(3)), Instant.now());
        var datetime = LocalDateTime.ofInstant(FIRST.plus(Duration.ofMinutes(150)), ZoneOffset.UTC) + ":00.000";
        return Stream.of(
                Arguments.of(List.of("--to-earliest"), List.of(0L, 0L)),
                Arguments.of(List.of("--to-latest"), List.of(10L, 10L)),
                Arguments.of(List.of("--to-offset", "7"), List.of(7L, 7L)),
                Arguments.of(List.of("--to-offset", "700"), List.of(10L, 10L)),
                Arguments.of(List.of("--shift-by", "2"), List.of(6L, 7L)),
                Arguments.of(List.of("--shift-by", "-5"), List.of(0L, 0L)),
                Arguments.of(List.of("--to-current"), List.of(4L, 5L)),
                Arguments.of(List.of("--to-datetime", datetime), List.of(3L, 3L)),
                Arguments.of(List.of("--by-duration", hoursAgo.minusMinutes(30).toString()), List.of(4L, 4L)));
    }

    @ParameterizedTest
    @MethodSource("resets")
    void resetOffsets(List<String> mode, List<Long> expected) throws Exception {
        committed(4, 5);
        var arguments = Stream.concat(Stream.of("--group", group, "--reset-offsets", "--topic", TOPIC), mode.stream())
                .toList();
        consumerGroups.run(
                Stream.concat(arguments.stream(), Stream.of("--dry-run")).toArray(String[]::new));
        assertEquals(List.of(4L, 5L), committed(), "a dry run changes nothing");
        consumerGroups.run(
                Stream.concat(arguments.stream(), Stream.of("--execute")).toArray(String[]::new));
        assertEquals(expected, committed());
    }

    @Test
    void resetOffsetsOfOnePartitionAndOfAllTopics() throws Exception {
        committed(4, 5);
        consumerGroups.run(
                "--group", group, "--reset-offsets", "--to-offset", "1", "--topic", TOPIC + ":1", "--execute");
        assertEquals(List.of(4L, 1L), committed());
        consumerGroups.run("--all-groups", "--reset-offsets", "--to-latest", "--all-topics", "--execute");
        assertEquals(List.of(10L, 10L), committed());
    }

    @Test
    void exportOffsetsAndResetFromFile() throws Exception {
        committed(2, 8);
        var exported = consumerGroups.run(
                "--group", group, "--reset-offsets", "--to-current", "--all-topics", "--export", "--dry-run");
        assertTrue(exported.contains("counted,0,2") && exported.contains("counted,1,8"), exported);
        var file = Files.writeString(home.resolve("offsets.csv"), exported.strip() + "\n");
        committed(0, 0);
        consumerGroups.run("--group", group, "--reset-offsets", "--from-file", file.toString(), "--execute");
        assertEquals(List.of(2L, 8L), committed());
    }

    @Test
    void deleteOffsetsAndGroups() throws Exception {
        committed(3, 3);
        assertTrue(consumerGroups.run("--list").contains(group));
        var deleted = consumerGroups.run("--delete-offsets", "--group", group, "--topic", TOPIC + ":0");
        assertTrue(deleted.contains("Successful"), deleted);
        assertEquals(List.of(3L), committed());
        var described = consumerGroups.run("--describe", "--group", group);
        assertTrue(described.contains("has no active members"), described);
        consumerGroups.run("--delete", "--group", group);
        assertFalse(consumerGroups.run("--list").contains(group));
        var again = consumerGroups.outcome("--delete", "--group", group).output();
        assertTrue(again.contains("could not be deleted"), again);
        var unknown = consumerGroups.outcome("--describe", "--group", group).output();
        assertTrue(unknown.contains("not found"), unknown);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aGroupWithMembers(String protocol) throws Exception {
        try (var member = GroupMember.of(broker.bootstrap(), group, protocol, Map.of(), TOPIC)) {
            await().until(() -> member.assignment().size() == 2);
            await().until(() -> committed().equals(List.of(10L, 10L)));

            assertTrue(consumerGroups.run("--list", "--state", "Stable").contains(group));
            assertFalse(consumerGroups.run("--list", "--state", "Empty").contains(group));
            assertTrue(
                    row(consumerGroups.run("--list", "--type", protocol), group).contains(protocolName(protocol)));
            var listed = row(groups.run("--list", "--group-type", protocol), group);
            assertTrue(listed.contains(protocolName(protocol)) && listed.contains("consumer"), listed);
            assertTrue(groups.run("--list", "--consumer").contains(group));

            var state = row(consumerGroups.run("--describe", "--group", group, "--state", "--verbose"), group);
            assertTrue(state.contains("Stable") && state.endsWith("1"), state);
            var members = row(consumerGroups.run("--describe", "--group", group, "--members", "--verbose"), group);
            assertTrue(members.contains("/127.0.0.1") && members.contains("counted:0,1"), members);
            var offsets = consumerGroups.run("--describe", "--group", group, "--offsets", "--verbose");
            assertEquals(
                    2,
                    offsets.lines()
                            .filter(line -> line.matches(group + " +counted +[01] .* 10 +10 +0 +.*"))
                            .count(),
                    offsets);

            var refused = consumerGroups
                    .outcome("--group", group, "--reset-offsets", "--topic", TOPIC, "--to-earliest", "--execute")
                    .output();
            assertTrue(refused.contains("inactive, but the current state is Stable"), refused);
            assertEquals(List.of(10L, 10L), committed());
            var kept = consumerGroups.outcome("--delete", "--group", group).output();
            assertTrue(kept.contains("GroupNotEmptyException"), kept);
            var subscribed = consumerGroups
                    .outcome("--delete-offsets", "--group", group, "--topic", TOPIC)
                    .output();
            assertTrue(subscribed.contains("GroupSubscribedToTopicException"), subscribed);
        }
        var empty = row(consumerGroups.run("--describe", "--group", group, "--state"), group);
        assertTrue(empty.contains("Empty") && empty.endsWith("0"), empty);
        consumerGroups.run("--delete", "--group", group);
        assertFalse(groups.run("--list").contains(group));
    }

    private static String protocolName(String type) {
        return Character.toUpperCase(type.charAt(0)) + type.substring(1);
    }

    private static String row(String table, String first) {
        return table.lines()
                .filter(line -> line.startsWith(first))
                .findFirst()
                .orElseThrow(() -> new AssertionError(first + " is not in: " + table))
                .strip();
    }
}
