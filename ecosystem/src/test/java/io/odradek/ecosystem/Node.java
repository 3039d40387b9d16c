package io.odradek.ecosystem;

import io.odradek.it.BrokerProcess;
import io.odradek.peer.ApacheKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A broker of one node in a process of its own; ports and data stay the same over {@link #kill} and {@link #start}. */
interface Node extends AutoCloseable {
    String bootstrap();

    void start() throws Exception;

    /** {@code kill -9}. */
    void kill() throws Exception;

    @Override
    void close();

    /**
     * The broker under test, started: Odradek, or Apache Kafka if the system property {@code odradek.peer} is true.
     *
     * @param settings broker settings by Kafka's names
     */
    static Node underTest(Path home, Map<String, String> settings) throws Exception {
        return Boolean.getBoolean("odradek.peer") ? apacheKafka(home, settings) : odradek(home, settings);
    }

    static Node apacheKafka(Path home, Map<String, String> settings) throws Exception {
        var kafka = ApacheKafka.start(Files.createDirectories(home), settings);
        return new Node() {
            @Override
            public String bootstrap() {
                return kafka.bootstrapServer();
            }

            @Override
            public void start() throws Exception {
                kafka.start();
            }

            /**
             * Asked to end, not killed: at its start a single Apache Kafka takes partitions that have no leader yet for
             * deleted ones, and never writes the markers of transactions that were about to end (4.3.1).
             */
            @Override
            public void kill() throws InterruptedException {
                kafka.terminate();
            }

            @Override
            public void close() {
                kafka.close();
            }
        };
    }

    private static Node odradek(Path home, Map<String, String> settings) throws Exception {
        var broker = BrokerProcess.in(home);
        settings.forEach(
                (name, value) -> broker.with("KAFKA_" + name.toUpperCase().replace('.', '_'), value));
        broker.start();
        return new Node() {
            @Override
            public String bootstrap() {
                return broker.bootstrap();
            }

            @Override
            public void start() throws Exception {
                broker.start();
            }

            @Override
            public void kill() throws Exception {
                broker.kill();
            }

            @Override
            public void close() {
                broker.close();
            }
        };
    }
}
