package io.odradek.group.consumer;

import com.dynatrace.hash4j.hashing.Hashing;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.TopicImage;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Hashes of topics, by which a group sees that one of its topics is another than before: its id, its partitions, or the
 * racks they are in (KIP-1101). The same numbers as in Apache Kafka.
 */
final class TopicHashes {
    private static final byte FORMAT = 0;

    /** More topics than groups of one shard commonly share; beyond that, hashes are computed again. */
    private static final int MAX_CACHED = 10_000;

    private final Map<String, Long> byTopic = new HashMap<>();

    /** Forgets a topic that has changed. */
    void changed(String topic) {
        byTopic.remove(topic);
    }

    /** Of all of these topics that exist; 0 if none does. */
    long of(Collection<String> topics, MetadataImage image) {
        var sorted = topics.stream()
                .sorted()
                .map(topic -> image.topics().byName(topic))
                .flatMap(Optional::stream)
                .toList();
        if (sorted.isEmpty()) {
            return 0;
        }
        if (byTopic.size() > MAX_CACHED) {
            byTopic.clear();
        }
        var hash = Hashing.xxh3_64().hashStream();
        sorted.forEach(topic -> hash.putLong(byTopic.computeIfAbsent(topic.name(), name -> of(topic, image))));
        return hash.getAsLong();
    }

    private static long of(TopicImage topic, MetadataImage image) {
        var hash = Hashing.xxh3_64()
                .hashStream()
                .putByte(FORMAT)
                .putLong(topic.id().getMostSignificantBits())
                .putLong(topic.id().getLeastSignificantBits())
                .putString(topic.name())
                .putInt(topic.partitions().size());
        for (int partition = 0; partition < topic.partitions().size(); partition++) {
            hash.putInt(partition);
            topic.partitions().get(partition).replicas().stream()
                    .map(image::broker)
                    .flatMap(Optional::stream)
                    .flatMap(broker -> broker.rack().stream())
                    .sorted()
                    .forEach(rack -> hash.putInt(rack.length()).putString(rack));
        }
        return hash.getAsLong();
    }
}
