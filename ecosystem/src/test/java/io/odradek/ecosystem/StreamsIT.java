package io.odradek.ecosystem;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka Streams with {@code exactly_once_v2}, its application and the broker killed in the middle. */
class StreamsIT {
    private static final int PARTITIONS = 3;
    private static final String APPLICATION = "word-count";
    private static final String REPARTITION = APPLICATION + "-words-repartition";

    @TempDir
    Path home;

    @Test
    void everyWordIsCountedOnceWhateverIsKilled() throws Exception {
        try (var node = Node.underTest(
                        home.resolve("broker"),
                        Map.of(
                                "group.initial.rebalance.delay.ms", "0",
                                "transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000"));
                var admin = Admin.create(Map.of("bootstrap.servers", node.bootstrap()))) {
            admin.createTopics(List.of(
                            new NewTopic(WordCount.LINES, PARTITIONS, (short) 1),
                            new NewTopic(WordCount.COUNTS, PARTITIONS, (short) 1)))
                    .all()
                    .get();
            try (var reader = new CountsReader(node.bootstrap(), PARTITIONS);
                    var feed = new LineFeed(node.bootstrap());
                    var first = application("first", node.bootstrap()).start();
                    var second = application("second", node.bootstrap()).start()) {
                awaitMembers(admin, 2);
                reader.awaitProgress("the start");
                awaitPurge(admin);

                first.kill();
                reader.awaitProgress("the first instance was killed, and the second took over");

                node.kill();
                node.start();
                reader.awaitProgress("the broker was killed and started");

                first.start();
                awaitMembers(admin, 2);
                node.kill();
                second.kill();
                node.start();
                reader.awaitProgress("broker and second instance were killed, and the broker started");

                var sent = feed.finish();
                reader.awaitTotal(
                        sent.values().stream().mapToLong(Long::longValue).sum());
                first.terminate();
                assertEquals(List.of(), reader.problems(), "each count goes up by one");
                assertEquals(sent, reader.counts());
            }
            checkInternalTopics(admin);
        }
    }

    private static void checkInternalTopics(Admin admin) throws Exception {
        var changelog = APPLICATION + "-word-counts-changelog";
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, changelog);
        var configs = admin.describeConfigs(List.of(resource)).all().get().get(resource);
        assertEquals(
                TopicConfig.CLEANUP_POLICY_COMPACT,
                configs.get(TopicConfig.CLEANUP_POLICY_CONFIG).value());
        assertEquals(
                Set.of(WordCount.LINES, REPARTITION),
                admin.listConsumerGroupOffsets(APPLICATION).partitionsToOffsetAndMetadata().get().keySet().stream()
                        .map(TopicPartition::topic)
                        .collect(Collectors.toSet()));
        // Kafka Streams does not leave its group when it ends.
        Awaitility.await("the group to lose its last member")
                .atMost(Duration.ofSeconds(60))
                .until(() -> describe(admin).groupState() == GroupState.EMPTY);
    }

    /** What was counted is deleted from the repartition topic. */
    private static void awaitPurge(Admin admin) {
        Awaitility.await("records to be deleted")
                .atMost(Duration.ofSeconds(60))
                .until(() ->
                        earliestOffsets(admin, REPARTITION).values().stream().allMatch(offset -> offset > 0));
    }

    private static Map<TopicPartition, Long> earliestOffsets(Admin admin, String topic) throws Exception {
        var asked = IntStream.range(0, PARTITIONS)
                .boxed()
                .collect(Collectors.toMap(p -> new TopicPartition(topic, p), p -> OffsetSpec.earliest()));
        return admin.listOffsets(asked).all().get().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().offset()));
    }

    private static ConsumerGroupDescription describe(Admin admin) throws Exception {
        return admin.describeConsumerGroups(List.of(APPLICATION)).all().get().get(APPLICATION);
    }

    private static void awaitMembers(Admin admin, int members) {
        Awaitility.await(members + " instances at work")
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> {
                    var group = describe(admin);
                    return group.groupState() == GroupState.STABLE
                            && group.members().stream()
                                            .filter(member -> !member.assignment()
                                                    .topicPartitions()
                                                    .isEmpty())
                                            .count()
                                    == members;
                });
    }

    private JavaProcess application(String instance, String bootstrap) throws IOException {
        var properties = new Properties();
        properties.putAll(Map.of(
                "application.id", APPLICATION,
                "bootstrap.servers", bootstrap,
                "processing.guarantee", "exactly_once_v2",
                "replication.factor", "1",
                "state.dir", home.resolve(instance).toString(),
                "repartition.purge.interval.ms", "1000",
                "consumer.session.timeout.ms", "6000",
                "consumer.heartbeat.interval.ms", "1000",
                "reconnect.backoff.max.ms", "100"));
        var file = home.resolve(instance + ".properties");
        try (var out = Files.newOutputStream(file)) {
            properties.store(out, null);
        }
        return new JavaProcess(home.resolve(instance + ".log"), WordCount.class, file.toString());
    }
}
