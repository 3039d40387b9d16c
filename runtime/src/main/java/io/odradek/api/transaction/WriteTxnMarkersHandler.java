package io.odradek.api.transaction;

import io.odradek.api.ApiHandler;
import io.odradek.api.InterBrokerListener;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.api.Stages;
import io.odradek.security.AccessControl;
import io.odradek.transaction.MarkerDestination;
import io.odradek.transaction.TransactionMarker;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.WriteTxnMarkersRequest;
import org.apache.kafka.common.requests.WriteTxnMarkersRequest.TxnMarkerEntry;
import org.apache.kafka.common.requests.WriteTxnMarkersResponse;

/** WriteTxnMarkers: from the transaction coordinators, and from an admin who aborts a hanging transaction (KIP-664). */
public final class WriteTxnMarkersHandler implements ApiHandler<WriteTxnMarkersRequest> {
    private final MarkerDestination markers;
    private final AccessControl access;
    private final InterBrokerListener interBroker;

    /**
     * @param markers writes into the partitions of this broker
     * @param interBroker where a coordinator on another broker may ask; elsewhere only an admin may
     */
    public WriteTxnMarkersHandler(MarkerDestination markers, AccessControl access, InterBrokerListener interBroker) {
        this.markers = markers;
        this.access = access;
        this.interBroker = interBroker;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.WRITE_TXN_MARKERS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, WriteTxnMarkersRequest request) {
        return access.allowedOnCluster(context.client(), AclOperation.ALTER)
                .thenCompose(allowed -> allowed || !interBroker.mayBeBroker(context)
                        ? CompletableFuture.completedStage(allowed)
                        : access.allowedOnCluster(context.client(), AclOperation.CLUSTER_ACTION))
                .thenCompose(allowed -> {
                    if (!allowed) {
                        throw new ClusterAuthorizationException(Errors.CLUSTER_AUTHORIZATION_FAILED.message());
                    }
                    return write(request);
                });
    }

    private CompletionStage<Reply> write(WriteTxnMarkersRequest request) {
        // A marker for no partitions is not answered: the answer is by partitions.
        var entries = request.markers().stream()
                .filter(entry -> !entry.partitions().isEmpty())
                .toList();
        return Stages.all(entries.stream().map(this::write).toList()).thenApply(results -> {
            var errors = new HashMap<Long, Map<TopicPartition, Errors>>();
            for (int i = 0; i < entries.size(); i++) {
                errors.computeIfAbsent(entries.get(i).producerId(), id -> new HashMap<>())
                        .putAll(results.get(i));
            }
            return Reply.of(new WriteTxnMarkersResponse(errors));
        });
    }

    private CompletionStage<Map<TopicPartition, Errors>> write(TxnMarkerEntry entry) {
        if (entry.producerId() < 0 || entry.producerEpoch() < 0) {
            // No such marker can be made. The error is Kafka's.
            var errors = new HashMap<TopicPartition, Errors>();
            entry.partitions().forEach(partition -> errors.put(partition, Errors.UNKNOWN_SERVER_ERROR));
            return CompletableFuture.completedStage(errors);
        }
        return markers.write(
                new TransactionMarker(
                        entry.producerId(),
                        entry.producerEpoch(),
                        entry.coordinatorEpoch(),
                        entry.transactionResult(),
                        entry.transactionVersion()),
                entry.partitions());
    }
}
