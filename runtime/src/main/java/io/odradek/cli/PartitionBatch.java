package io.odradek.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.TimeoutException;

/** What became of several partitions: all are told in order, the failures in one line at the end. */
final class PartitionBatch {
    static final Comparator<TopicPartition> ORDER =
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

    private final List<String> failures = new ArrayList<>();
    private final Terminal terminal;
    private final String done;

    /** @param done what is said of a partition where it worked */
    PartitionBatch(Terminal terminal, String done) {
        this.terminal = terminal;
        this.done = done;
    }

    /** Waits for all of them. */
    void await(Map<TopicPartition, KafkaFuture<Void>> answers) {
        answers.keySet().stream().sorted(ORDER).forEach(partition -> {
            try {
                Failures.await(answers.get(partition));
                succeeded(partition);
            } catch (TimeoutException e) {
                throw e;
            } catch (ApiException e) {
                failed(partition, e);
            }
        });
        throwIfFailed();
    }

    void succeeded(TopicPartition partition) {
        terminal.println(done + " " + PartitionText.of(partition));
    }

    void failed(TopicPartition partition, Throwable failure) {
        failed(PartitionText.of(partition), failure);
    }

    /** @param name of the partition, or of a part of it */
    void failed(String name, Throwable failure) {
        failures.add("partition " + name + ": " + Failures.oneLine(failure));
    }

    void throwIfFailed() {
        if (!failures.isEmpty()) {
            throw new CommandFailure(String.join("; ", failures));
        }
    }
}
