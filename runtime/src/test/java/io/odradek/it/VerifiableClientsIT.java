package io.odradek.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The producer and the consumer that Apache Kafka's own system tests run. */
class VerifiableClientsIT {
    private static final int RECORDS = 2_000;
    private static final int PARTITIONS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path home;

    private static BrokerProcess broker;
    private static Admin admin;

    @BeforeAll
    static void start() throws Exception {
        broker = BrokerProcess.in(home)
                .with("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
                .with("KAFKA_GROUP_CONSUMER_MIN_HEARTBEAT_INTERVAL_MS", "200")
                .with("KAFKA_GROUP_CONSUMER_HEARTBEAT_INTERVAL_MS", "200")
                .start();
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
    }

    @AfterAll
    static void stop() {
        admin.close();
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void whatIsAcknowledgedIsConsumedOnce(String protocol) throws Exception {
        admin.createTopics(List.of(new NewTopic(protocol, PARTITIONS, (short) 1)))
                .all()
                .get();
        try (var one = consumer(protocol, 1);
                var two = consumer(protocol, 2)) {
            await().atMost(PATIENCE)
                    .until(() -> Stream.of(one, two).allMatch(member -> assigned(member) == PARTITIONS / 2));

            var produced = produce(protocol);
            assertEquals(RECORDS, produced.size());
            await().atMost(PATIENCE).until(() -> consumed(one, two).size() >= RECORDS);

            await().atMost(PATIENCE).until(() -> committed(protocol) == RECORDS);
            one.terminate();
            two.terminate();
            assertEquals(produced, consumed(one, two));
            for (var member : List.of(one, two)) {
                assertTrue(events(member, "shutdown_complete").findAny().isPresent(), member.errors());
            }
        }
    }

    private static BackgroundCommand consumer(String protocol, int number) throws Exception {
        return BackgroundCommand.start(
                home,
                protocol + "-" + number,
                Commands.kafkaToolCommand(
                        "org.apache.kafka.tools.VerifiableConsumer",
                        "--bootstrap-server",
                        broker.bootstrap(),
                        "--topic",
                        protocol,
                        "--group-id",
                        protocol,
                        "--group-protocol",
                        protocol,
                        "--verbose"));
    }

    /** @return the acknowledged values in order */
    private static List<Integer> produce(String topic) throws Exception {
        var output = Commands.kafkaTool(
                        "org.apache.kafka.tools.VerifiableProducer",
                        "--bootstrap-server",
                        broker.bootstrap(),
                        "--topic",
                        topic,
                        "--max-messages",
                        Integer.toString(RECORDS),
                        "--repeating-keys",
                        "100")
                .expectSuccess();
        return values(events(output.lines(), "producer_send_success"));
    }

    private static List<Integer> consumed(BackgroundCommand... members) {
        return values(Stream.of(members).flatMap(member -> events(member, "record_data")));
    }

    private static List<Integer> values(Stream<JsonNode> events) {
        return events.map(event -> event.get("value").asInt()).sorted().toList();
    }

    /** How many partitions it has now. */
    private static int assigned(BackgroundCommand member) {
        int given = events(member, "partitions_assigned")
                .mapToInt(event -> event.get("partitions").size())
                .sum();
        int taken = events(member, "partitions_revoked")
                .mapToInt(event -> event.get("partitions").size())
                .sum();
        return given - taken;
    }

    private static long committed(String group) throws Exception {
        return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values().stream()
                .mapToLong(OffsetAndMetadata::offset)
                .sum();
    }

    private static Stream<JsonNode> events(BackgroundCommand member, String name) {
        return events(member.lines().stream(), name);
    }

    private static Stream<JsonNode> events(Stream<String> lines, String name) {
        return lines.filter(line -> line.startsWith("{"))
                .map(VerifiableClientsIT::parse)
                .filter(event -> event.get("name").asText().equals(name));
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
