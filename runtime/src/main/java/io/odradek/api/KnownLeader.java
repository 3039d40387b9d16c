package io.odradek.api;

import io.odradek.metadata.Endpoint;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.PartitionImage;
import java.util.Optional;

/**
 * Where a client that asked the wrong broker should go (KIP-951).
 *
 * @param id -1 if the partition is unknown or has no leader
 * @param leaderEpoch -1 if the partition is unknown
 * @param endpoint of the leader, on the listener that the client uses
 * @param rack of the leader
 */
record KnownLeader(int id, int leaderEpoch, Optional<Endpoint> endpoint, Optional<String> rack) {
    static KnownLeader of(MetadataImage image, String topic, int partition, String listener) {
        var known = image.topics().byName(topic).flatMap(t -> t.partition(partition));
        int id = known.map(PartitionImage::leader).orElse(-1);
        int epoch = known.map(PartitionImage::leaderEpoch).orElse(-1);
        var broker = image.broker(id).filter(b -> !b.fenced());
        return new KnownLeader(id, epoch, broker.flatMap(b -> b.endpoint(listener)), broker.flatMap(b -> b.rack()));
    }
}
