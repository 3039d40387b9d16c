package io.odradek.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;

/**
 * Sends records one after the other and stops at the first that fails. The producer's own buffer bounds what is under
 * way. Used by one thread; failures arrive on the producer's.
 */
final class RecordSender {
    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final PartitionChoice choice;
    private final List<Header> commonHeaders;
    private final AtomicReference<CommandFailure> failure = new AtomicReference<>();

    RecordSender(Producer<byte[], byte[]> producer, String topic, PartitionChoice choice, List<Header> commonHeaders) {
        this.producer = producer;
        this.topic = topic;
        this.choice = choice;
        this.commonHeaders = commonHeaders;
    }

    /** @throws CommandFailure if this record cannot be sent, or one before it was refused */
    void send(InputRecord record) {
        throwIfFailed();
        int partition = choosePartition(record);
        try {
            producer.send(
                    new ProducerRecord<>(
                            topic,
                            partition,
                            record.timestampMs().isPresent()
                                    ? record.timestampMs().getAsLong()
                                    : null,
                            record.key().orElse(null),
                            record.value().orElse(null),
                            headers(record)),
                    (metadata, e) -> {
                        if (e != null) {
                            failure.compareAndSet(null, failure(record, e));
                        }
                    });
        } catch (KafkaException e) {
            throw failure(record, e);
        }
    }

    /** Waits until everything sent is acknowledged, then throws the first failure if there was one. */
    void finish() {
        producer.flush();
        throwIfFailed();
    }

    private void throwIfFailed() {
        if (failure.get() != null) {
            throw failure.get();
        }
    }

    private List<Header> headers(InputRecord record) {
        if (record.headers().isEmpty()) {
            return commonHeaders;
        }
        var headers = new ArrayList<>(commonHeaders);
        headers.addAll(record.headers());
        return headers;
    }

    private CommandFailure failure(InputRecord record, Exception e) {
        return new CommandFailure("line " + record.line() + ": " + Failures.oneLine(e), e);
    }

    /** The first choice asks for the topic's metadata, so what is wrong with the topic comes out here. */
    private int choosePartition(InputRecord record) {
        try {
            return choice.choose(record);
        } catch (TimeoutException e) {
            boolean unknown = e.getMessage() != null && e.getMessage().contains("not present in metadata");
            throw new CommandFailure(unknown ? "topic '" + topic + "' does not exist" : Failures.oneLine(e), e);
        } catch (ApiException e) {
            throw Failures.ofTopic(topic, e);
        }
    }
}
