package io.odradek.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.TextNode;
import io.odradek.broker.Broker;
import io.odradek.config.BrokerConfig;
import io.odradek.peer.ApacheKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same script against a real Apache Kafka and against this broker: results and error codes are the same, but for what
 * {@code docs/compatibility.md} lists. Steps build on each other and run in order, each on both brokers before the next.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DifferentialIT {
    /** Apache Kafka applies some changes a moment after it answered; so long it may take to agree. */
    private static final Duration SETTLING = Duration.ofSeconds(3);

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ApacheKafka kafka;
    private Broker odradek;
    private Peer theirs;
    private Peer ours;

    @BeforeAll
    void start(@TempDir Path directory) throws IOException {
        kafka = ApacheKafka.start(Files.createDirectory(directory.resolve("kafka")), DifferentialScript.SETTINGS);
        var settings = new HashMap<>(DifferentialScript.SETTINGS);
        settings.put("node.id", "1");
        settings.put("listeners", "PLAINTEXT://localhost:0");
        settings.put("log.dirs", directory.resolve("odradek").toString());
        odradek = Broker.start(BrokerConfig.of(settings));
        theirs = new Peer(kafka.bootstrapServer());
        ours = new Peer("localhost:" + odradek.port("PLAINTEXT"));
    }

    @AfterAll
    void stop() {
        Stream.<AutoCloseable>of(theirs, ours, odradek, kafka)
                .filter(c -> c != null)
                .forEach(closeable -> {
                    try {
                        closeable.close();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    @TestFactory
    Stream<DynamicTest> bothAnswerTheSame() {
        return DifferentialScript.steps().stream()
                .map(step -> DynamicTest.dynamicTest(step.name(), () -> compare(step)));
    }

    private void compare(Script.Step step) throws JsonProcessingException {
        var our = answer(step, ours);
        var their = answer(step, theirs);
        if (!their.equals(our) && step.repeatable()) {
            their = settled(step, our);
        }
        if (DifferentialScript.CHOSEN.contains(step.name())) {
            assertNotEquals(their, our, "the answers no longer differ");
            return;
        }
        assertEquals(JSON.writeValueAsString(their), JSON.writeValueAsString(our), "Apache Kafka's answer, ours");
    }

    private JsonNode settled(Script.Step step, JsonNode our) {
        try {
            return Awaitility.await()
                    .atMost(SETTLING)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> answer(step, theirs), our::equals);
        } catch (ConditionTimeoutException e) {
            return answer(step, theirs);
        }
    }

    private static JsonNode answer(Script.Step step, Peer peer) {
        try {
            return step.action().apply(peer);
        } catch (RuntimeException e) {
            return TextNode.valueOf("the step failed: " + e);
        }
    }
}
