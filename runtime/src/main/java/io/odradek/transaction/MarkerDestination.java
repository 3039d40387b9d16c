package io.odradek.transaction;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;

/** A broker that leads partitions which are to get a marker: this one, or another that is reached over the network. */
@FunctionalInterface
public interface MarkerDestination {
    /**
     * Writes the marker into each of the partitions.
     *
     * @return what became of each, as in WriteTxnMarkers; never fails. Must complete some time, or the transaction stays
     *     prepared
     */
    CompletionStage<Map<TopicPartition, Errors>> write(TransactionMarker marker, Collection<TopicPartition> partitions);
}
