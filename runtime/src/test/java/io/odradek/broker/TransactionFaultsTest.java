package io.odradek.broker;

import static io.odradek.broker.TransactionalBroker.send;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.odradek.config.LogConfig;
import io.odradek.log.AppendOrigin;
import io.odradek.log.LogStore;
import io.odradek.log.LogStoreConfig;
import io.odradek.network.TestClient;
import io.odradek.transaction.message.TransactionLogKey;
import io.odradek.transaction.message.TransactionLogValue;
import io.odradek.transaction.message.TransactionLogValue.PartitionsSchema;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Time;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Producers and brokers that die in the middle of a transaction, and transactions that nobody ends. */
@Timeout(120)
class TransactionFaultsTest {
    private static final int CLIENT_WITH_EXPLICIT_PARTITIONS = 9;

    @TempDir
    Path directory;

    private TransactionalBroker broker;

    private void start(String... settings) throws Exception {
        broker = new TransactionalBroker(directory, settings);
        broker.createTopic("t", 2);
    }

    @AfterEach
    void stop() throws Exception {
        broker.close();
    }

    enum Step {
        REGISTERED {
            @Override
            void reach(KafkaProducer<String, String> producer) {
                producer.initTransactions();
            }
        },
        BEGUN {
            @Override
            void reach(KafkaProducer<String, String> producer) throws Exception {
                REGISTERED.reach(producer);
                producer.beginTransaction();
            }
        },
        SENDING {
            @Override
            void reach(KafkaProducer<String, String> producer) throws Exception {
                BEGUN.reach(producer);
                producer.send(new ProducerRecord<>("t", 0, null, "unacknowledged"));
            }
        },
        SENT {
            @Override
            void reach(KafkaProducer<String, String> producer) throws Exception {
                BEGUN.reach(producer);
                send(producer, "t", 0, "half");
                send(producer, "t", 1, "half");
            }
        },
        ABORTED {
            @Override
            void reach(KafkaProducer<String, String> producer) throws Exception {
                SENT.reach(producer);
                producer.abortTransaction();
            }
        };

        abstract void reach(KafkaProducer<String, String> producer) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void whereverAProducerDiesReadersGetOn(Step step) throws Exception {
        start();
        var dying = broker.producer("dying", "transaction.timeout.ms", "2000");
        step.reach(dying);
        dying.close(Duration.ZERO);

        var other = broker.producer("other");
        other.initTransactions();
        other.beginTransaction();
        send(other, "t", 0, "whole");
        send(other, "t", 1, "whole");
        other.commitTransaction();
        for (int partition = 0; partition < 2; partition++) {
            int p = partition;
            Awaitility.await().until(() -> broker.committed("t", p).equals(List.of("whole")));
        }
        var next = broker.producer("dying");
        next.initTransactions();
        next.beginTransaction();
        send(next, "t", 0, "again");
        next.commitTransaction();
        Awaitility.await().until(() -> broker.committed("t", 0).equals(List.of("whole", "again")));
    }

    /** As after kill -9: that the transaction is committed is in the coordinator's log, and no marker is written. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsPreparedIsFinishedByTheNextCoordinator(boolean commits) throws Exception {
        start();
        var producer = broker.producer("id");
        producer.initTransactions();
        producer.beginTransaction();
        send(producer, "t", 0, "a");
        send(producer, "t", 1, "b");
        var before = broker.describe("id");
        broker.restart(() -> prepare("id", before.producerId(), (short) before.producerEpoch(), commits));

        Awaitility.await()
                .until(() -> broker.describe("id").state()
                        == (commits ? TransactionState.COMPLETE_COMMIT : TransactionState.COMPLETE_ABORT));
        assertEquals(commits ? List.of("a") : List.of(), broker.committed("t", 0));
        assertEquals(commits ? List.of("b") : List.of(), broker.committed("t", 1));
        assertEquals(2, broker.endOffset("t", 0, "read_committed"));
    }

    /** Writes into the log of a broker that does not run. */
    private void prepare(String id, long producerId, short epoch, boolean commits) {
        var data = directory.resolve("data");
        var background = Executors.newScheduledThreadPool(1);
        var key = new TransactionLogKey().setTransactionalId(id);
        var value = new TransactionLogValue()
                .setProducerId(producerId)
                .setPreviousProducerId(producerId)
                .setProducerEpoch((short) (epoch + 1))
                .setTransactionTimeoutMs(60_000)
                .setTransactionStatus((byte) (commits ? 2 : 3))
                .setTransactionPartitions(
                        List.of(new PartitionsSchema().setTopic("t").setPartitionIds(List.of(0, 1))))
                .setTransactionStartTimestampMs(1)
                .setTransactionLastUpdateTimestampMs(System.currentTimeMillis())
                .setClientTransactionVersion((short) 2);
        var record = new SimpleRecord(
                MessageUtil.toCoordinatorTypePrefixedBytes(key), MessageUtil.toVersionPrefixedBytes((short) 1, value));
        var clusterId = LogStore.clusterIdOf(List.of(data)).orElseThrow();
        try (var logs = LogStore.open(
                LogStoreConfig.of(List.of(data), clusterId, 1, LogConfig.defaults()), Time.SYSTEM, background)) {
            var partition = Math.abs(id.hashCode()) % 3;
            var log = logs.list().stream()
                    .filter(l -> l.topic().equals("__transaction_state") && l.partition() == partition)
                    .findFirst()
                    .orElseThrow();
            logs.getOrCreate(log, LogConfig.defaults())
                    .append(MemoryRecords.withRecords(Compression.NONE, record), 0, AppendOrigin.COORDINATOR);
        } finally {
            background.shutdownNow();
        }
    }

    @Test
    void aBatchThatNoCoordinatorKnowsOfIsRefused() throws Exception {
        start();
        var producer = broker.producer("id");
        producer.initTransactions();
        var me = broker.describe("id");
        assertEquals(Errors.INVALID_TXN_STATE, produce(me.producerId(), (short) me.producerEpoch(), "id"));
        assertEquals(Errors.INVALID_PRODUCER_ID_MAPPING, produce(me.producerId() + 77, (short) 0, "id"));
        assertEquals(Errors.INVALID_PRODUCER_ID_MAPPING, produce(me.producerId(), (short) 0, "stranger"));
        assertEquals(0, broker.endOffset("t", 0, "read_uncommitted"));
    }

    @Test
    void aHangingTransactionIsFoundAndAborted() throws Exception {
        start("transaction.partition.verification.enable", "false");
        assertEquals(Errors.NONE, produce(4711, (short) 3, "nobody"));
        var other = broker.producer("other");
        other.initTransactions();
        other.beginTransaction();
        send(other, "t", 0, "behind");
        other.commitTransaction();
        assertEquals(List.of(), broker.committed("t", 0));

        var partition = new TopicPartition("t", 0);
        var hanging =
                broker
                        .admin
                        .describeProducers(List.of(partition))
                        .partitionResult(partition)
                        .get()
                        .activeProducers()
                        .stream()
                        .filter(p -> p.currentTransactionStartOffset().isPresent())
                        .toList();
        assertEquals(1, hanging.size());
        assertEquals(4711, hanging.get(0).producerId());
        broker.admin
                .abortTransaction(new AbortTransactionSpec(partition, 4711, (short) 3, 0))
                .all()
                .get();
        assertEquals(List.of("behind"), broker.committed("t", 0));
    }

    @Test
    void compactionKeepsAbortedRecordsAway() throws Exception {
        start("log.cleaner.backoff.ms", "50");
        broker.admin
                .createTopics(List.of(new NewTopic("c", 1, (short) 1)
                        .configs(Map.of(
                                "cleanup.policy", "compact",
                                "min.cleanable.dirty.ratio", "0.001",
                                "segment.ms", "100",
                                "delete.retention.ms", "0"))))
                .all()
                .get();
        var producer = broker.producer("id");
        producer.initTransactions();
        for (int i = 0; i < 20; i++) {
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("c", 0, "key", (i % 2 == 0 ? "committed" : "aborted") + i));
            producer.send(new ProducerRecord<>("c", 0, "key" + i, (i % 2 == 0 ? "committed" : "aborted") + i));
            if (i % 2 == 0) {
                producer.commitTransaction();
            } else {
                producer.abortTransaction();
            }
        }
        // Each further record may roll the segment before it.
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("c", 0, "roll", "roll"));
            producer.commitTransaction();
            return broker.values("c", 0, "read_uncommitted").stream().noneMatch(v -> v.startsWith("aborted"));
        });
        var committed = broker.committed("c", 0);
        for (int i = 0; i < 20; i += 2) {
            assertEquals(true, committed.contains("committed" + i), committed.toString());
        }
        assertFalse(committed.stream().anyMatch(v -> v.startsWith("aborted")), committed.toString());
    }

    /** As a client that forgot AddPartitionsToTxn. */
    private Errors produce(long producerId, short epoch, String transactionalId) throws Exception {
        var records = MemoryRecords.withTransactionalRecords(
                Compression.NONE, producerId, epoch, 0, new SimpleRecord("hanging".getBytes()));
        var request = new ProduceRequestData()
                .setTransactionalId(transactionalId)
                .setAcks((short) -1)
                .setTimeoutMs(10_000)
                .setTopicData(new TopicProduceDataCollection(List.of(new TopicProduceData()
                                .setName("t")
                                .setPartitionData(List.of(
                                        new PartitionProduceData().setIndex(0).setRecords(records))))
                        .iterator()));
        try (var client = new TestClient(broker.port())) {
            ProduceResponseData answer = client.call(ApiKeys.PRODUCE, CLIENT_WITH_EXPLICIT_PARTITIONS, request);
            return Errors.forCode(answer.responses()
                    .iterator()
                    .next()
                    .partitionResponses()
                    .get(0)
                    .errorCode());
        }
    }
}
