package io.odradek.ecosystem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kafka Connect, distributed over two workers, with exactly-once sources: two files to two topics to two other files, while
 * workers and the broker are killed.
 */
class ConnectIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int PROGRESS = 100;

    @TempDir
    Path home;

    private Node node;
    private Admin admin;
    private ConnectWorker first;
    private ConnectWorker second;

    @BeforeEach
    void start() throws Exception {
        node = Node.underTest(home.resolve("broker"), Map.of("group.initial.rebalance.delay.ms", "0"));
        admin = Admin.create(Map.of("bootstrap.servers", node.bootstrap(), "reconnect.backoff.max.ms", "100"));
        first = new ConnectWorker(home, "first", node.bootstrap()).start();
        second = new ConnectWorker(home, "second", node.bootstrap()).start();
        first.awaitStart();
        second.awaitStart();
    }

    @AfterEach
    void stop() {
        first.close();
        second.close();
        admin.close();
        node.close();
    }

    @Test
    void nothingIsLostAndNothingProducedTwiceWhateverIsKilled() throws Exception {
        try (var apples = new GrowingFile(home.resolve("apples"));
                var pears = new GrowingFile(home.resolve("pears"))) {
            createSource(first, apples);
            createSource(second, pears);
            createSink(first, "apples");
            createSink(second, "pears");
            var all = Set.of("apples-source", "pears-source", "apples-sink", "pears-sink");
            first.rest().awaitRunning(all, Set.of(first.id(), second.id()));
            awaitProgress(apples, pears);

            var killed = first.id().equals(second.rest().workerOf("apples-source")) ? first : second;
            var survivor = killed == first ? second : first;
            killed.kill();
            survivor.rest().awaitRunning(all, Set.of(survivor.id()));
            awaitProgress(apples, pears);

            killed.start().awaitStart();
            survivor.rest().awaitRunning(all, Set.of(first.id(), second.id()));
            node.kill();
            node.start();
            awaitProgress(apples, pears);

            checkCopied(apples);
            checkCopied(pears);
        }
        checkInternalTopics();
        checkRest();
    }

    private static void createSource(ConnectWorker worker, GrowingFile file) throws Exception {
        var topic = file.path().getFileName().toString();
        worker.rest()
                .create(
                        topic + "-source",
                        Map.of(
                                "connector.class", "org.apache.kafka.connect.file.FileStreamSourceConnector",
                                "exactly.once.support", "required",
                                "file", file.path().toString(),
                                "topic", topic,
                                "topic.creation.default.partitions", "1",
                                "topic.creation.default.replication.factor", "1"));
    }

    private void createSink(ConnectWorker worker, String topic) throws Exception {
        worker.rest()
                .create(
                        topic + "-sink",
                        Map.of(
                                "connector.class",
                                "org.apache.kafka.connect.file.FileStreamSinkConnector",
                                "file",
                                sink(topic).toString(),
                                "topics",
                                topic));
    }

    private Path sink(String topic) {
        return home.resolve(topic + "-sink");
    }

    /** Waits until lines that were written just now have come to the other end. */
    private void awaitProgress(GrowingFile... files) {
        for (var file : files) {
            awaitLine(file, file.size() + PROGRESS);
        }
    }

    private void awaitLine(GrowingFile file, int number) {
        var name = file.path().getFileName().toString();
        Awaitility.await(number + " lines of " + name)
                .atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> {
                    try (Stream<String> lines = Files.lines(sink(name))) {
                        return lines.anyMatch((name + " line " + number)::equals);
                    }
                });
    }

    private void checkCopied(GrowingFile file) throws Exception {
        var topic = file.path().getFileName().toString();
        var written = file.finish();
        awaitLine(file, written.size() - 1);
        assertEquals(
                written.stream().map(line -> '"' + line + '"').toList(),
                values(topic),
                "the source produced every line once");
        assertEquals(List.of(), missing(written, sink(topic)), "the sink wrote every line");
    }

    /** A sink may write a line again, and after half a line, if it was killed. */
    private static List<String> missing(List<String> written, Path file) throws IOException {
        var text = Files.readString(file);
        var lines = text.lines().collect(Collectors.toSet());
        return written.stream()
                .filter(line -> !lines.contains(line) && !text.contains(line + "\n"))
                .toList();
    }

    private List<String> values(String topic) {
        return CommittedRecords.read(node.bootstrap(), topic).stream()
                .map(record -> record.value())
                .toList();
    }

    private void checkInternalTopics() throws Exception {
        for (var kind : List.of("offset", "config", "status")) {
            var topic = ConnectWorker.GROUP + "-" + kind;
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
            var configs = admin.describeConfigs(List.of(resource)).all().get().get(resource);
            assertEquals(
                    TopicConfig.CLEANUP_POLICY_COMPACT,
                    configs.get(TopicConfig.CLEANUP_POLICY_CONFIG).value());
            assertFalse(CommittedRecords.read(node.bootstrap(), topic).isEmpty(), topic);
        }
    }

    private void checkRest() throws Exception {
        var rest = first.rest();
        assertEquals(
                admin.describeCluster().clusterId().get(),
                rest.get("/").path("kafka_cluster_id").asText());
        assertTrue(StreamSupport.stream(rest.get("/connector-plugins").spliterator(), false)
                .anyMatch(plugin -> plugin.path("class").asText().endsWith("FileStreamSourceConnector")));
        assertEquals(
                "apples",
                rest.get("/connectors/apples-source/topics")
                        .at("/apples-source/topics/0")
                        .asText());

        rest.put("/connectors/apples-source/pause", null);
        rest.awaitState("apples-source", "PAUSED");
        rest.put("/connectors/apples-source/resume", null);
        rest.awaitState("apples-source", "RUNNING");
        rest.post("/connectors/apples-source/restart?includeTasks=true&onlyFailed=false", null);
        rest.awaitState("apples-source", "RUNNING");

        var before = values("apples");
        stop("apples-source");
        var offset = offset("apples-source");
        assertEquals(
                Files.size(home.resolve("apples")),
                offset.at("/offset/position").asLong());
        rest.patch(
                "/connectors/apples-source/offsets",
                Map.of(
                        "offsets",
                        List.of(Map.of(
                                "partition",
                                Map.of("filename", home.resolve("apples").toString()),
                                "offset",
                                Map.of("position", 0)))));
        rest.put("/connectors/apples-source/resume", null);
        Awaitility.await("the file to be read again")
                .atMost(PATIENCE)
                .until(() -> values("apples").size() == 2 * before.size());
        assertEquals(Stream.concat(before.stream(), before.stream()).toList(), values("apples"));

        var end = admin.listConsumerGroupOffsets("connect-pears-sink")
                .partitionsToOffsetAndMetadata()
                .get()
                .values()
                .iterator()
                .next()
                .offset();
        stop("pears-sink");
        assertEquals(end, offset("pears-sink").at("/offset/kafka_offset").asLong());
        rest.delete("/connectors/pears-sink/offsets");
        assertTrue(rest.get("/connectors/pears-sink/offsets").path("offsets").isEmpty());

        rest.delete("/connectors/pears-sink");
        Awaitility.await("the connector to be gone").atMost(PATIENCE).until(() -> !names(rest.get("/connectors"))
                .contains("pears-sink"));
    }

    private void stop(String connector) throws Exception {
        first.rest().put("/connectors/" + connector + "/stop", null);
        Awaitility.await(connector + " to be stopped").atMost(PATIENCE).until(() -> {
            var status = first.rest().get("/connectors/" + connector + "/status");
            return status.at("/connector/state").asText().equals("STOPPED")
                    && status.path("tasks").isEmpty();
        });
    }

    private JsonNode offset(String connector) throws Exception {
        return first.rest().get("/connectors/" + connector + "/offsets").at("/offsets/0");
    }

    private static List<String> names(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }
}
