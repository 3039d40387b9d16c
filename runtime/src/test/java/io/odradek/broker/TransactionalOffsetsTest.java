package io.odradek.broker;

import static io.odradek.broker.TransactionalBroker.send;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Offsets that a producer commits with its transaction: they count when it does. */
@Timeout(120)
class TransactionalOffsetsTest {
    private static final TopicPartition INPUT = new TopicPartition("in", 0);

    @TempDir
    Path directory;

    private TransactionalBroker broker;

    @BeforeEach
    void start() throws Exception {
        broker = new TransactionalBroker(directory);
        broker.createTopic("in", 1);
        broker.createTopic("out", 1);
    }

    @AfterEach
    void stop() throws Exception {
        broker.close();
    }

    private Map<TopicPartition, OffsetAndMetadata> committed(boolean stable) throws Exception {
        return broker.admin
                .listConsumerGroupOffsets("group", new ListConsumerGroupOffsetsOptions().requireStable(stable))
                .partitionsToOffsetAndMetadata()
                .get();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void offsetsGoWithTheTransaction(int version) throws Exception {
        if (version != 2) {
            broker.transactionVersion(version);
        }
        var producer = broker.producer("id");
        var group = new ConsumerGroupMetadata("group");
        producer.initTransactions();

        producer.beginTransaction();
        send(producer, "out", 0, "a");
        producer.sendOffsetsToTransaction(Map.of(INPUT, new OffsetAndMetadata(5)), group);
        assertEquals(Map.of(), committed(false));
        producer.commitTransaction();
        assertEquals(5, committed(true).get(INPUT).offset());

        producer.beginTransaction();
        producer.sendOffsetsToTransaction(Map.of(INPUT, new OffsetAndMetadata(9)), group);
        send(producer, "out", 0, "b");
        producer.abortTransaction();
        assertEquals(5, committed(true).get(INPUT).offset());

        // A group in which nothing but offsets happens is enough for a transaction.
        producer.beginTransaction();
        producer.sendOffsetsToTransaction(Map.of(INPUT, new OffsetAndMetadata(7)), group);
        producer.commitTransaction();
        assertEquals(7, committed(true).get(INPUT).offset());
        broker.restart();
        assertEquals(7, committed(true).get(INPUT).offset());
        assertEquals(List.of("a"), broker.committed("out", 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void offsetsOfAProducerThatDiesAreForgotten(int version) throws Exception {
        if (version != 2) {
            broker.transactionVersion(version);
        }
        var dying = broker.producer("id", "transaction.timeout.ms", "2000");
        dying.initTransactions();
        dying.beginTransaction();
        dying.sendOffsetsToTransaction(Map.of(INPUT, new OffsetAndMetadata(5)), new ConsumerGroupMetadata("group"));
        dying.close(Duration.ZERO);

        Awaitility.await().until(() -> broker.describe("id").state() == TransactionState.COMPLETE_ABORT);
        assertEquals(Map.of(), committed(true));
    }
}
