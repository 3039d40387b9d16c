package io.odradek.api;

import java.util.Optional;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AddPartitionsToTxnRequest;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;

/**
 * Where brokers speak to each other, and what they alone may ask. A client that forges such a request could move the high
 * watermark, read what is not committed, or keep transactions from being verified, so it is refused on every other
 * listener; on this one CLUSTER_ACTION is needed, as in Kafka. Where it is also the listener of clients, that is all there
 * is.
 */
public final class InterBrokerListener {
    private static final short FIRST_BROKER_VERSION_OF_ADD_PARTITIONS_TO_TXN = 4;

    private final Optional<String> name;

    private InterBrokerListener(Optional<String> name) {
        this.name = name;
    }

    /** @param name of {@code inter.broker.listener.name}, or as {@code security.inter.broker.protocol} says */
    public static InterBrokerListener named(String name) {
        return new InterBrokerListener(Optional.of(name));
    }

    /** Lets brokers speak to each other on all listeners. */
    public static InterBrokerListener any() {
        return new InterBrokerListener(Optional.empty());
    }

    /** Whether who asks may be a broker. */
    public boolean mayBeBroker(RequestContext context) {
        return name.isEmpty() || name.get().equals(context.client().listener());
    }

    boolean allows(RequestContext context, AbstractRequest request) {
        return !isOfBroker(request) || mayBeBroker(context);
    }

    /** Requests that nobody but a broker sends. WriteTxnMarkers is none: an admin may end a hanging transaction with it. */
    private static boolean isOfBroker(AbstractRequest request) {
        if (request instanceof FetchRequest fetch) {
            return fetch.isFromFollower();
        }
        if (request instanceof ListOffsetsRequest offsets) {
            return isReplica(offsets.replicaId());
        }
        if (request instanceof OffsetsForLeaderEpochRequest epochs) {
            return isReplica(epochs.replicaId());
        }
        return request instanceof AddPartitionsToTxnRequest add
                && add.version() >= FIRST_BROKER_VERSION_OF_ADD_PARTITIONS_TO_TXN;
    }

    private static boolean isReplica(int replicaId) {
        return FetchRequest.isValidBrokerId(replicaId);
    }
}
