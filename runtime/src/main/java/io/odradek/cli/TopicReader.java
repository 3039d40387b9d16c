package io.odradek.cli;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Reads from where the consumer stands and prints. Used by one thread. */
final class TopicReader {
    /** How long a fetch waits before the ends are looked at again; records end the wait. */
    private static final Duration POLL = Duration.ofMillis(500);

    private final Consumer<byte[], byte[]> consumer;
    private final Terminal terminal;
    private final RecordPrinter printer;
    private long remaining;

    TopicReader(Consumer<byte[], byte[]> consumer, Terminal terminal, RecordPrinter printer, long maxRecords) {
        this.consumer = consumer;
        this.terminal = terminal;
        this.printer = printer;
        remaining = maxRecords;
    }

    /** Prints what comes until the wanted number of records is reached. */
    void follow() {
        while (remaining > 0) {
            for (var record : consumer.poll(POLL)) {
                print(record);
            }
            terminal.flush();
        }
    }

    /** Prints until every partition is at its end, or the wanted number of records is reached. */
    void readUntil(StartOffsets offsets) {
        var unfinished = offsets.unfinished();
        var finished = new java.util.HashSet<>(offsets.start().keySet());
        finished.removeAll(unfinished);
        consumer.pause(finished);
        while (remaining > 0 && !unfinished.isEmpty()) {
            var records = consumer.poll(POLL);
            for (var partition : records.partitions()) {
                printUpTo(offsets.end(), partition, records.records(partition));
            }
            // The position also passes what is no record: markers of transactions, gaps that compaction left.
            var reached = unfinished.stream()
                    .filter(p -> consumer.position(p) >= offsets.end().get(p))
                    .toList();
            consumer.pause(reached);
            unfinished.removeAll(reached);
        }
    }

    private void printUpTo(
            Map<TopicPartition, Long> end, TopicPartition partition, List<ConsumerRecord<byte[], byte[]>> records) {
        for (var record : records) {
            if (record.offset() < end.get(partition)) {
                print(record);
            }
        }
    }

    private void print(ConsumerRecord<byte[], byte[]> record) {
        if (remaining > 0) {
            remaining--;
            printer.print(terminal, record);
        }
    }
}
