package io.odradek.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.transaction.message.TransactionLogValue;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.serialization.IntegerDeserializer;
import org.apache.kafka.common.serialization.IntegerSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker killed between a transaction's prepare and its completion, when it has told the client already. */
class TransactionCrashIT {
    private static final String TOPIC = "wide";
    private static final String TRANSACTIONAL_ID = "crash";
    /** So many markers that the completion takes longer than a kill. */
    private static final int PARTITIONS = 500;

    private static final int MOST_KILLS = 40;
    private static final byte PREPARE_COMMIT = 2;
    private static final byte PREPARE_ABORT = 3;

    @TempDir
    Path home;

    @Test
    void aTransactionThatWasPreparedIsCompletedByTheNextStart() throws Exception {
        try (var broker = BrokerProcess.in(home)
                .with("KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS", "1")
                .start()) {
            try (var admin = admin(broker)) {
                admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                        .all()
                        .get();
            }
            var committed = new ArrayList<Integer>();
            boolean commitCut = false;
            boolean abortCut = false;
            for (int i = 0; i < MOST_KILLS && !(commitCut && abortCut); i++) {
                boolean commit = !commitCut;
                transaction(broker, i, commit);
                var state = lastState(broker);
                commitCut |= state == PREPARE_COMMIT;
                abortCut |= state == PREPARE_ABORT;
                if (commit) {
                    committed.add(i);
                }
                broker.start();
                awaitCompletion(broker, commit ? TransactionState.COMPLETE_COMMIT : TransactionState.COMPLETE_ABORT);
                checkContents(broker, committed);
            }
            assertTrue(commitCut && abortCut, "no kill came in time in " + MOST_KILLS);
        }
    }

    /** A record for each partition; the broker is dead when the client has its answer. */
    private static void transaction(BrokerProcess broker, int number, boolean commit) throws Exception {
        var settings = Map.<String, Object>of(
                "bootstrap.servers",
                broker.bootstrap(),
                "transactional.id",
                TRANSACTIONAL_ID,
                "reconnect.backoff.max.ms",
                "100");
        try (var producer = new KafkaProducer<>(settings, new IntegerSerializer(), new IntegerSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                producer.send(new ProducerRecord<>(TOPIC, partition, null, number));
            }
            if (commit) {
                producer.commitTransaction();
            } else {
                producer.flush();
                producer.abortTransaction();
            }
            broker.kill();
            producer.close(Duration.ZERO);
        }
    }

    /** What the coordinator's log says last of the one transactional id. */
    private static byte lastState(BrokerProcess broker) throws IOException {
        var segment = broker.data().resolve("__transaction_state-0").resolve("00000000000000000000.log");
        byte state = -1;
        try (var records = FileRecords.open(segment.toFile(), false)) {
            for (var record : records.records()) {
                var value = record.value();
                state = new TransactionLogValue(new ByteBufferAccessor(value), value.getShort()).transactionStatus();
            }
        }
        return state;
    }

    private static void awaitCompletion(BrokerProcess broker, TransactionState state) {
        try (var admin = admin(broker)) {
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> admin.describeTransactions(List.of(TRANSACTIONAL_ID))
                            .description(TRANSACTIONAL_ID)
                            .get()
                            .state()
                            .equals(state));
        }
    }

    /** Every partition has what was committed, in order, for a consumer that waits for transactions to end. */
    private static void checkContents(BrokerProcess broker, List<Integer> committed) {
        var partitions = IntStream.range(0, PARTITIONS)
                .mapToObj(p -> new TopicPartition(TOPIC, p))
                .toList();
        var settings = Map.<String, Object>of(
                "bootstrap.servers", broker.bootstrap(),
                "isolation.level", "read_committed",
                "auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(settings, new IntegerDeserializer(), new IntegerDeserializer())) {
            consumer.assign(partitions);
            var ends = consumer.endOffsets(partitions);
            var read = new HashMap<TopicPartition, List<Integer>>();
            await().atMost(Duration.ofSeconds(60)).pollInSameThread().until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> read.computeIfAbsent(
                                new TopicPartition(record.topic(), record.partition()), p -> new ArrayList<>())
                        .add(record.value()));
                return partitions.stream().allMatch(p -> consumer.position(p) >= ends.get(p));
            });
            for (var partition : partitions) {
                assertEquals(committed, read.getOrDefault(partition, List.of()), partition.toString());
            }
        }
    }

    private static Admin admin(BrokerProcess broker) {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrap(), "reconnect.backoff.max.ms", "100"));
    }
}
