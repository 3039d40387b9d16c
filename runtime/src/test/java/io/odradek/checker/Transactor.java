package io.odradek.checker;

import io.odradek.checker.Event.Activity;
import io.odradek.checker.Event.Outcome;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Transactions of one transactional id, written down as operations. Whatever goes wrong ends in a new producer with the same
 * id, which fences the old one. For one thread.
 */
final class Transactor implements AutoCloseable {
    /** How an operation is meant to end. */
    enum Ending {
        COMMIT,
        ABORT,
        /** The client vanishes with its transaction open. */
        VANISH,
        /** Another producer with the same transactional id comes up, and then this one tries to commit. */
        FENCED,
        /** There was nothing to do. */
        NOTHING
    }

    /** What an operation does before it ends. */
    interface Body {
        Ending run(Transactor transaction);
    }

    private static final int TRANSACTION_TIMEOUT_MS = 10_000;

    private final Clients clients;
    private final Journal journal;
    private final int writer;
    private final BooleanSupplier stop;
    private KafkaProducer<byte[], Long> producer;
    private long sequence;
    private TopicPartition last;
    private boolean begun;

    /** @param writer a number that no other producer ever has */
    Transactor(Clients clients, Journal journal, int writer, BooleanSupplier stop) {
        this.clients = clients;
        this.journal = journal;
        this.writer = writer;
        this.stop = stop;
        reopen();
    }

    private void reopen() {
        discard();
        while (!stop.getAsBoolean()) {
            producer = clients.producer(journal.process(), TRANSACTION_TIMEOUT_MS);
            try {
                producer.initTransactions();
                return;
            } catch (KafkaException e) {
                discard();
            }
        }
    }

    private void discard() {
        if (producer != null) {
            producer.close(Duration.ZERO);
            producer = null;
        }
    }

    Outcome transact(Body body) {
        if (producer == null) {
            return Outcome.FAIL;
        }
        journal.invoke(Activity.TRANSACTION);
        begun = false;
        Ending ending;
        try {
            ending = body.run(this);
        } catch (KafkaException e) {
            ending = Ending.ABORT;
        }
        var outcome =
                switch (ending) {
                    case NOTHING -> Outcome.OK;
                    case COMMIT -> begun ? commit() : Outcome.OK;
                    case ABORT -> abort();
                    case FENCED -> commitFenced();
                    case VANISH -> Outcome.FAIL;
                };
        journal.complete(outcome);
        if (outcome == Outcome.INFO || ending == Ending.VANISH) {
            reopen();
        }
        return outcome;
    }

    private Outcome commit() {
        journal.commit();
        try {
            producer.commitTransaction();
            return Outcome.OK;
        } catch (KafkaException e) {
            return Outcome.INFO;
        }
    }

    private Outcome abort() {
        if (begun) {
            try {
                producer.abortTransaction();
            } catch (KafkaException e) {
                reopen();
            }
        }
        return Outcome.FAIL;
    }

    /** Whatever the old producer is told, nothing of it may ever be seen. */
    private Outcome commitFenced() {
        var old = producer;
        producer = null;
        reopen();
        try {
            if (begun && producer != null) {
                send(old, last);
                old.commitTransaction();
            }
        } catch (KafkaException e) {
            // So it should be.
        } finally {
            old.close(Duration.ZERO);
        }
        return Outcome.FAIL;
    }

    /** Hands a record to the producer; the transaction begins with the first. */
    void send(TopicPartition log) {
        begin();
        last = log;
        send(producer, log);
    }

    private void send(KafkaProducer<byte[], Long> producer, TopicPartition log) {
        var value = Values.of(writer, sequence++);
        journal.send(log, value);
        producer.send(new ProducerRecord<>(log.topic(), log.partition(), null, value), (metadata, error) -> {
            if (error == null) {
                journal.acknowledge(log, value, metadata.offset());
            }
        });
    }

    void offsets(ConsumerGroupMetadata group, Map<TopicPartition, OffsetAndMetadata> positions) {
        begin();
        journal.offsets(group.groupId(), positions);
        producer.sendOffsetsToTransaction(positions, group);
    }

    private void begin() {
        if (!begun) {
            producer.beginTransaction();
            begun = true;
        }
    }

    @Override
    public void close() {
        discard();
    }
}
