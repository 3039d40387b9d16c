package io.odradek.transaction;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.WriteTxnMarkersRequest;
import org.apache.kafka.common.requests.WriteTxnMarkersRequest.TxnMarkerEntry;
import org.apache.kafka.common.requests.WriteTxnMarkersResponse;
import org.jboss.logging.Logger;

/**
 * Writes markers into partitions that other brokers lead, with WriteTxnMarkers. The markers of many transactions to one
 * broker go together. A broker that cannot be reached is NETWORK_EXCEPTION for all its partitions; whoever asks tries
 * again, perhaps elsewhere.
 *
 * <p>Thread-safe.
 */
public final class RemoteMarkers {
    private static final Logger LOG = Logger.getLogger(RemoteMarkers.class);

    private final BrokerRequests brokers;
    /** As many as there have been brokers. */
    private final Map<Integer, BrokerBatches<TxnMarkerEntry, Map<TopicPartition, Errors>>> byBroker =
            new ConcurrentHashMap<>();

    public RemoteMarkers(BrokerRequests brokers) {
        this.brokers = brokers;
    }

    /** The way to one broker. */
    public MarkerDestination to(int broker) {
        var batches = byBroker.computeIfAbsent(
                broker,
                // The answer is by producer ids.
                id -> new BrokerBatches<>(TxnMarkerEntry::producerId, markers -> write(id, markers)));
        return (marker, partitions) -> batches.ask(entry(marker, partitions)).exceptionally(failure -> {
            LOG.debugf("Markers could not be sent to broker %d: %s", broker, failure);
            return all(partitions, Errors.NETWORK_EXCEPTION);
        });
    }

    private static TxnMarkerEntry entry(TransactionMarker marker, Collection<TopicPartition> partitions) {
        return new TxnMarkerEntry(
                marker.producerId(),
                marker.producerEpoch(),
                marker.coordinatorEpoch(),
                marker.result(),
                List.copyOf(partitions),
                marker.transactionVersion());
    }

    private CompletionStage<List<Map<TopicPartition, Errors>>> write(int broker, List<TxnMarkerEntry> markers) {
        return brokers.send(broker, new WriteTxnMarkersRequest.Builder(markers))
                .thenApply(response -> answers(markers, response));
    }

    private static List<Map<TopicPartition, Errors>> answers(List<TxnMarkerEntry> markers, AbstractResponse response) {
        var errors = ((WriteTxnMarkersResponse) response).errorsByProducerId();
        var answers = new ArrayList<Map<TopicPartition, Errors>>(markers.size());
        for (var marker : markers) {
            var answer = all(marker.partitions(), Errors.UNKNOWN_SERVER_ERROR);
            answer.putAll(errors.getOrDefault(marker.producerId(), Map.of()));
            answers.add(answer);
        }
        return answers;
    }

    private static Map<TopicPartition, Errors> all(Collection<TopicPartition> partitions, Errors error) {
        var errors = new HashMap<TopicPartition, Errors>();
        partitions.forEach(p -> errors.put(p, error));
        return errors;
    }
}
