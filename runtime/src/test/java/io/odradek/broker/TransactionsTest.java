package io.odradek.broker;

import static io.odradek.broker.TransactionalBroker.send;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Apache Kafka's transactional producer, of each transaction version, against a whole broker. */
@Timeout(120)
class TransactionsTest {
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

    private void version(int version) throws Exception {
        if (version != 2) {
            broker.transactionVersion(version);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void whatIsCommittedIsReadAndWhatIsAbortedIsNot(int version) throws Exception {
        version(version);
        var producer = broker.producer("id");
        producer.initTransactions();
        for (int i = 0; i < 6; i++) {
            producer.beginTransaction();
            send(producer, "t", 0, "a" + i);
            send(producer, "t", 1, "b" + i);
            if (i % 2 == 0) {
                producer.commitTransaction();
            } else {
                producer.abortTransaction();
            }
        }
        assertEquals(List.of("a0", "a2", "a4"), broker.committed("t", 0));
        assertEquals(List.of("b0", "b2", "b4"), broker.committed("t", 1));
        assertEquals(List.of("a0", "a1", "a2", "a3", "a4", "a5"), broker.values("t", 0, "read_uncommitted"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whatIsOpenHoldsReadersBack(int version) throws Exception {
        version(version);
        var producer = broker.producer("id");
        producer.initTransactions();
        producer.beginTransaction();
        send(producer, "t", 0, "open");

        assertEquals(0, broker.endOffset("t", 0, "read_committed"));
        assertEquals(1, broker.endOffset("t", 0, "read_uncommitted"));
        assertEquals(List.of(), broker.committed("t", 0));
        assertEquals(TransactionState.ONGOING, broker.describe("id").state());

        producer.commitTransaction();
        Awaitility.await().until(() -> broker.describe("id").state() == TransactionState.COMPLETE_COMMIT);
        assertEquals(2, broker.endOffset("t", 0, "read_committed"));
        assertEquals(List.of("open"), broker.committed("t", 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void theNewerOfTwoProducersFencesTheOlder(int version) throws Exception {
        version(version);
        var older = broker.producer("id");
        older.initTransactions();
        older.beginTransaction();
        send(older, "t", 0, "of the older");

        var newer = broker.producer("id");
        newer.initTransactions();
        if (version == 2) {
            // The broker adds the partition itself, and answers the produce; that the producer is fenced it learns
            // then.
            assertThrows(InvalidProducerEpochException.class, () -> send(older, "t", 1, "too late"));
            assertThrows(ProducerFencedException.class, older::abortTransaction);
        } else {
            assertThrows(ProducerFencedException.class, () -> send(older, "t", 1, "too late"));
        }

        newer.beginTransaction();
        send(newer, "t", 0, "of the newer");
        newer.commitTransaction();
        assertEquals(List.of("of the newer"), broker.committed("t", 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aProducerThatDiesIsAbortedAndReadersGetOn(int version) throws Exception {
        version(version);
        var dying = broker.producer("dying", "transaction.timeout.ms", "2000");
        dying.initTransactions();
        dying.beginTransaction();
        send(dying, "t", 0, "half");
        dying.close(Duration.ZERO);

        var other = broker.producer("other");
        other.initTransactions();
        other.beginTransaction();
        send(other, "t", 0, "whole");
        other.commitTransaction();

        Awaitility.await().until(() -> broker.committed("t", 0).equals(List.of("whole")));
        Awaitility.await().until(() -> broker.describe("dying").state() == TransactionState.COMPLETE_ABORT);
    }

    @Test
    void anAbortWithNothingWrittenIsOne() {
        var producer = broker.producer("id");
        producer.initTransactions();
        for (int i = 0; i < 3; i++) {
            producer.beginTransaction();
            producer.abortTransaction();
            producer.beginTransaction();
            producer.commitTransaction();
        }
    }

    @Test
    void transactionsSurviveARestart() throws Exception {
        var producer = broker.producer("id");
        producer.initTransactions();
        producer.beginTransaction();
        send(producer, "t", 0, "before");
        broker.restart();
        send(producer, "t", 1, "after");
        producer.commitTransaction();
        assertEquals(List.of("before"), broker.committed("t", 0));
        assertEquals(List.of("after"), broker.committed("t", 1));
    }

    @Test
    void adminListsAndDescribes() throws Exception {
        var producer = broker.producer("mine");
        producer.initTransactions();
        broker.producer("yours").initTransactions();
        producer.beginTransaction();
        send(producer, "t", 1, "x");

        var all = broker.admin.listTransactions().all().get();
        assertEquals(2, all.size());
        var ongoing = broker.admin
                .listTransactions(new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING)))
                .all()
                .get();
        assertEquals(
                List.of("mine"), ongoing.stream().map(t -> t.transactionalId()).toList());
        assertEquals(
                Map.of(1, "t"),
                Map.of(
                        broker.describe("mine")
                                .topicPartitions()
                                .iterator()
                                .next()
                                .partition(),
                        broker.describe("mine")
                                .topicPartitions()
                                .iterator()
                                .next()
                                .topic()));
        producer.abortTransaction();
    }
}
