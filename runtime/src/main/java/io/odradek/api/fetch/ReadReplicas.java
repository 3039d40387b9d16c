package io.odradek.api.fetch;

import io.odradek.metadata.MetadataImage;
import io.odradek.replication.PartitionLeader;
import io.odradek.replication.ReadableFollower;
import io.odradek.replication.ReadablePartition;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.replica.ClientMetadata;
import org.apache.kafka.common.replica.PartitionView.DefaultPartitionView;
import org.apache.kafka.common.replica.ReplicaSelector;
import org.apache.kafka.common.replica.ReplicaView;
import org.apache.kafka.common.replica.ReplicaView.DefaultReplicaView;
import org.jboss.logging.Logger;

/** Where a consumer had better read a partition from (KIP-392): what {@code replica.selector.class} says. Thread-safe. */
public final class ReadReplicas {
    private static final Logger LOG = Logger.getLogger(ReadReplicas.class);

    private final Optional<ReplicaSelector> selector;
    private final int nodeId;
    private final Supplier<MetadataImage> metadata;

    private ReadReplicas(Optional<ReplicaSelector> selector, int nodeId, Supplier<MetadataImage> metadata) {
        this.selector = selector;
        this.nodeId = nodeId;
        this.metadata = metadata;
    }

    public static ReadReplicas leadersOnly() {
        return new ReadReplicas(Optional.empty(), Node.noNode().id(), () -> MetadataImage.EMPTY);
    }

    /**
     * @param selector asked by many threads at once; must not block
     * @param nodeId of this broker
     */
    public static ReadReplicas chosenBy(ReplicaSelector selector, int nodeId, Supplier<MetadataImage> metadata) {
        return new ReadReplicas(Optional.of(selector), nodeId, metadata);
    }

    /** Whether anybody is ever sent to another replica. */
    boolean areChosen() {
        return selector.isPresent();
    }

    /** The follower that the consumer is to read from, if there is a better one than this replica. */
    OptionalInt preferred(ReadablePartition partition, Optional<ClientMetadata> consumer, long fetchOffset) {
        if (selector.isEmpty() || consumer.isEmpty() || !(partition instanceof PartitionLeader leader)) {
            return OptionalInt.empty();
        }
        var followers = leader.readableFollowers(fetchOffset);
        if (followers.isEmpty()) {
            return OptionalInt.empty();
        }
        try {
            return select(leader, followers, consumer.get());
        } catch (RuntimeException e) {
            LOG.errorf(e, "replica.selector.class chose no replica of %s", leader.id());
            return OptionalInt.empty();
        }
    }

    private OptionalInt select(PartitionLeader leader, List<ReadableFollower> followers, ClientMetadata consumer) {
        var image = metadata.get();
        var own = view(image, nodeId, consumer.listenerName(), leader.log().logEndOffset(), 0);
        var views = new HashSet<ReplicaView>();
        views.add(own);
        for (var follower : followers) {
            views.add(view(
                    image,
                    follower.brokerId(),
                    consumer.listenerName(),
                    follower.endOffset(),
                    follower.caughtUpAgoMs()));
        }
        var id = new TopicPartition(leader.id().topic(), leader.id().partition());
        return selector.get().select(id, consumer, new DefaultPartitionView(views, own)).stream()
                .filter(selected ->
                        !selected.equals(own) && !selected.endpoint().isEmpty())
                .mapToInt(selected -> selected.endpoint().id())
                .findFirst();
    }

    /** A broker that is not reached over the consumer's listener has no endpoint, and no rack either. */
    private static ReplicaView view(
            MetadataImage image, int brokerId, String listener, long endOffset, long caughtUpAgoMs) {
        var node = image.broker(brokerId)
                .filter(broker -> !broker.fenced())
                .flatMap(broker -> broker.endpoint(listener)
                        .map(e -> new Node(
                                brokerId, e.host(), e.port(), broker.rack().orElse(null))))
                .orElse(Node.noNode());
        return new DefaultReplicaView(node, endOffset, caughtUpAgoMs);
    }
}
