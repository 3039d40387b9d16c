package io.odradek.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;

/**
 * Where partitions are to go: as text, {@code orders:0=2,3}, or as a file in the form of Kafka's
 * {@code kafka-reassign-partitions} ({@code {"version": 1, "partitions": [{"topic": "orders", "partition": 0, "replicas":
 * [2, 3], "log_dirs": ["any", "/disk2"]}]}}).
 */
final class ReassignmentPlan {
    /** In {@code log_dirs}: wherever the broker likes. */
    private static final String ANY_DIRECTORY = "any";

    private final Map<TopicPartition, List<Integer>> targets = new LinkedHashMap<>();
    private final Map<TopicPartitionReplica, String> directories = new LinkedHashMap<>();

    Map<TopicPartition, List<Integer>> targets() {
        return targets;
    }

    /** In which log directories of their brokers replicas are to be; those that may be in any are not here. */
    Map<TopicPartitionReplica, String> directories() {
        return directories;
    }

    private void add(TopicPartition partition, List<Integer> replicas) {
        if (targets.put(partition, List.copyOf(replicas)) != null) {
            throw new CommandFailure("partition " + PartitionText.of(partition) + " is there twice");
        }
    }

    ReassignmentPlan add(String text) {
        int equals = text.lastIndexOf('=');
        if (equals < 0) {
            throw new CommandFailure("'" + text + "' says no brokers: write TOPIC:NUMBER=BROKER,BROKER");
        }
        var replicas = new ArrayList<Integer>();
        for (var broker : text.substring(equals + 1).split(",", -1)) {
            try {
                replicas.add(Integer.valueOf(broker.trim()));
            } catch (NumberFormatException e) {
                throw new CommandFailure("'" + broker + "' in '" + text + "' is no broker id", e);
            }
        }
        add(PartitionText.parse(text.substring(0, equals)), replicas);
        return this;
    }

    ReassignmentPlan addFile(Path file) {
        try (var parser = new JsonFactory().createParser(Files.readAllBytes(file))) {
            expect(parser, parser.nextToken(), JsonToken.START_OBJECT);
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var field = parser.currentName();
                var value = parser.nextToken();
                if (field.equals("partitions")) {
                    expect(parser, value, JsonToken.START_ARRAY);
                    while (parser.nextToken() == JsonToken.START_OBJECT) {
                        readPartition(parser);
                    }
                } else {
                    parser.skipChildren();
                }
            }
        } catch (IOException e) {
            throw new CommandFailure(file + ": " + Failures.oneLine(e), e);
        }
        return this;
    }

    private void readPartition(JsonParser parser) throws IOException {
        String topic = null;
        int partition = -1;
        var replicas = new ArrayList<Integer>();
        var logDirs = new ArrayList<String>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var field = parser.currentName();
            var value = parser.nextToken();
            switch (field) {
                case "topic" -> topic = parser.getText();
                case "partition" -> partition = parser.getIntValue();
                case "replicas" -> {
                    expect(parser, value, JsonToken.START_ARRAY);
                    while (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
                        replicas.add(parser.getIntValue());
                    }
                }
                case "log_dirs" -> {
                    expect(parser, value, JsonToken.START_ARRAY);
                    while (parser.nextToken() == JsonToken.VALUE_STRING) {
                        logDirs.add(parser.getText());
                    }
                }
                default -> parser.skipChildren();
            }
        }
        if (topic == null || partition < 0 || replicas.isEmpty()) {
            throw new CommandFailure("a partition of the plan lacks its topic, its number or its replicas");
        }
        add(new TopicPartition(topic, partition), replicas);
        place(topic, partition, replicas, logDirs);
    }

    private void place(String topic, int partition, List<Integer> replicas, List<String> logDirs) {
        if (!logDirs.isEmpty() && logDirs.size() != replicas.size()) {
            throw new CommandFailure("partition " + PartitionText.of(topic, partition) + " of the plan has "
                    + replicas.size() + " replicas and " + logDirs.size() + " log_dirs");
        }
        for (int i = 0; i < logDirs.size(); i++) {
            if (!logDirs.get(i).equals(ANY_DIRECTORY)) {
                directories.put(new TopicPartitionReplica(topic, partition, replicas.get(i)), logDirs.get(i));
            }
        }
    }

    private static void expect(JsonParser parser, JsonToken token, JsonToken expected) {
        if (token != expected) {
            throw new CommandFailure("the plan is not in the form of kafka-reassign-partitions at line "
                    + parser.currentLocation().getLineNr());
        }
    }
}
