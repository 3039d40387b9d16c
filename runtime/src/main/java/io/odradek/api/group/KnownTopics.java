package io.odradek.api.group;

import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.TopicImage;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/** What the metadata says of topics in requests about offsets. */
final class KnownTopics {
    private KnownTopics() {}

    static Optional<String> name(MetadataImage image, Uuid id) {
        return image.topics().byId(id).map(TopicImage::name);
    }

    /** Zero if there is no such topic. */
    static Uuid id(MetadataImage image, String name) {
        return image.topics().byName(name).map(TopicImage::id).orElse(Uuid.ZERO_UUID);
    }

    static boolean hasPartition(MetadataImage image, String name, int partition) {
        return image.topics()
                .byName(name)
                .flatMap(topic -> topic.partition(partition))
                .isPresent();
    }
}
