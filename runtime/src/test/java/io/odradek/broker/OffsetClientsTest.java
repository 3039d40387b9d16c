package io.odradek.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Offsets that Apache Kafka's consumer, transactional producer and Admin client commit, read and delete. */
@Timeout(120)
class OffsetClientsTest {
    private static final String GROUP = "group";
    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final TopicPartition T1 = new TopicPartition("t", 1);

    @TempDir
    Path directory;

    private TransactionalBroker broker;

    @BeforeEach
    void start() throws Exception {
        broker = new TransactionalBroker(directory);
        broker.createTopic("t", 2);
    }

    @AfterEach
    void stop() throws Exception {
        broker.close();
    }

    private KafkaConsumer<String, String> consumer() {
        Map<String, Object> config = new HashMap<>(Map.of(
                "bootstrap.servers", broker.bootstrapServers(), "group.id", GROUP, "enable.auto.commit", "false"));
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }

    private Map<TopicPartition, OffsetAndMetadata> listed() throws Exception {
        return broker.admin
                .listConsumerGroupOffsets(GROUP)
                .partitionsToOffsetAndMetadata()
                .get();
    }

    @Test
    void aConsumerOutsideOfAnyGroup() throws Exception {
        var committed = Map.of(
                T0,
                new OffsetAndMetadata(42, Optional.of(0), "note"),
                T1,
                new OffsetAndMetadata(7, Optional.empty(), ""));
        try (var consumer = consumer()) {
            consumer.assign(List.of(T0, T1));
            consumer.commitSync(committed);
            assertEquals(committed, consumer.committed(Set.of(T0, T1)));
        }
        assertEquals(committed, listed());
        broker.restart();
        assertEquals(committed, listed());
        try (var consumer = consumer()) {
            consumer.assign(List.of(T1));
            assertEquals(7, consumer.position(T1));
        }
    }

    @Test
    void theAdminClient() throws Exception {
        var nine = Map.of(T0, new OffsetAndMetadata(9), T1, new OffsetAndMetadata(9));
        broker.admin.alterConsumerGroupOffsets(GROUP, nine).all().get();
        broker.admin.alterConsumerGroupOffsets("other", nine).all().get();
        assertEquals(nine, listed());

        broker.admin.deleteConsumerGroupOffsets(GROUP, Set.of(T0)).all().get();
        assertEquals(Map.of(T1, new OffsetAndMetadata(9)), listed());

        var one = new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(T0));
        var several = broker.admin
                .listConsumerGroupOffsets(Map.of(GROUP, one, "other", one, "none", new ListConsumerGroupOffsetsSpec()))
                .all()
                .get();
        assertEquals(Collections.singletonMap(T0, null), several.get(GROUP));
        assertEquals(Map.of(T0, new OffsetAndMetadata(9)), several.get("other"));
        assertEquals(Map.of(), several.get("none"));

        broker.admin.deleteConsumerGroups(List.of("other")).all().get();
        var gone = assertThrows(ExecutionException.class, () -> broker.admin
                .deleteConsumerGroupOffsets("other", Set.of(T0))
                .all()
                .get());
        assertInstanceOf(GroupIdNotFoundException.class, gone.getCause());
    }

    @Test
    void ofATopicThatIsNotThere() {
        var failure = assertThrows(ExecutionException.class, () -> broker.admin
                .alterConsumerGroupOffsets(GROUP, Map.of(new TopicPartition("none", 0), new OffsetAndMetadata(1)))
                .all()
                .get());
        assertInstanceOf(UnknownTopicOrPartitionException.class, failure.getCause());
    }

    @Test
    void ofATopicThatIsDeleted() throws Exception {
        broker.admin
                .alterConsumerGroupOffsets(GROUP, Map.of(T0, new OffsetAndMetadata(9)))
                .all()
                .get();
        broker.admin.deleteTopics(List.of("t")).all().get();
        Awaitility.await().until(() -> listed().isEmpty());
        broker.createTopic("t", 2);
        try (var consumer = consumer()) {
            assertNull(consumer.committed(Set.of(T0)).get(T0));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void withATransaction(int version) throws Exception {
        if (version != 2) {
            broker.transactionVersion(version);
        }
        var producer = broker.producer("id");
        producer.initTransactions();

        producer.beginTransaction();
        producer.sendOffsetsToTransaction(Map.of(T0, new OffsetAndMetadata(5)), new ConsumerGroupMetadata(GROUP));
        assertEquals(Map.of(), listed());
        try (var consumer = consumer()) {
            assertThrows(TimeoutException.class, () -> consumer.committed(Set.of(T0), Duration.ofMillis(300)));
            producer.commitTransaction();
            assertEquals(5, consumer.committed(Set.of(T0)).get(T0).offset());
        }

        producer.beginTransaction();
        producer.sendOffsetsToTransaction(Map.of(T0, new OffsetAndMetadata(6)), new ConsumerGroupMetadata(GROUP));
        producer.abortTransaction();
        assertEquals(Map.of(T0, new OffsetAndMetadata(5)), listed());

        producer.beginTransaction();
        producer.sendOffsetsToTransaction(Map.of(T0, new OffsetAndMetadata(7)), new ConsumerGroupMetadata(GROUP));
        broker.restart();
        producer.commitTransaction();
        try (var consumer = consumer()) {
            assertEquals(7, consumer.committed(Set.of(T0)).get(T0).offset());
        }
    }
}
