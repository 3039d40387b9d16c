package io.odradek.broker;

import io.odradek.config.BrokerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A whole broker for transactional clients, with short time-outs and few partitions. */
final class TransactionalBroker implements AutoCloseable {
    private final Map<String, String> settings = new HashMap<>();
    private final List<AutoCloseable> clients = new ArrayList<>();
    private Broker broker;
    final Admin admin;

    TransactionalBroker(Path directory, String... more) {
        settings.putAll(Map.of(
                "node.id", "1",
                "log.dirs", directory.resolve("data").toString(),
                "listeners", "PLAINTEXT://127.0.0.1:0",
                "advertised.listeners", "PLAINTEXT://127.0.0.1:0",
                "transaction.state.log.num.partitions", "3",
                "transaction.state.log.replication.factor", "1",
                "transaction.state.log.min.isr", "1",
                "offsets.topic.num.partitions", "3",
                "offsets.topic.replication.factor", "1",
                "transaction.abort.timed.out.transaction.cleanup.interval.ms", "50"));
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        broker = Broker.start(BrokerConfig.of(settings));
        admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()));
    }

    String bootstrapServers() {
        return "127.0.0.1:" + port();
    }

    int port() {
        return broker.port("PLAINTEXT");
    }

    /** On the same port, so that clients find it again. */
    void restart() {
        restart(() -> {});
    }

    /** @param meanwhile while no broker runs */
    void restart(Runnable meanwhile) {
        settings.put("listeners", "PLAINTEXT://127.0.0.1:" + port());
        settings.put("advertised.listeners", settings.get("listeners"));
        broker.close();
        meanwhile.run();
        broker = Broker.start(BrokerConfig.of(settings));
    }

    void createTopic(String name, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
                .all()
                .get();
    }

    /** What clients do follows this level of {@code transaction.version}. */
    void transactionVersion(int level) throws Exception {
        var type = level == 2 ? FeatureUpdate.UpgradeType.UPGRADE : FeatureUpdate.UpgradeType.SAFE_DOWNGRADE;
        admin.updateFeatures(
                        Map.of("transaction.version", new FeatureUpdate((short) level, type)),
                        new UpdateFeaturesOptions())
                .all()
                .get();
    }

    KafkaProducer<String, String> producer(String transactionalId, String... more) {
        Map<String, Object> config = new HashMap<>(
                Map.of("bootstrap.servers", bootstrapServers(), "transactional.id", transactionalId, "linger.ms", "0"));
        for (int i = 0; i < more.length; i += 2) {
            config.put(more[i], more[i + 1]);
        }
        var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
        clients.add(() -> producer.close(Duration.ZERO));
        return producer;
    }

    static void send(KafkaProducer<String, String> producer, String topic, int partition, String value)
            throws Exception {
        try {
            producer.send(new ProducerRecord<>(topic, partition, null, value)).get();
        } catch (ExecutionException e) {
            throw (Exception) e.getCause();
        }
    }

    /** The values up to where a reader of this isolation gets. */
    List<String> values(String topic, int partition, String isolation) {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrapServers(), "isolation.level", isolation);
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            var tp = new TopicPartition(topic, partition);
            consumer.assign(List.of(tp));
            consumer.seekToBeginning(List.of(tp));
            long end = consumer.endOffsets(List.of(tp)).get(tp);
            var values = new ArrayList<String>();
            while (consumer.position(tp) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(r -> values.add(r.value()));
            }
            return values;
        }
    }

    List<String> committed(String topic, int partition) {
        return values(topic, partition, "read_committed");
    }

    long endOffset(String topic, int partition, String isolation) {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrapServers(), "isolation.level", isolation);
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            var tp = new TopicPartition(topic, partition);
            return consumer.endOffsets(List.of(tp)).get(tp);
        }
    }

    TransactionDescription describe(String transactionalId) throws Exception {
        return admin.describeTransactions(List.of(transactionalId)).all().get().get(transactionalId);
    }

    @Override
    public void close() throws Exception {
        for (var client : clients) {
            client.close();
        }
        admin.close();
        broker.close();
    }
}
