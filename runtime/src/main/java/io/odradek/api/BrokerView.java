package io.odradek.api;

import io.odradek.metadata.BrokerImage;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.PartitionImage;
import io.odradek.metadata.QuorumState;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.Node;

/**
 * The cluster's brokers as the clients of one listener see them: a broker without that listener is none to them.
 *
 * @param listener name of the listener that the client came in on
 */
record BrokerView(MetadataImage image, String listener) {
    private static final int NO_CONTROLLER = -1;

    static BrokerView of(MetadataImage image, RequestContext context) {
        return new BrokerView(image, context.client().listener());
    }

    /** Registered brokers, fenced ones included, by id. */
    Stream<Node> registered() {
        return image.brokers().values().stream().flatMap(broker -> node(broker).stream());
    }

    /** Brokers in service, by id. */
    List<Node> alive() {
        return registered().filter(node -> !node.isFenced()).toList();
    }

    boolean isAlive(int brokerId) {
        return image.broker(brokerId)
                .filter(broker -> !broker.fenced() && broker.endpoint(listener).isPresent())
                .isPresent();
    }

    boolean hasListener(int brokerId) {
        return image.broker(brokerId)
                .flatMap(broker -> broker.endpoint(listener))
                .isPresent();
    }

    List<Integer> offlineReplicas(PartitionImage partition) {
        return partition.replicas().stream().filter(id -> !isAlive(id)).toList();
    }

    /**
     * The broker that clients are told is the controller. Every broker takes what a controller takes, so if the real one
     * cannot be reached over this listener any broker in service will do.
     */
    int controllerId(QuorumState quorum) {
        return isAlive(quorum.leaderId())
                ? quorum.leaderId()
                : alive().stream().map(Node::id).findFirst().orElse(NO_CONTROLLER);
    }

    private Optional<Node> node(BrokerImage broker) {
        return broker.endpoint(listener)
                .map(e ->
                        new Node(broker.id(), e.host(), e.port(), broker.rack().orElse(null), broker.fenced()));
    }
}
