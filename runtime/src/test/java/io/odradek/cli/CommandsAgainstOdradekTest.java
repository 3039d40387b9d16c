package io.odradek.cli;

import io.odradek.broker.Broker;
import io.odradek.config.BrokerConfig;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class CommandsAgainstOdradekTest extends CommandScenarios {
    @TempDir
    static Path data;

    private static Broker broker;

    @BeforeAll
    static void start() {
        broker = Broker.start(BrokerConfig.of(Map.of(
                "listeners",
                "PLAINTEXT://localhost:0",
                "log.dirs",
                data.toString(),
                "auto.create.topics.enable",
                "false")));
    }

    @AfterAll
    static void stop() {
        if (broker != null) {
            broker.close();
        }
    }

    @Override
    String bootstrapServer() {
        return "localhost:" + broker.port("PLAINTEXT");
    }
}
