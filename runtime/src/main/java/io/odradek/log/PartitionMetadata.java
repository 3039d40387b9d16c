package io.odradek.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.Uuid;

/** Kafka's {@code partition.metadata}: the id of the topic a log's directory belongs to. */
final class PartitionMetadata {
    static final String FILE_NAME = "partition.metadata";

    private PartitionMetadata() {}

    /** {@link Uuid#ZERO_UUID} if there is none, or a crash left an incomplete one. */
    static Uuid readTopicId(Path directory) throws IOException {
        var file = directory.resolve(FILE_NAME);
        if (!Files.exists(file)) {
            return Uuid.ZERO_UUID;
        }
        for (var line : Files.readAllLines(file)) {
            if (line.startsWith("topic_id:")) {
                try {
                    return Uuid.fromString(line.substring("topic_id:".length()).strip());
                } catch (IllegalArgumentException e) {
                    return Uuid.ZERO_UUID;
                }
            }
        }
        return Uuid.ZERO_UUID;
    }

    /** Not forced: a directory without it takes the id of the topic that asks for it first. */
    static void write(Path directory, Uuid topicId) throws IOException {
        CheckpointFile.replace(directory.resolve(FILE_NAME), "version: 0\ntopic_id: " + topicId + "\n", false);
    }
}
