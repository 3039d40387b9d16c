package io.odradek.it;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that shares no code with Kafka: kafkajs, pure JavaScript. */
class KafkaJsIT {
    private static final String KAFKAJS = "kafkajs@2.2.4";

    @TempDir
    static Path home;

    private static Path project;
    private static BrokerProcess broker;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Commands.exists("node") && Commands.exists("npm"), "node and npm are not installed");
        project = Files.createDirectories(Path.of("target", "kafkajs").toAbsolutePath());
        if (!Files.exists(project.resolve("node_modules/kafkajs"))) {
            var install =
                    List.of("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--prefix", ".", KAFKAJS);
            Commands.run(project, "", install).expectSuccess();
        }
        broker = BrokerProcess.in(home)
                .with("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
                .start();
    }

    @AfterAll
    static void stop() {
        if (broker != null) {
            broker.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"roundtrip.js", "groups.js"})
    void runsToItsEnd(String program) throws Exception {
        Files.copy(
                Path.of("src", "test", "js", program), project.resolve(program), StandardCopyOption.REPLACE_EXISTING);
        var output = Commands.run(project, "", List.of("node", program, broker.bootstrap()))
                .expectSuccess();
        assertTrue(output.endsWith("OK\n"), output);
    }
}
