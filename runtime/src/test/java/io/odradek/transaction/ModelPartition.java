package io.odradek.transaction;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.requests.TransactionResult;

/** A data partition as far as transactions are concerned: the rules by which a log takes batches and markers. */
final class ModelPartition {
    /** What a transaction wrote; {@code transaction} counts the transactions of all producers. */
    record Value(long transaction) {}

    private static final class Producer {
        private short epoch = -1;
        private int coordinatorEpoch = -1;
        private final List<Value> open = new ArrayList<>();
    }

    private final Map<Long, Producer> producers = new HashMap<>();
    private Map<Value, TransactionResult> ended = new HashMap<>();

    /** False if the producer is fenced here. */
    boolean append(long producerId, short epoch, long transaction) {
        var producer = producers.computeIfAbsent(producerId, id -> new Producer());
        if (epoch < producer.epoch) {
            return false;
        }
        producer.epoch = epoch;
        producer.open.add(new Value(transaction));
        return true;
    }

    /** False if it is refused for good. */
    boolean end(TransactionMarker marker) {
        var producer = producers.computeIfAbsent(marker.producerId(), id -> new Producer());
        boolean strict = marker.transactionVersion() >= 2;
        boolean stale = strict ? marker.producerEpoch() <= producer.epoch : marker.producerEpoch() < producer.epoch;
        boolean repeated = strict && marker.producerEpoch() == producer.epoch && producer.open.isEmpty();
        if (stale && !repeated || marker.coordinatorEpoch() < producer.coordinatorEpoch) {
            return false;
        }
        producer.epoch = marker.producerEpoch();
        producer.coordinatorEpoch = marker.coordinatorEpoch();
        producer.open.forEach(value -> ended.put(value, marker.result()));
        producer.open.clear();
        return true;
    }

    /** What a marker has ended since the last call. */
    Map<Value, TransactionResult> takeEnded() {
        var taken = ended;
        ended = new HashMap<>();
        return taken;
    }

    boolean hasOpen() {
        return producers.values().stream().anyMatch(p -> !p.open.isEmpty());
    }
}
