package io.odradek.it;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that shares no code with Kafka: kafkajs, pure JavaScript. */
class KafkaJsIT {
    private static final String KAFKAJS = "kafkajs@2.2.4";

    @TempDir
    Path home;

    @Test
    void adminProducerAndFetch() throws Exception {
        assumeTrue(Commands.exists("node") && Commands.exists("npm"), "node and npm are not installed");
        var project = Files.createDirectories(Path.of("target", "kafkajs").toAbsolutePath());
        Files.copy(
                Path.of("src", "test", "js", "roundtrip.js"),
                project.resolve("roundtrip.js"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        if (!Files.exists(project.resolve("node_modules/kafkajs"))) {
            var install =
                    List.of("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--prefix", ".", KAFKAJS);
            Commands.run(project, "", install).expectSuccess();
        }
        try (var broker = BrokerProcess.in(home).start()) {
            var output = Commands.run(project, "", List.of("node", "roundtrip.js", broker.bootstrap()))
                    .expectSuccess();
            assertTrue(output.endsWith("OK\n"), output);
        }
    }
}
