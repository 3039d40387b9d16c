package io.odradek.cli;

import io.odradek.peer.ApacheKafka;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The commands talk nothing but the Kafka protocol. */
class CommandsAgainstApacheKafkaTest extends CommandScenarios {
    @TempDir
    static Path data;

    private static ApacheKafka kafka;

    @BeforeAll
    static void start() throws IOException {
        kafka = ApacheKafka.start(data, Map.of("auto.create.topics.enable", "false"));
    }

    @AfterAll
    static void stop() {
        if (kafka != null) {
            kafka.close();
        }
    }

    @Override
    String bootstrapServer() {
        return kafka.bootstrapServer();
    }
}
