package io.odradek.broker;

import io.odradek.network.TestClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One {@link BesiegedBroker} for all tests of a class, which must be unharmed after each of them, and have lost nothing at
 * the end. Register it in a static field.
 */
final class Siege implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
    private final String topic;
    private final int partitions;
    private final String[] settings;
    private Path directory;
    private BesiegedBroker broker;
    private TestClient client;

    private Siege(String topic, int partitions, String... settings) {
        this.topic = topic;
        this.partitions = partitions;
        this.settings = settings;
    }

    /** @param settings names and values in turn */
    static Siege ofTopic(String topic, int partitions, String... settings) {
        return new Siege(topic, partitions, settings);
    }

    BesiegedBroker broker() {
        return broker;
    }

    /** The attacker's connection, a new one for each test that asks. */
    TestClient client() throws IOException {
        if (client == null) {
            client = broker.connect();
        }
        return client;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        directory = Files.createTempDirectory("siege");
        broker = BesiegedBroker.start(directory, settings);
        broker.createTopic(topic, partitions);
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        if (client != null) {
            client.close();
            client = null;
        }
        broker.assertUnharmed();
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        broker.close();
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
